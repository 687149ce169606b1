/** Privacy before storage: everything that goes to disk passes here first.
 *
 *    exchange (memory, real values) ──Redactor──► exchange (disk, tokens)
 *
 * The default replaces each secret by a keyed hash, so that equal secrets stay equal in requests, answers,
 * recordings and runs: lanes, correlation and comparison work on redacted traffic. What counts as a secret is
 * in sensitive-names.ts; all cookie values do. */

import { createHash } from "node:crypto";
import {
  type Answer,
  type Exchange,
  type HeaderList,
  type HttpRequest,
  type Outcome,
  trailersIfAny,
  withLengthOf,
} from "../model/exchange.ts";
import type { RunEntry, Trial } from "../model/observation.ts";
import { isObject } from "./fields.ts";
import { framingHeaders, GivenRules } from "./given-rules.ts";
import { keyIdOf } from "./key.ts";
import { redactKnownForms } from "./known-forms.ts";
import { parseKeepingNumbers } from "./lossless-numbers.ts";
import { redactBody } from "./redact-body.ts";
import { contentByPatterns, headerByRule, settled, targetByPatterns, targetByRules, textByPatterns } from "./redact-by-rules.ts";
import { type Rules, redactCookies, redactSetCookie } from "./redact-parameters.ts";
import { redactJsonText, redactText, redactUrl, unreadable } from "./redact-text.ts";
import { redactUserInfo } from "./redact-url.ts";
import type { RedactionRule } from "./redaction-rules.ts";
import { claimsKey, sealedClaimsIn, withSealedClaims } from "./sealed-claims.ts";
import { byteString, fromByteString, type NoteSecret, type RedactionMode, Secrets } from "./secrets.ts";
import { SensitiveNames } from "./sensitive-names.ts";
import { type TokenForm, Tokens, type TokenTrust } from "./tokens.ts";

export interface RedactorOptions {
  /** 32 bytes (key.ts). */
  readonly key: Uint8Array;
  readonly mode: RedactionMode | "off";
  /** On top of what is found without; in force unless the mode is off. */
  readonly rules?: readonly RedactionRule[];
  /** Default: what is made now. What is compared with an older recording takes its form (`tokenFormOf`). */
  readonly tokenForm?: TokenForm;
  /** Default: the key's own. */
  readonly trust?: TokenTrust;
}

/** A rule failed: the caller drops the exchange (`redaction_error`) and stores nothing of it.
 * Neither message nor cause quotes the exchange. */
export class RedactionError extends Error {
  override readonly name = "RedactionError";
}

/** Headers that only sound like secrets. */
const harmlessHeaders: ReadonlySet<string> = new Set(["access-control-allow-credentials"]);
/** Headers that hold a name and a port: `auth:8080` is no password. */
const hostHeaders: ReadonlySet<string> = new Set(["host", "x-forwarded-host", "x-forwarded-server", "via"]);

export class Redactor {
  /** The rules in words, with a hash of them: two recordings with the same description compare. */
  readonly description: string;
  /** Null when off. */
  readonly keyId: string | null;
  /** Those that users gave and that are in force: a recording keeps them, so that what is compared with it is redacted alike. */
  readonly rules: readonly RedactionRule[];
  readonly #rules: Rules | null;

  /** @throws PenumbraError `RULE_INVALID` */
  constructor(options: RedactorOptions) {
    const { key, mode, tokenForm = "proven", trust = "own" } = options;
    this.rules = mode === "off" ? [] : (options.rules ?? []);
    this.description = describe(mode, tokenForm, this.rules);
    this.keyId = mode === "off" ? null : keyIdOf(key);
    const given = new GivenRules(this.rules);
    const tokens = new Tokens(key, tokenForm, trust);
    this.#rules =
      mode === "off" ? null : { names: new SensitiveNames(given.names, given.kept), secrets: new Secrets(key, mode, tokens), given };
  }

