/** What the service of the replay benches answers: some 250 bytes of JSON that depend on the path only, so that no replay of an
 * equal build differs from its recording. */

/** Of the request header with the request's number. */
export const numberHeader = "X-Request-Number";

export function answerOf(path: string): string {
  return JSON.stringify({
    path,
    name: "Enamel mug, forest green",
    price: { amount: 1295, currency: "EUR" },
    stock: 41,
    tags: ["kitchen", "outdoor", "gift"],
    description: "Holds a third of a litre, does not mind the fire, and has fallen off more tables than it can tell of.",
  });
}
