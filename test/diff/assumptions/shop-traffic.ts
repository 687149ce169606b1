/** Seeded traffic of a made-up shop: sessions of different kinds of clients, heavy tails, rare fields; and what production may do besides
 * (the plants), each of them violating one belief that traffic without it encodes. */

import { type Exchange, noBody } from "../../../model/exchange.ts";
import { type Random, seededRandom } from "../../../model/random.ts";
import { epochMs, milliseconds } from "../../../model/units.ts";

/** What only production does, and the line that has to name it. */
export const plants = {
  "new endpoint": "DELETE /orders/{id}: is never called",
  "new parameter": "GET /orders: never has the parameter coupon",
  "lost parameter": "GET /search: always has the parameter q",
  "parameter twice": "GET /search: never has the parameter tag twice",
  "constant parameter": "GET /orders: parameter page is always 1",
  "new status": "GET /orders/{id}: never answers 404",
  "new field": "GET /orders/{id}: answer 200 /coupon is always absent",
  "lost field": "GET /orders/{id}: answer 200 /email is always there",
  "null field": "POST /orders: body /note is never null",
  "new type": "GET /orders/{id}: answer 200 /total is never a string",
  "new value": 'PATCH /profile: body /plan is always one of "basic", "plus", never "enterprise"',
  "new boolean": "PATCH /profile: body /newsletter is never true",
  "large number": "POST /orders: body /quantity is never far above 5",
  "negative number": "GET /orders/{id}: answer 200 /balance is never negative",
  "long text": "POST /orders: body /comment is never far longer than 60 characters",
  "many elements": "GET /orders: answer 200 /orders never has far more than 12 elements",
  "empty list": "GET /events: answer 200 is never empty",
  emoji: "PATCH /profile: body /name never has characters beyond the BMP, such as emoji",
  "new header": "GET /search: never has the header if-none-match",
  "lost header": "POST /orders: always has the header x-csrf",
  "header combination": "GET /events: never has the headers x-beta and x-partner together",
  "other order": "GET /events: answer 200 is always in ascending order of at",
  overlap: "POST /cart: never overlaps with GET /cart in its session",
  "id form": "GET /orders/{id}: {id} is never a UUID",
  "media type": "POST /uploads: body is never text/csv",
} as const;

export type Plant = keyof typeof plants;

export interface ShopOptions {
  readonly seed: number;
  readonly sessions: number;
  readonly planted: ReadonlySet<Plant>;
}

/** How often a plant happens where it can. */
const plantRate = 0.06;
const stepMs = 1000;
const orderSteps = 12;
const letters = "abcdefghijklmnopqrstuvwxyz";
const names = Array.from({ length: 40 }, (_, n) => `Name${letters.charAt(n % 26)}${letters.charAt((n * 7) % 26)}`);

interface Client {
  readonly lane: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly partner: "x-beta" | "x-partner" | null;
}

interface Call {
  readonly ask: string;
  readonly query?: readonly string[];
  readonly headers?: readonly (readonly [string, string])[];
  readonly body?: unknown;
  readonly text?: readonly [type: string, text: string];
  readonly status?: number;
  readonly answer?: unknown;
  readonly tookMs?: number;
}

export function shopTraffic(options: ShopOptions): Exchange[] {
  const random = seededRandom(options.seed);
  const shop = new Shop(random, options.planted);
  const exchanges: Exchange[] = [];
  for (let session = 0; session < options.sessions; session++) {
    const client = clientOf(session, random);
    const start = random.below(options.sessions) * stepMs;
    for (let n = 0; n < 8 + random.below(orderSteps); n++) {
      const at = start + n * stepMs;
      for (const [index, call] of shop.calls(client).entries())
        exchanges.push(exchangeOf(`${session}-${n}-${index}`, at + index * 5, client, call));
    }
  }
  return exchanges.sort((a, b) => a.at - b.at);
}