  /** @param note told of every value in the request that gets a token
   * @throws RedactionError */
  exchange(exchange: Exchange, note: NoteSecret | null = null): Exchange {
    return this.#apply("the exchange", exchange, (rules) => {
      const { extra, ...known } = exchange;
      const { redacted: outcome, claims } = rules.secrets.withClaims(() => redactOutcome(exchange.outcome, rules));
      const redacted = {
        ...known,
        ...redactNames(exchange, rules),
        request: rules.secrets.noting(note, () => redactRequest(exchange.request, rules)),
        outcome,
        ...(extra === undefined ? {} : { extra: redactExtra(extra, rules) }),
      };
      return withSealedClaims(redacted, claims);
    });
  }

  /** What becomes of a value where it is a secret; the value itself where secrets are not kept apart. */
  tokenOf(value: string): string {
    return this.#rules?.secrets.mode === "token" ? replacedString(value, this.#rules) : value;
  }

  /** What takes the place of a value, a byte string, that is known to be a secret; null = it is stored as it is. */
  substituteFor(value: string): string | null {
    return this.#rules === null ? null : this.#rules.secrets.replaceValue(value);
  }

  /** Whether a name promises a secret. */
  namesSecret(name: string): boolean {
    return this.#rules?.names.matches(name) ?? false;
  }

  /** @throws RedactionError */
  request(request: HttpRequest): HttpRequest {
    return this.#apply("the request", request, (rules) => redactRequest(request, rules));
  }

  /** The answer of any target, by the same rules as the primary's.
   * @param _request what was asked; rules by route will need it
   * @throws RedactionError */
  outcome(_request: HttpRequest, outcome: Outcome): Outcome {
    return this.#apply("the outcome", outcome, (rules) => redactOutcome(outcome, rules));
  }

  /** A request target, e.g. the one that was sent after correlation.
   * @throws RedactionError */
  target(target: string): string {
    return this.#apply("the target", target, (rules) => redactTarget(target, rules));
  }

  /** A whole line of a run's log.
   * @throws RedactionError */
  entry(entry: RunEntry): RunEntry {
    return this.#apply("the run's entry", entry, (rules) => redactEntry(entry, (exchange) => this.exchange(exchange), rules));
  }

  #apply<T>(what: string, value: T, redact: (rules: Rules) => T): T {
    if (this.#rules === null) return value;
    try {
      return redact(this.#rules);
    } catch (cause) {
      if (cause instanceof RedactionError) throw cause;
      throw new RedactionError(`${what} could not be redacted: ${cause instanceof Error ? cause.name : "unknown error"}`);
    }
  }
}

function redactTarget(target: string, rules: Rules): string {
  return settled(target, rules, (text) => targetByPatterns(redactUrl(targetByRules(text, rules), rules), rules));
}

function redactRequest(request: HttpRequest, rules: Rules): HttpRequest {
  const body = redactBody(request.headers, request.body, rules);
  const headers = redactHeaders(request.headers, rules);
  const { trailers, ...rest } = request;
  return {
    ...rest,
    target: redactTarget(request.target, rules),
    headers: body === request.body ? headers : withLengthOf(headers, body),
    body,
    ...redactTrailers(trailers, rules),
  };
}

function redactOutcome(outcome: Outcome, rules: Rules): Outcome {
  if (outcome.kind === "answered") return { ...outcome, answer: redactAnswer(outcome.answer, rules) };
  return outcome.detail === undefined ? outcome : { ...outcome, detail: redactString(outcome.detail, rules) };
}

function redactAnswer(answer: Answer, rules: Rules): Answer {
  const body = redactBody(answer.headers, answer.body, rules);
  const headers = redactHeaders(answer.headers, rules);
  const reason = redactPlain(answer.reason, rules);
  const { trailers, ...rest } = answer;
  return {
    ...rest,
    reason,
    headers: body === answer.body ? headers : withLengthOf(headers, body),
    body,
    ...redactTrailers(trailers, rules),
  };
}

/** By the rules for headers. */
function redactTrailers(trailers: HeaderList | undefined, rules: Rules): { readonly trailers?: HeaderList } {
  return trailersIfAny(trailers === undefined ? undefined : redactHeaders(trailers, rules));
}

function redactHeaders(headers: HeaderList, rules: Rules): HeaderList {
  return headers.flatMap(([name, value]) => {
    const redacted = redactHeader(name.toLowerCase(), value, rules);
    return redacted === null ? [] : [[name, redacted] as const];
  });
}

/** Null = drop the header. */
function redactHeader(name: string, value: string, rules: Rules): string | null {
  const ruled = headerByRule(name, value, rules);
  if (ruled !== null) return ruled.value;
  if (framingHeaders.has(name)) return redactKnownHeader(name, value, rules);
  return settled(value, rules, (text) => {
    const found = redactKnownHeader(name, text, rules);
    return found === null ? null : textByPatterns(found, rules);
  });
}

function redactKnownHeader(name: string, value: string, rules: Rules): string | null {
  if (name === "cookie") return redactCookies(value, rules);
  if (name === "set-cookie") return redactSetCookie(value, rules, (attribute) => redactText(attribute, rules));
  if (rules.names.matches(name) && !harmlessHeaders.has(name)) return rules.secrets.replace(value);
  return hostHeaders.has(name) ? redactHosts(value, rules) : redactText(value, rules);
}

