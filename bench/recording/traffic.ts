/** Exchanges like those of a shop's JSON service: lists with repeated keys, ids, times and prose, sessions with cookies. No two bodies are alike. */

import { createHash } from "node:crypto";
import { type Random, seededRandom } from "../../model/random.ts";

export interface RawExchange {
  readonly lane: string;
  /** With the empty line behind it. */
  readonly requestHead: string;
  readonly requestBody: string;
  readonly answerHead: string;
  readonly answerBody: string;
}

const words =
  "light steel chair with four legs and a soft seat for long evenings kettle that boils fast quiet blue wool socks garden lamp oak table round mirror small large water proof travel bag leather belt hand made ceramic cup set of six winter jacket warm cotton shirt".split(
    " ",
  );
const agents = [
  "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36",
  "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1",
  "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:132.0) Gecko/20100101 Firefox/132.0",
];
const sessions = 500;
const startMs = 1_763_798_400_000;
const writesOneIn = 10;

/** @param bodyBytes about so many an answer */
export function* traffic(count: number, bodyBytes: number): Generator<RawExchange> {
  const random = seededRandom(bodyBytes);
  for (let index = 0; index < count; index++) yield exchangeOf(index, bodyBytes, random);
}

function exchangeOf(index: number, bodyBytes: number, random: Random): RawExchange {
  const session = random.below(sessions);
  const token = createHash("sha256").update(`session ${session}`).digest("base64url");
  const answerBody = itemsOf(bodyBytes, random);
  const isWrite = index % writesOneIn === 0;
  const requestBody = isWrite
    ? JSON.stringify({ items: [itemOf(random)], coupon: null, clientTime: new Date(startMs + index).toISOString() })
    : "";
  const target = isWrite
    ? `/api/v2/carts/${session}/items`
    : `/api/v2/products?category=${random.below(40)}&page=${random.below(20)}&sort=price`;
  const requestHead = [
    `${isWrite ? "POST" : "GET"} ${target} HTTP/1.1`,
    "Host: shop.example.com",
    `User-Agent: ${agents[session % agents.length] ?? ""}`,
    "Accept: application/json, text/plain, */*",
    "Accept-Language: en-GB,en;q=0.8,de;q=0.5",
    "Accept-Encoding: gzip, deflate, br",
    `Cookie: sid=${token}; theme=${session % 2 === 0 ? "dark" : "light"}`,
    `X-Request-Id: ${uuidOf(random)}`,
    "Connection: keep-alive",
    ...(isWrite ? ["Content-Type: application/json", `Content-Length: ${Buffer.byteLength(requestBody)}`] : []),
  ];
  const answerHead = [
    "HTTP/1.1 200 OK",
    `Date: ${new Date(startMs + index).toUTCString()}`,
    "Content-Type: application/json; charset=utf-8",
    `Content-Length: ${Buffer.byteLength(answerBody)}`,
    "Cache-Control: private, max-age=0",
    "Vary: Accept-Encoding, Cookie",
    `ETag: W/"${random.below(2 ** 31).toString(16)}"`,
    "Connection: keep-alive",
  ];
  return { lane: `lane-${session}`, requestHead: headOf(requestHead), requestBody, answerHead: headOf(answerHead), answerBody };
}

function headOf(lines: readonly string[]): string {
  return `${lines.join("\r\n")}\r\n\r\n`;
}

function itemsOf(bytes: number, random: Random): string {
  const items: string[] = [];
  for (let length = 0; length < bytes; ) {
    const item = JSON.stringify(itemOf(random));
    items.push(item);
    length += item.length + 1;
  }
  return `{"items":[${items.join(",")}],"total":${random.below(5000)},"next":null}`;
}

function itemOf(random: Random): object {
  const phrase = (length: number): string => Array.from({ length }, () => words[random.below(words.length)] ?? "").join(" ");
  return {
    id: random.below(1_000_000),
    sku: uuidOf(random),
    title: phrase(3),
    description: phrase(12),
    price: { amount: random.below(100_000) / 100, currency: "EUR" },
    stock: random.below(300),
    tags: [phrase(1), phrase(1)],
    updatedAt: new Date(startMs - random.below(10 ** 9)).toISOString(),
  };
}

function uuidOf(random: Random): string {
  const digits = Array.from({ length: 4 }, () =>
    random
      .below(2 ** 32)
      .toString(16)
      .padStart(8, "0"),
  ).join("");
  return `${digits.slice(0, 8)}-${digits.slice(8, 12)}-4${digits.slice(13, 16)}-a${digits.slice(17, 20)}-${digits.slice(20)}`;
}