/** Kinds of clients differ by session, as they do in life. */
function clientOf(session: number, random: Random): Client {
  const headers: (readonly [string, string])[] = [
    ["Host", "shop"],
    ["Accept", "application/json"],
  ];
  if (random.below(3) === 0) headers.push(["Accept-Language", random.below(2) === 0 ? "de" : "en"]);
  if (random.below(25) === 0) headers.push(["X-App", "android 7"]);
  if (random.below(4) === 0) headers.push(["Cookie", `theme=dark; seen=${session}`]);
  const [beta, partner] = [random.below(6) === 0, random.below(6) === 0];
  return { lane: `session ${session}`, headers, partner: beta ? "x-beta" : partner ? "x-partner" : null };
}

class Shop {
  private readonly random: Random;
  private readonly planted: ReadonlySet<Plant>;

  constructor(random: Random, planted: ReadonlySet<Plant>) {
    this.random = random;
    this.planted = planted;
  }

  /** One step of a session: a request, or two of which the second may overlap. */
  calls({ partner }: Client): Call[] {
    switch (this.random.below(10)) {
      case 0:
        return [this.orders()];
      case 1:
      case 2:
        return [this.order()];
      case 3:
        return [this.search()];
      case 4:
        return [this.newOrder()];
      case 5:
        return [this.profile()];
      case 6:
      case 7:
        return [this.events(partner)];
      case 8:
        return this.cart();
      default:
        return this.does("new endpoint") ? [{ ask: `DELETE /orders/${this.id()}`, status: 204 }] : [this.upload()];
    }
  }

  private orders(): Call {
    const count = this.does("many elements") ? 60 : 4 + this.random.below(9);
    const orders = Array.from({ length: count }, (_, n) => ({ id: 100 + n, sum: this.amount(), ...this.rarely({ gift: true }) }));
    const page = this.does("constant parameter") ? 2 + this.random.below(40) : 1;
    return {
      ask: "GET /orders",
      query: [
        `page=${page}`,
        ...(this.random.below(2) === 0 ? ["sort=sum"] : []),
        ...(this.does("new parameter") ? ["coupon=SPRING"] : []),
      ],
      answer: { orders, total: this.random.below(5000) },
    };
  }

  private order(): Call {
    const id = this.does("id form") ? `3f2504e0-4f89-41d3-9a0c-0305e82c${this.digits(4)}` : this.id();
    if (this.does("new status")) return { ask: `GET /orders/${id}`, status: 404, answer: { error: "none", hint: { docs: "here" } } };
    return {
      ask: `GET /orders/${id}`,
      answer: {
        id: this.random.below(90_000),
        total: this.does("new type") ? String(this.amount()) : this.amount(),
        balance: this.does("negative number") ? -this.amount() : this.amount(),
        ...(this.does("lost field") ? {} : { email: `${this.name()}@example.org` }),
        ...(this.does("new field") ? { coupon: { code: "A1", percent: 10 } } : {}),
        ...this.rarely({ gift: { text: this.name() } }),
        rates: Object.fromEntries(Array.from({ length: 3 }, () => [`cur${this.letter()}${this.letter()}`, this.amount()])),
      },
    };
  }

  private search(): Call {
    const tags = this.does("parameter twice") ? ["tag=a", "tag=a"] : this.random.below(2) === 0 ? ["tag=a"] : [];
    return {
      ask: "GET /search",
      query: [...(this.does("lost parameter") ? [] : [`q=${this.name()}`]), ...tags],
      headers: this.does("new header") ? [["If-None-Match", '"1"']] : [],
      answer: { hits: this.random.below(9), took: this.amount() },
    };
  }

  private newOrder(): Call {
    return {
      ask: "POST /orders",
      headers: this.does("lost header") ? [] : [["X-CSRF", this.digits(12)]],
      body: {
        sku: this.name(),
        quantity: this.does("large number") ? 100 + this.random.below(900) : 1 + this.random.below(5),
        note: this.does("null field") ? null : this.name(),
        comment: "y".repeat(this.does("long text") ? 900 : 1 + this.random.below(60)),
      },
      status: 201,
      answer: { id: this.random.below(90_000) },
    };
  }

