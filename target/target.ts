/** One build at an address: a request in, an outcome out.
 *
 *    recorded request ─► outgoing ─┬─► Pooled (undici)   nearly everything
 *                                  ├─► sendVerbatim      what an HTTP client would refuse or tidy up
 *                                  └─► skipped           what cannot be written at all
 *
 * Redirects are never followed. The recorded Host header is kept; certificates are checked against the address. */

import type { Clock } from "../model/clock.ts";
import { PenumbraError } from "../model/errors.ts";
import type { HttpRequest, Outcome } from "../model/exchange.ts";
import { shownAddress } from "../model/shown-address.ts";
import { type MonotonicMs, milliseconds } from "../model/units.ts";
import { Attempt, type AttemptEnd } from "./attempt.ts";
import { type ConnectionProblem, tlsWhereNoneWasAsked } from "./connection-problem.ts";
import { type Knock, knock, speaksTls } from "./knock.ts";
import { type Outgoing, outgoing } from "./outgoing.ts";
import { fixedPatience, type Patience } from "./patience.ts";
import { Pooled } from "./pooled.ts";
import { Slots } from "./slots.ts";
import { sendVerbatim } from "./verbatim.ts";

type Sendable = Extract<Outgoing, { kind: "sendable" }>;

export interface TargetOptions {
  /** As shown to people: `candidate`, `control`, … */
  readonly name: string;
  /** `http://host:port` or `https://host:port`, without a path. */
  readonly url: string;
  /** From `send` to the last byte of the answer, unless the request comes with a patience of its own. */
  readonly timeoutMs: number;
  /** An answer that goes on beyond this is `too-large`, and its connection is cut. */
  readonly answerCapBytes?: number;
  /** Answer bodies above this are kept as length, hash, first and last part. */
  readonly bodyCap?: number;
  /** At most this many at once; further requests wait, and their time counts. */
  readonly connections?: number;
  readonly clock: Clock;
}

/** An answer that is larger is an endless or a wrong one. */
const defaultAnswerCapBytes = 16 * 1024 * 1024;
/** As in recordings, so that both sides of a comparison are capped alike. */
const defaultBodyCapBytes = 1024 * 1024;
/** Below the usual limit of 1,024 open files, with two targets. */
const defaultConnections = 256;
/** RFC 9110 §9.2.2: sending these a second time has the effect of sending them once. */
const idempotent: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"]);

export class Target {
  readonly name: string;
  readonly url: URL;
  readonly #options: TargetOptions;
  readonly #pooled: Pooled;
  readonly #open = new Slots<Attempt>();
  #closed = false;
  #wasAsked = false;
  #hasAnswered = false;

  /** @throws PenumbraError `TARGET_URL` when the address is not one */
  constructor(options: TargetOptions) {
    this.name = options.name;
    this.url = originOf(options);
    this.#options = options;
    this.#pooled = new Pooled({
      url: this.url,
      connections: options.connections ?? defaultConnections,
      connectTimeoutMs: options.timeoutMs,
    });
  }

  /** Sends a request and waits for the whole answer. Never rejects. Requests that cannot be sent are `skipped`,
   * with detail `capped` (the body was not kept whole), `unsendable` (it would break the framing) or `closed`. */
  async send(request: HttpRequest, patience: Patience = fixedPatience(this.#options.timeoutMs)): Promise<Outcome> {
    if (this.#closed) return { kind: "skipped", tookMs: milliseconds(0), detail: "closed" };
    const sendable = outgoing(request);
    if (sendable.kind === "unsendable") return { kind: "skipped", tookMs: milliseconds(0), detail: sendable.detail };

    const startedAt = this.#options.clock.monotonic();
    const first = await this.#attempt(sendable, startedAt, patience);
    // The target may close an idle connection at the moment it is used again (RFC 9112 §9.3.1): that says nothing
    // about the request. undici already sends again what was never written.
    if (!first.staleConnection || !idempotent.has(request.method)) return first.outcome;
    return (await this.#attempt(sendable, startedAt, patience)).outcome;
  }

  async #attempt(sendable: Sendable, startedAt: MonotonicMs, patience: Patience): Promise<AttemptEnd> {
    const attempt = new Attempt({
      clock: this.#options.clock,
      startedAt,
      patience,
      answerCapBytes: this.#options.answerCapBytes ?? defaultAnswerCapBytes,
      bodyCapBytes: this.#options.bodyCap ?? defaultBodyCapBytes,
    });
    if (this.#pooled.accepts(sendable)) this.#pooled.send(sendable, attempt);
    else sendVerbatim(this.url, sendable, attempt);
    const slot = this.#open.add(attempt);
    const end = await attempt.end;
    this.#open.remove(slot);
    this.#wasAsked = true;
    this.#hasAnswered ||= end.outcome.kind === "answered";
    return end;
  }

  /** What keeps connections from coming about; null = nothing. One attempt, which asks nothing. */
  problem(): Promise<ConnectionProblem | null> {
    return knock(this.url, this.#howToKnock);
  }

  /** Call when all was sent: why a target that accepts connections has never answered; null = it did, or nobody can tell. */
  async whyNeverAnswered(): Promise<ConnectionProblem | null> {
    if (this.url.protocol !== "http:" || !this.#wasAsked || this.#hasAnswered) return null;
    return (await speaksTls(this.url, this.#howToKnock)) ? tlsWhereNoneWasAsked(this.url) : null;
  }

  get #howToKnock(): Knock {
    const { timeoutMs, clock } = this.#options;
    return { limit: milliseconds(timeoutMs), clock };
  }

  /** Ends every connection at once; what is under way ends as `aborted`. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const attempt of this.#open.all()) attempt.abort("closed");
    await this.#pooled.close();
  }
}

function originOf({ name, url }: TargetOptions): URL {
  const parsed = URL.canParse(url) ? new URL(url) : null;
  const bare = parsed !== null && parsed.pathname === "/" && parsed.search === "" && parsed.hash === "" && parsed.username === "";
  if (parsed === null || !bare || (parsed.protocol !== "http:" && parsed.protocol !== "https:")) {
    throw new PenumbraError(
      "TARGET_URL",
      `${name}: ${shownAddress(url)} is not the address of a server`,
      "write it as http://host:port, without a path",
    );
  }
  return parsed;
}
