/** Every kind of name that services give: random ones of several shapes, and numbers in a row. Another seed, other names. */

import { createHmac } from "node:crypto";
import { type Random, seededRandom } from "../../../model/random.ts";

const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
/** As far apart as those of a service that has been there for a while. */
const firstNumbers = { basket: 100, line: 3000, task: 60_000 } as const;
const shortLength = 12;
const tokenBytes = 24;
const fileIdBytes = 10;

export class Ids {
  readonly #random: Random;
  readonly #secret: Buffer;
  readonly #last = new Map<string, number>();

  constructor(seed: number) {
    this.#random = seededRandom(seed);
    this.#secret = this.#bytes(tokenBytes);
  }

  uuid(): string {
    const hex = this.#bytes(16).toString("hex");
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`;
  }

  /** As nanoid makes them. */
  short(): string {
    return Array.from({ length: shortLength }, () => letters[this.#random.below(letters.length)]).join("");
  }

  token(): string {
    return this.#bytes(tokenBytes).toString("base64url");
  }

  /** Base64 with its plus, slash and padding: it has to be escaped wherever it goes. */
  fileId(): string {
    return `${this.#bytes(fileIdBytes).toString("base64").slice(0, -2)}/+==`;
  }

  /** Numbers of a kind, in the order of asking. Every instance begins alike, so that one's 17 is another's 23. */
  next(kind: keyof typeof firstNumbers): number {
    const next = (this.#last.get(kind) ?? firstNumbers[kind]) + 1;
    this.#last.set(kind, next);
    return next;
  }

  pauseMs(): number {
    return this.#random.below(4);
  }

  /** A JSON Web Token (RFC 7519), signed with HS256. */
  signed(claims: Readonly<Record<string, unknown>>): string {
    const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");
    const content = `${part({ alg: "HS256", typ: "JWT" })}.${part(claims)}`;
    return `${content}.${this.#signature(content)}`;
  }

  /** The claims of a token of this instance; null for any other. */
  verified(token: string): unknown {
    const [header = "", claims = "", signature = ""] = token.split(".");
    if (signature !== this.#signature(`${header}.${claims}`)) return null;
    return JSON.parse(Buffer.from(claims, "base64url").toString("utf8")) as unknown;
  }

  #signature(content: string): string {
    return createHmac("sha256", this.#secret).update(content).digest("base64url");
  }

  #bytes(count: number): Buffer {
    return Buffer.from(Array.from({ length: count }, () => this.#random.below(256)));
  }
}
