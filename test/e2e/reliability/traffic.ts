/** The traffic of the trials: a request and its answer are functions of its number and form, so that both ends know every
 * byte of both and nothing can be changed on the way without being seen. */

/** Forms of exchanges; each is part of its path. */
export const forms = ["small", "chunked", "large", "post", "heavy", "bulky"] as const;
export type Form = (typeof forms)[number];

/** Which form the n-th request has. */
export type Mix = (number: number) => Form;

/** Mostly small answers, as APIs give them; every eighth is large, chunked or has a request body. */
export const usualMix: Mix = (number) =>
  (["small", "small", "chunked", "small", "small", "large", "small", "post"] as const)[number % 8] ?? "small";
/** Fills pipes. */
export const heavyMix: Mix = () => "heavy";
/** Answers of many JSON values, which cost whoever reads them far more memory than they have bytes. */
export const bulkyMix: Mix = () => "bulky";

const rowsOf: Readonly<Record<Exclude<Form, "bulky">, number>> = { small: 3, chunked: 120, large: 400, post: 3, heavy: 5000 };
/** As many values as are still read, with a secret among them, so that they are: half a megabyte, and many times that as a tree. */
const bulkyValues = 190_000;
const bulkyBody = `{"password":"secret","rows":[${"[],".repeat(bulkyValues)}0]}`;
const requestRows = 30;
const chunkBytes = 3000;

/** Random text that does not compress, cut into rows of one width. */
const rowWidth = 48;
const rowPool: readonly string[] = Array.from({ length: 8192 }, (_, row) => JSON.stringify(scrambled(row)));
const answerCache = new Map<string, Buffer>();
const cachedAnswers = 32;

export function requestPath(number: number, form: Form): string {
  return `/items/${number}/${form}`;
}

/** Everything that a user sends. The session is the connection's, as a browser's cookie would be. */
export function requestBytes(number: number, form: Form, session: string): Buffer {
  const body = form === "post" ? jsonOf(number, requestRows) : "";
  const head = [
    `${form === "post" ? "POST" : "GET"} ${requestPath(number, form)} HTTP/1.1`,
    "Host: shop.example",
    "X-Odd-CASE:  kept ",
    `Cookie: sid=${session}`,
    ...(form === "post" ? ["Content-Type: application/json", `Content-Length: ${body.length}`] : []),
  ];
  return Buffer.from(`${head.join("\r\n")}\r\n\r\n${body}`, "latin1");
}

/** Everything that the primary answers. */
export function answerBytes(number: number, form: Form): Buffer {
  const key = requestPath(number, form);
  const known = answerCache.get(key);
  if (known !== undefined) return known;
  const made = makeAnswer(number, form);
  answerCache.set(key, made);
  const [oldest] = answerCache.keys();
  if (answerCache.size > cachedAnswers && oldest !== undefined) answerCache.delete(oldest);
  return made;
}

function makeAnswer(number: number, form: Form): Buffer {
  const body = form === "bulky" ? bulkyBody : jsonOf(number, rowsOf[form]);
  const head = "HTTP/1.1 200 OK\r\ncontent-TYPE: application/json\r\n";
  if (form !== "chunked") return Buffer.from(`${head}Content-Length: ${body.length}\r\n\r\n${body}`, "latin1");
  let chunks = "";
  for (let at = 0; at < body.length; at += chunkBytes) {
    const chunk = body.slice(at, at + chunkBytes);
    chunks += `${chunk.length.toString(16)}\r\n${chunk}\r\n`;
  }
  return Buffer.from(`${head}Transfer-Encoding: chunked\r\n\r\n${chunks}0\r\n\r\n`, "latin1");
}

function jsonOf(number: number, rows: number): string {
  const from = (number * 61) % (rowPool.length - rows);
  return `{"item":${number},"rows":[${rowPool.slice(from, from + rows).join(",")}]}`;
}

/** One row of the pool: digits and letters from a hash of its number (splitmix32). */
function scrambled(row: number): string {
  let state = row * 0x9e3779b9;
  let text = "";
  while (text.length < rowWidth) {
    state = (state + 0x9e3779b9) | 0;
    let mixed = state ^ (state >>> 16);
    mixed = Math.imul(mixed, 0x21f0aaad);
    mixed ^= mixed >>> 15;
    mixed = Math.imul(mixed, 0x735a2d97);
    text += ((mixed ^ (mixed >>> 15)) >>> 0).toString(36);
  }
  return text.slice(0, rowWidth);
}
