/** Logs every lane in at every target, ahead of its first request, and keeps what came of it.
 *
 *    look-ahead ─ begin(exchange) ─► first lane alone: does the command work at all?
 *                                    then a few at a time ─► headers per lane and target ─ of(lane) ─► Shadow
 *
 * A command that fails for the first lane is taken to be wrong: nothing is sent. Later a lane may have no user at the targets: it
 * goes on with what it has, and is counted. Bounded: the lanes used longest ago are forgotten, and logged in anew if they come back. */

import type { Exchange, HeaderList, HttpRequest } from "../model/exchange.ts";
import { BoundedMap } from "../target/bounded-map.ts";
import { overrideHeaders } from "../target/overrides.ts";
import { claimsIn, tokensIn } from "./login-evidence.ts";

/** What is known about a lane that is to be logged in. */
export interface LoginQuestion {
  /** null: its requests belong to no session and no connection that is known. */
  readonly lane: string | null;
  /** URL of the build. */
  readonly target: string;
  /** `candidate`, `control`, `control 2`, … */
  readonly name: string;
  /** Tokens in its first request and the recorded answer: redaction's, equal for equal secrets. */
  readonly tokens: readonly string[];
  /** What the first JWT of that request says; null where there is none to be read. */
  readonly claims: Readonly<Record<string, unknown>> | null;
}

export type LoginAnswer =
  | { readonly kind: "logged-in"; readonly headers: HeaderList }
  /** `problem` follows "the command ": "ended with code 1". */
  | { readonly kind: "failed"; readonly problem: string }
  /** The replay was stopped: that says nothing about the command. */
  | { readonly kind: "interrupted"; readonly problem: string };

/** What a lane was given. */
export interface LaneLogin {
  /** @param target by its place: the candidate is 0, controls follow */
  headers(target: number): HeaderList;
  /** The request with them, in place of fields of the same names. */
  applied(target: number, request: HttpRequest): HttpRequest;
  /** At one target at least: its requests go out without the command's headers. */
  readonly hasFailed: boolean;
}

/** Asks for the headers of one lane at one target. Never rejects, and ends within a bound. */
export type LogIn = (question: LoginQuestion) => Promise<LoginAnswer>;

export interface FailedLogin {
  readonly question: LoginQuestion;
  readonly problem: string;
}

export interface LoginOptions {
  readonly logIn: LogIn;
  /** In the order of the shadow's targets. */
  readonly targets: readonly { readonly name: string; readonly url: URL }[];
  /** Puts what is known of secrets in place of their tokens: a JWT can then be read. */
  readonly reveal: (request: HttpRequest) => HttpRequest;
  readonly capacity?: number;
}

/** Far more lanes than are under way at a time; with two targets and long tokens some 20 MB. */
const defaultCapacity = 10_000;
/** Each is a process of its own beside a replay that has to be on time. */
const atATime = 4;

type Fetched = LaneLogin | Promise<LaneLogin>;

export class Logins {
  readonly #options: LoginOptions;
  readonly #lanes: BoundedMap<Fetched>;
  readonly #slots = new Slots(atATime);
  #first: Promise<FailedLogin | null> | null = null;
  #failed: FailedLogin | null = null;
  #failures = 0;
  #asked = 0;

  constructor(options: LoginOptions) {
    this.#options = options;
    this.#lanes = new BoundedMap(options.capacity ?? defaultCapacity);
  }

  /** How often the command was asked, how often in vain, and how it failed the first time. */
  get summary(): { readonly asked: number; readonly failures: number; readonly first: FailedLogin | null } {
    return { asked: this.#asked, failures: this.#failures, first: this.#failed };
  }

  /** Begins the logins of the exchange's lane, unless they have begun before. */
  begin(exchange: Exchange): void {
    const lane = laneOf(exchange);
    const fetched = this.#lanes.get(lane) ?? this.#fetch(lane, exchange);
    // Written again, so that the lanes used longest ago are the ones that go.
    this.#lanes.set(lane, fetched);
  }

  /** Of a lane that has begun; those of others are empty. */
  of(lane: string): Fetched {
    return this.#lanes.get(lane) ?? nobody;
  }

  /** Whether the lane's requests went out without what the command was to give. */
  hasFailed(exchange: Exchange): boolean {
    const fetched = this.#lanes.get(laneOf(exchange));
    return fetched !== undefined && !(fetched instanceof Promise) && fetched.hasFailed;
  }

  /** Resolves when all of these lanes are logged in, or at once with how the very first login failed. */
  async ready(exchanges: readonly Exchange[]): Promise<FailedLogin | null> {
    for (const exchange of exchanges) this.begin(exchange);
    const failed = await (this.#first ?? null);
    if (failed === null) await Promise.all(exchanges.map(async (exchange) => this.of(laneOf(exchange))));
    return failed;
  }

  #fetch(lane: string, exchange: Exchange): Fetched {
    const questions = this.#questions(lane, exchange);
    if (this.#first === null) {
      const answers = this.#ask(questions);
      this.#first = answers.then((all) => all.find((answer) => answer.failed !== null)?.failed ?? null);
      return this.#kept(lane, answers);
    }
    const isUsable = this.#first.then((failed) => failed === null);
    return this.#kept(
      lane,
      isUsable.then((usable) => (usable ? this.#ask(questions) : [])),
    );
  }

  /** The headers take the promise's place, so that later requests need not wait for anything. */
  async #kept(lane: string, asked: Promise<readonly Answered[]>): Promise<LaneLogin> {
    const answers = await asked;
    // Everywhere or nowhere: let in at one target only, it would look like a difference of the builds.
    const hasFailed = answers.some(({ failed }) => failed !== null);
    const login = loginOf(hasFailed ? [] : answers.map((answered) => answered.headers), hasFailed);
    if (this.#lanes.get(lane) !== undefined) this.#lanes.set(lane, login);
    return login;
  }

  #ask(questions: readonly LoginQuestion[]): Promise<readonly Answered[]> {
    return Promise.all(questions.map((question) => this.#slots.use(() => this.#askOne(question))));
  }

  async #askOne(question: LoginQuestion): Promise<Answered> {
    const answer = await this.#options.logIn(question);
    if (answer.kind !== "interrupted") this.#asked += 1;
    if (answer.kind === "logged-in") return { headers: answer.headers, failed: null };
    const failed = { question, problem: answer.problem };
    if (answer.kind === "interrupted") return { headers: [], failed };
    this.#failures += 1;
    this.#failed ??= failed;
    return { headers: [], failed };
  }

  #questions(lane: string, exchange: Exchange): readonly LoginQuestion[] {
    const tokens = tokensIn(exchange);
    const claims = claimsIn(this.#options.reveal(exchange.request));
    return this.#options.targets.map(({ name, url }) => ({ lane: lane === "" ? null : lane, target: url.origin, name, tokens, claims }));
  }
}

interface Answered {
  readonly headers: HeaderList;
  readonly failed: FailedLogin | null;
}

function loginOf(headers: readonly HeaderList[], hasFailed: boolean): LaneLogin {
  return {
    headers: (target) => headers[target] ?? [],
    applied: (target, request) => overrideHeaders(request, headers[target] ?? []),
    hasFailed,
  };
}

const nobody = loginOf([], false);

/** As the shadow names it. */
function laneOf({ lane, connection }: Exchange): string {
  return lane ?? connection ?? "";
}

/** So many at a time; the others wait in their order. */
class Slots {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(size: number) {
    this.#free = size;
  }

  async use<T>(work: () => Promise<T>): Promise<T> {
    if (this.#free === 0) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#free -= 1;
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#free += 1;
      else next();
    }
  }
}