/** Of hosts only what none has: a password before one, `name=value`, and what a comment says. */
function redactHosts(value: string, rules: Rules): string {
  if (!/[@=(]/.test(value)) return redactKnownForms(value, rules.secrets);
  const pieces = value.split(/(\([^()]*\)|[\s,]+)/).map((piece) => {
    if (/[=(]/.test(piece)) return redactText(piece, rules);
    return piece.includes("@") ? redactUserInfo(`//${piece}`, rules).slice("//".length) : piece;
  });
  return redactKnownForms(pieces.join(""), rules.secrets);
}

function redactEntry(entry: RunEntry, exchange: (exchange: Exchange) => Exchange, rules: Rules): RunEntry {
  const trial = (sent: Trial): Trial => ({
    outcome: redactOutcome(sent.outcome, rules),
    ...(sent.sentTarget === undefined ? {} : { sentTarget: redactTarget(sent.sentTarget, rules) }),
  });
  switch (entry.kind) {
    case "observation": {
      const { observation } = entry;
      const candidate = observation.candidate === null ? null : trial(observation.candidate);
      return {
        kind: "observation",
        observation: { ...observation, exchange: exchange(observation.exchange), candidate, controls: observation.controls.map(trial) },
      };
    }
    case "probe": {
      const outcomes = (sent: readonly Outcome[]): Outcome[] => sent.map((outcome) => redactOutcome(outcome, rules));
      return {
        kind: "probe",
        probe: { ...entry.probe, control: outcomes(entry.probe.control), candidate: outcomes(entry.probe.candidate) },
      };
    }
    case "dependence": {
      const { dependence } = entry;
      return {
        kind: "dependence",
        dependence: {
          ...dependence,
          requests: dependence.requests.map((each) => ({ ...each, target: redactTarget(each.target, rules) })),
          // A command quotes what it holds: no rule finds a secret in it. It can be made again from the recording.
          curl: [],
        },
      };
    }
    default:
      return entry satisfies never;
  }
}

/** Names that we give are digits; what others gave may be a cookie. A name stays one: what is equal stays equal. */
const ourName = /^[\da-f:-]{0,64}$/;

function redactNames({ id, lane, connection, labels }: Exchange, rules: Rules): Pick<Exchange, "id" | "lane" | "connection" | "labels"> {
  const named = (text: string): string => (ourName.test(text) ? text : redactString(text, rules));
  const label = ([name, text]: [string, string]): [string, string] => [
    name,
    rules.names.matches(name) ? replacedString(text, rules) : named(text),
  ];
  return {
    id: named(id),
    lane: lane === null ? null : named(lane),
    ...(connection === undefined ? {} : { connection: named(connection) }),
    labels: Object.fromEntries(Object.entries(labels).map(label)),
  };
}

/** Claims that somebody has sealed are tokens and stay; in a file of others they may be anything. */
function redactClaims(extra: Readonly<Record<string, unknown>>, rules: Rules): Readonly<Record<string, unknown>> {
  const claims = Object.entries(sealedClaimsIn(extra));
  if (claims.length === 0) return extra;
  const replaced = (text: string): string => replacedString(text, rules);
  const sealed = claims.map(([token, values]) => [
    replaced(token),
    Object.fromEntries(Object.entries(values).map(([name, value]) => [name, replaced(value)])),
  ]);
  return { ...extra, [claimsKey]: Object.fromEntries(sealed) };
}

function replacedString(text: string, rules: Rules): string {
  return fromByteString(rules.secrets.replaceValue(byteString(text)));
}

/** Foreign keys of an import: by the same rules as a JSON body. */
function redactExtra(given: Readonly<Record<string, unknown>>, rules: Rules): Readonly<Record<string, unknown>> {
  const extra = redactClaims(given, rules);
  const before = byteString(JSON.stringify(extra));
  const found = redactJsonText(before, rules);
  if (found === unreadable) return {};
  const after = contentByPatterns(found, false, rules);
  if (after === before) return extra;
  const redacted = parseKeepingNumbers(fromByteString(after));
  return isObject(redacted) ? redacted : {};
}

function redactString(text: string, rules: Rules): string {
  return fromByteString(redactPlain(byteString(text.toWellFormed()), rules));
}

function redactPlain(text: string, rules: Rules): string {
  return settled(text, rules, (before) => textByPatterns(redactText(before, rules), rules));
}

/** The form of a recording's tokens, told by the words of its segments: what is compared with it needs the same. Only where all are plain is
 * theirs: a recording that was gone on with has the newer ones too. */
export function tokenFormOf(descriptions: readonly string[]): TokenForm {
  const tokens = descriptions.filter((text) => text.startsWith("token"));
  return tokens.length > 0 && tokens.every((text) => !text.startsWith(provenMode)) ? "plain" : "proven";
}

const provenMode = "token, proven";

function describe(mode: RedactorOptions["mode"], tokenForm: TokenForm, rules: readonly RedactionRule[]): string {
  if (mode === "off") return "off";
  const further = rules.length === 0 ? "" : `; ${rules.length} further rules`;
  const how = mode === "token" && tokenForm === "proven" ? provenMode : mode;
  const words = `${how}; cookies and names that look like secrets${further}`;
  const hashed = rules.length === 0 ? words : words + JSON.stringify(rules);
  const shortHash = createHash("sha256").update(hashed).digest("hex").slice(0, 8);
  return `${words} (rules ${shortHash})`;
}