  private profile(): Call {
    return {
      ask: "PATCH /profile",
      body: {
        name: this.does("emoji") ? `${this.name()}😀` : this.name(),
        plan: this.does("new value") ? "enterprise" : this.random.below(3) === 0 ? "plus" : "basic",
        newsletter: this.does("new boolean"),
      },
      answer: { saved: true },
    };
  }

  private events(partner: Client["partner"]): Call {
    const count = this.does("empty list") ? 0 : 3 + this.random.below(5);
    const times = Array.from({ length: count }, (_, n) => 1_763_798_400 + n * 60 + this.random.below(50));
    if (this.does("other order")) times.reverse();
    const both = this.does("header combination");
    const sent = both ? (["x-beta", "x-partner"] as const) : partner === null ? [] : [partner];
    return {
      ask: "GET /events",
      headers: sent.map((name) => [name, "1"] as const),
      answer: times.map((at) => ({ at, text: this.name() })),
    };
  }

  private cart(): Call[] {
    const read: Call = { ask: "GET /cart", answer: { items: this.random.below(4) }, tookMs: 1 };
    const prices: Call = { ask: "GET /prices", answer: { sum: this.amount() } };
    // Clients that ask for both at once there are everywhere.
    if (this.random.below(2) === 0) return [{ ...read, tookMs: this.random.below(9) }, prices];
    return [
      { ...read, tookMs: this.does("overlap") ? 8 : 1 },
      { ask: "POST /cart", body: { sku: this.name() }, answer: { ok: true } },
    ];
  }

  private upload(): Call {
    return {
      ask: "POST /uploads",
      text: this.does("media type") ? ["text/csv", "a;b"] : ["text/plain", "x".repeat(200 + this.random.below(400))],
    };
  }

  private does(plant: Plant): boolean {
    // Asked in any case, so that traffic without plants is the same otherwise.
    const happens = this.random.next() < plantRate;
    return happens && this.planted.has(plant);
  }

  private rarely<T extends object>(fields: T): Partial<T> {
    return this.random.below(150) === 0 ? fields : {};
  }

  /** Log-normal, roughly: a heavy tail. */
  private amount(): number {
    const sum = this.random.next() + this.random.next() + this.random.next() + this.random.next() - 2;
    return Math.round(Math.exp(3 + 2 * sum) * 100) / 100;
  }

  /** By Zipf's law: some names often, most seldom, and new ones always. */
  private name(): string {
    const rank = Math.floor(Math.exp(this.random.next() * Math.log(60)));
    return names[rank] ?? `New${this.letter()}${this.letter()}${this.letter()}`;
  }

  private id(): number {
    return 1 + this.random.below(5000);
  }

  private letter(): string {
    return letters.charAt(this.random.below(letters.length));
  }

  private digits(count: number): string {
    return Array.from({ length: count }, () => this.random.below(10)).join("");
  }
}

function exchangeOf(id: string, at: number, client: Client, call: Call): Exchange {
  const [method = "GET", path = "/"] = call.ask.split(" ");
  const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
  const sent = call.text ?? (call.body === undefined ? null : (["application/json", JSON.stringify(call.body)] as const));
  const took = milliseconds(call.tookMs ?? 1);
  return {
    id,
    at: epochMs(at),
    lane: client.lane,
    labels: {},
    request: {
      method,
      target: call.query === undefined || call.query.length === 0 ? path : `${path}?${call.query.join("&")}`,
      version: "1.1",
      headers: [...client.headers, ...(call.headers ?? []), ...(sent === null ? [] : [["Content-Type", sent[0]] as const])],
      body: sent === null ? noBody : { kind: "whole", bytes: bytes(sent[1]) },
    },
    outcome: {
      kind: "answered",
      answer: {
        status: call.status ?? 200,
        reason: "",
        headers: [["Content-Type", "application/json"]],
        body: call.status === 204 ? noBody : { kind: "whole", bytes: bytes(JSON.stringify(call.answer ?? {})) },
      },
      firstByteMs: took,
      tookMs: took,
    },
  };
}
