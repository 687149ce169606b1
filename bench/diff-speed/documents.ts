/** Pairs of JSON answers such as services give, of any size: objects in arrays with ids, times, URLs, decimals and nested
 * parts; the second one with no, one or many leaves changed. The same seed gives the same bytes. */

import { type Random, seededRandom } from "../../model/random.ts";

/** How the right side differs from the left one. */
export type Change = "identical" | "one leaf" | "many leaves";

export const changes: readonly Change[] = ["identical", "one leaf", "many leaves"];

/** One changed leaf in so many orders. */
const changedOneIn = 4;

interface Order {
  readonly id: string;
  readonly number: number;
  status: string;
  total: string;
  readonly [name: string]: unknown;
}

/** Two documents of about `bytes` bytes each. */
export function documentPair(bytes: number, change: Change, seed: number): readonly [left: string, right: string] {
  const orders: Order[] = [];
  const random = seededRandom(seed);
  for (let size = 0; size < bytes; ) {
    const order = orderOf(orders.length, random);
    orders.push(order);
    size += JSON.stringify(order).length + 1;
  }
  const page = (data: readonly Order[]): string =>
    JSON.stringify({ data, page: { number: 1, of: 17, next: "/api/v2/orders?page=2&limit=50" }, took: 12 });
  const left = page(orders);
  if (change === "identical") return [left, left];
  const middle = orders.length >> 1;
  for (const [index, order] of orders.entries()) {
    if (change === "one leaf" ? index === middle : index % changedOneIn === 0) order.status = "cancelled";
    if (change === "many leaves") order.total = `${order.number}.05`;
  }
  return [left, page(orders)];
}

function orderOf(index: number, random: Random): Order {
  const id = uuid(random);
  return {
    id,
    number: 100_000 + index,
    status: "shipped",
    createdAt: `2026-0${1 + (index % 9)}-1${index % 10}T08:${10 + (index % 50)}:27.${100 + random.below(900)}Z`,
    customer: { id: uuid(random), name: `Åsa Lindqvist ${index}`, email: `asa.${index}@example.com`, isMember: index % 3 === 0 },
    items: [
      { sku: `SKU-${1000 + index}`, quantity: 1 + (index % 4), price: random.below(10_000) / 100, note: null },
      { sku: `SKU-${5000 + index}`, quantity: 2, price: random.below(10_000) / 100, note: "gift wrap, please" },
    ],
    total: `${random.below(1000)}.50`,
    tags: ["web", "priority"],
    self: `https://api.example.com/v2/orders/${id}`,
  };
}

function uuid(random: Random): string {
  const digits = Array.from({ length: 32 }, () => random.below(16).toString(16)).join("");
  return [digits.slice(0, 8), digits.slice(8, 12), `4${digits.slice(13, 16)}`, `a${digits.slice(17, 20)}`, digits.slice(20)].join("-");
}
