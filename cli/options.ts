/** The one option table: parsing, help, environment, configuration file and docs/options.md are all fed from here. */

import { endpointsFile } from "./endpoints-file.ts";
import { booleanLike, type ValueSchema } from "./value-schemas.ts";
import * as values from "./values.ts";

/** One option. `read` gets every text given for it (none, one or more) and says what it means. */
export interface OptionSpec<T> {
  readonly shape: "flag" | "single" | "list";
  /** Placeholder in the help, e.g. "URL"; "" for flags. */
  readonly placeholder: string;
  readonly about: string;
  /** What holds when nothing is given, as text; null = not set. */
  readonly fallback: string | null;
  /** Where only a few texts are allowed: those. */
  readonly allowed?: readonly string[] | undefined;
  /** How one value may be written in the configuration file. */
  readonly schema: ValueSchema;
  readonly read: (texts: readonly string[], name: string) => T;
}

const words = { true: true, yes: true, on: true, 1: true, false: false, no: false, off: false, 0: false } as const;

function flag(about: string): OptionSpec<boolean> {
  return {
    shape: "flag",
    placeholder: "",
    about,
    fallback: null,
    schema: booleanLike(Object.keys(words)),
    read: (texts, name) => texts.length > 0 && readFlag(texts.at(-1) ?? "", name),
  };
}

function readFlag(text: string, name: string): boolean {
  const word = text.toLowerCase();
  return Object.hasOwn(words, word) ? words[word as keyof typeof words] : values.oneOf("true", "false")(text, name) === "true";
}

function single<T>(placeholder: string, parse: values.Parse<T>, about: string): OptionSpec<T | null> {
  return {
    shape: "single",
    placeholder,
    about,
    fallback: null,
    allowed: parse.allowed,
    schema: parse.schema,
    read(texts, name) {
      const last = texts.at(-1);
      return last === undefined ? null : parse(last, name);
    },
  };
}

function preset<T>(placeholder: string, parse: values.Parse<T>, fallback: string, about: string): OptionSpec<T> {
  const read = (texts: readonly string[], name: string): T => parse(texts.at(-1) ?? fallback, name);
  return { shape: "single", placeholder, about, fallback, allowed: parse.allowed, schema: parse.schema, read };
}

function list<T>(placeholder: string, parse: values.Parse<T>, about: string): OptionSpec<readonly T[]> {
  return {
    shape: "list",
    placeholder,
    about,
    fallback: null,
    schema: parse.schema,
    read: (texts, name) => texts.map((text) => parse(text, name)),
  };
}

const maxPortCount = 1_000_000;
/** Each copy keeps its own names of what the targets made. */
const mostCopies = 100;
/** With less, the observer's own code hardly fits. */
const smallestObserverHeap = "32MiB";

/** In the order in which help shows them. */
export const options = {
  listen: preset("[HOST:]PORT", values.hostPort, "127.0.0.1:8080", "where users connect"),
  primary: single("URL", values.origin, "the production build that answers users"),
  forward: preset(
    "MODE",
    values.oneOf("splice", "gateway"),
    "splice",
    "how requests are passed on: splice (verbatim bytes) or gateway (rewritten)",
  ),
  route: list(
    "/PREFIX=URL",
    values.route,
    "gateway: the primary of paths that begin with /PREFIX; the longest prefix wins (may be repeated)",
  ),
  "rewrite-host": single(
    "HOST",
    values.hostField,
    "gateway: the Host that primaries see: a name, or primary for that of their URL (default: the client's)",
  ),
  forwarded: single(
    "HOW",
    values.oneOf("off", "append", "replace"),
    "gateway: X-Forwarded-For, -Proto and -Host: off, append or replace (default: append)",
  ),
  "strip-prefix": single("/PATH", values.pathPrefix, "gateway: take this off the paths that begin with it"),
  "add-prefix": single("/PATH", values.pathPrefix, "gateway: put this before every path"),
  candidate: single("URL", values.origin, "the new build"),
  control: list(
    "URL|RECORDING",
    values.text,
    "a second copy of the current build; it measures noise (may be repeated; compare: its recording)",
  ),
  record: single("DIR", values.place, "record the sampled exchanges here (an existing recording gets another segment)"),
  "record-rate": single(
    "N/s",
    values.perSecond,
    "store about so many of the copies, rare kinds nearly all, and whatever failed, was slow or is new; the others are only mirrored",
  ),
  "record-vault": single(
    "KEY.pub",
    values.text,
    "seal what the recording's tokens stand for to this public key, beside them (see penumbra vault-key); the private key opens it in a replay",
  ),
  "keep-size": single(
    "SIZE",
    values.sizeFrom("256KiB"),
    "how large the recording may grow: its oldest segments go, counted (default: everything is kept)",
  ),
  "keep-for": single(
    "TIME",
    values.age,
    "how long exchanges are kept: segments all of which is older go, counted (default: everything is kept)",
  ),
  "segment-size": single(
    "SIZE",
    values.sizeFrom("64KiB"),
    "the recording goes on in a new segment when one is so large (default: 256MiB, at most a quarter of --keep-size)",
  ),
  "segment-age": single("TIME", values.age, "… or so old (default: 1d, at most a quarter of --keep-for)"),
  run: single("DIR", values.place, "where the live comparison is kept"),
  "run-window": preset(
    "TIME",
    values.age,
    "1d",
    "a run that is so old is put aside in DIR/windows, and another begins in its place (--keep-for removes those that ended longer ago)",
  ),
  out: single("PATH", values.place, "where the result is written"),
  force: flag("replace a run or a recording that is already there"),
  sample: preset("SHARE", values.share, "10%", "share of lanes that are copied, e.g. 10% or 0.001"),
  "lane-key": preset(
    "KEY",
    values.laneKey,
    "usual",
    "what names a session: usual (Authorization, else a usual session cookie, else the connection), cookie:NAME, header:NAME, ip or connection",
  ),
  "mirror-writes": flag("also send requests other than GET, HEAD and OPTIONS to candidate and control: they have a state of their own"),
  "mirror-deny": list(
    "PATH",
    values.path,
    "never mirror requests whose path, as the primary is sent it, begins with PATH, however it is escaped or spelt (may be repeated)",
  ),
  "mirror-timeout": preset(
    "TIME",
    values.durationAboveZero,
    "10s",
    "give up on an answer of candidate or control after this time, or three times the primary's where that is longer",
  ),
  "mirror-answer-cap": preset("SIZE", values.size, "16MiB", "cut answers of candidate and control that are longer than this"),
  "mirror-credentials": preset(
    "HOW",
    values.oneOf("pass", "drop", "replace"),
    "pass",
    "what candidate and control get of users' credentials: pass (as they came), drop (nothing) or replace (those of --header instead)",
  ),
  "mirror-in-flight": preset(
    "N",
    values.wholeNumber(1, maxPortCount),
    "256",
    "greatest number of requests under way at each target: copies, also those that wait for their turn, and probes",
  ),
  budget: preset(
    "SIZE",
    values.size,
    "64MiB",
    "bytes of copies that may wait for the observer; over it copies are dropped, users never slowed",
  ),
  "observer-heap": preset(
    "SIZE",
    values.sizeFrom(smallestObserverHeap),
    "1GiB",
    "heap of the observer process; one that outgrows it dies and is started again",
  ),
  "body-cap": preset("SIZE", values.size, "1MiB", "bodies above it are kept as length, hash, first and last 64 KiB"),
  admin: single("HOST:PORT", values.hostPort, "health, metrics, counters and the sampling switch; off unless given"),
  "admin-token": single("TOKEN", values.token, "bearer token for --admin; required where it listens on other than loopback"),
  ui: single(
    "[HOST:]PORT",
    values.hostPort,
    "a dashboard of the run while it is written, for browsers (127.0.0.1 unless HOST is given); off unless given",
  ),
  "ui-host": list(
    "NAME",
    values.hostName,
    "a further host name under which browsers may ask for the dashboard, e.g. that of a reverse proxy (may be repeated)",
  ),
  "tls-cert": single("FILE", values.text, "certificate chain (PEM) with which TLS is ended for users"),
  "tls-key": single("FILE", values.text, "private key (PEM) of --tls-cert"),
  "primary-ca": single("FILE", values.text, "certificates (PEM) to trust in an https primary, instead of the system's"),
  "proxy-protocol": single(
    "VERSION",
    values.oneOf("v1", "v2"),
    "tell the primary the client's address in a PROXY protocol header, v1 (text) or v2 (binary); the primary must expect it",
  ),
  "max-loop-delay": preset(
    "TIME",
    values.duration,
    "50ms",
    "sampling is halved, again and again, while the live process answers its sockets later than this; 0ms = never",
  ),
  "on-primary-down": preset(
    "WHAT",
    values.oneOf("reset", "502"),
    "reset",
    "what users get while the primary refuses connections: reset or 502",
  ),
  log: preset("FORM", values.oneOf("text", "json"), "text", "form of the log on standard error: text, or json (one object a line)"),
  "drain-timeout": preset("TIME", values.duration, "10s", "how long a drain waits for exchanges in flight"),
  redact: preset(
    "HOW",
    values.oneOf("token", "mask", "drop", "off"),
    "token",
    "what becomes of secrets before anything is stored: token (keeps equality), mask, drop or off",
  ),
  "key-file": single("FILE", values.text, "32-byte key for sampling and redaction (made when missing; default: in your state directory)"),
  label: list("NAME=VALUE", values.keyValue, "label of this instance, e.g. instance=a (may be repeated)"),
  pace: preset("PACE", values.pace, "recorded", "recorded, max, or N/s"),
  speed: preset("FACTOR", values.positiveNumber, "1", "with --pace recorded: replay this many times faster than recorded"),
  "max-gap": single(
    "TIME",
    values.duration,
    "with --pace recorded: no wait for the next request is longer than this, whatever was recorded",
  ),
  arrivals: preset(
    "HOW",
    values.oneOf("poisson", "uniform"),
    "poisson",
    "times between requests with --pace N/s: poisson (at random) or uniform",
  ),
  amplify: preset(
    "K",
    values.wholeNumber(1, mostCopies),
    "1",
    "send every request K times at the same moment; each copy is a user of its own, with its own sessions and ids",
  ),
  loop: preset("N", values.wholeNumber(1, maxPortCount), "1", "go through the recording N times, one pass after the other"),
  concurrency: preset("N", values.wholeNumber(1, maxPortCount), "16", "requests under way at once with --pace max"),
  order: preset(
    "ORDER",
    values.oneOf("causal", "lane", "connection", "none", "serial"),
    "causal",
    "which requests wait for which: causal, lane, connection, none or serial",
  ),
  "write-scope": preset(
    "SCOPE",
    values.oneOf("service", "segment", "lane"),
    "segment",
    "whom a write holds up in causal order: service, segment (same first path segment) or lane",
  ),
  correlate: preset(
    "WHETHER",
    values.oneOf("on", "off"),
    "on",
    "on: what a target named in its answers (ids, cookies, tokens) takes the place of what production named; off: requests stay as they are",
  ),
  "production-target": list(
    "URL",
    values.origin,
    "send to the server of this URL though it is the recorded production host: the --candidate or --control, named a second time (may be repeated)",
  ),
  writes: flag("also send requests other than GET, HEAD and OPTIONS: candidate and control have a state of their own"),
  header: list(
    "'N: V'",
    values.headerField,
    "send this header in place of production's (may be repeated; proxy: with --mirror-credentials replace, in requests that had credentials)",
  ),
  login: single(
    "CMD",
    values.text,
    "log each lane in at each target: CMD gets {lane, target, name, tokens, claims} as a line of JSON and answers {\"headers\": {…}}, which are sent in the lane's requests in place of production's",
  ),
  "vault-key": list(
    "KEY",
    values.text,
    "open the recording's vault with this private key, and send real values in place of tokens (may be repeated, for recordings whose key has changed)",
  ),
  resume: single(
    "RUN",
    values.text,
    "go on with a replay that was interrupted: send what RUN does not have yet, with the options that it was begun with",
  ),
  from: single("TIME", values.time, "skip what was recorded before this ISO time"),
  to: single("TIME", values.time, "skip what was recorded after this ISO time"),
  filter: single("TEXT", values.filter, "only requests whose 'METHOD /path' begins with this; * stands for anything"),
  limit: single("N", values.wholeNumber(1, Number.MAX_SAFE_INTEGER), "only the first N requests"),
  "dry-run": flag("show what would be sent, send nothing"),
  "max-lateness": preset("TIME", values.duration, "10ms", "a replay whose lateness p99 passes this is invalid"),
  timeout: preset("TIME", values.durationAboveZero, "10s", "give up on an answer after this time"),
  probes: preset("N", values.wholeNumber(0, maxPortCount), "2000", "greatest number of extra sends for asking again about new differences"),
  reset: single(
    "CMD",
    values.text,
    "shell command that puts candidate and control back to the state that the recording began with; run before the replay (not with --resume) and before each experiment",
  ),
  experiments: preset(
    "N",
    values.wholeNumber(0, Number.MAX_SAFE_INTEGER),
    "20000",
    "with --reset and --control: greatest number of extra sends for finding out what differences depend on; 0 = none",
  ),
  seed: preset("N", values.wholeNumber(0, 2 ** 31 - 1), "1", "seed of every random choice"),
  report: list(
    "FORMAT=PATH",
    values.reportTarget,
    "also write the report as text, json, html, markdown, junit, github or gitlab; PATH - is standard output, in place of the text (may be repeated)",
  ),
  format: preset("FORMAT", values.oneOf(...values.reportFormats), "text", "form of the report"),
  accept: single("FILE", values.text, "accepted changes (YAML, see `penumbra accept`)"),
  baseline: single("RUN", values.text, "an earlier run: findings that it has are known, not new"),
  endpoints: single(
    "FILE",
    endpointsFile,
    "the service's endpoints: an OpenAPI or Swagger document (JSON or YAML), or a list of METHOD /path lines; what it lacks is inferred",
  ),
  "fail-on": preset("SEVERITY", values.oneOf("none", "low", "medium", "high"), "medium", "least severity that fails the gate"),
  "fail-on-latency": single(
    "RATIO",
    values.positiveNumber,
    "also fail when the candidate surely takes more than RATIO times as long as the control at an endpoint, e.g. 1.25 (default: latency fails nothing)",
  ),
  "min-compared": preset("N", values.wholeNumber(0, Number.MAX_SAFE_INTEGER), "1", "fewer compared exchanges are inconclusive"),
  "min-fidelity": preset("SHARE", values.share, "0.9", "least share of exchanges whose control status equals the primary's"),
  copies: preset(
    "N",
    values.wholeNumber(1, mostCopies),
    "5",
    "exchanges kept of each kind, from different sessions: a finding needs more than one witness",
  ),
  reason: single("TEXT", values.text, "why the change is accepted"),
  owner: single("NAME", values.text, "who accepts it"),
  expires: single("DATE", values.date, "until when, e.g. 2027-01-31"),
  file: single("FILE", values.text, "the file that is written: of accepted changes, or the configuration that has the rules"),
  curl: flag("show the exchange as a curl command line"),
  config: single("FILE", values.text, "options from a YAML file; flags and environment come first"),
  json: flag("machine-readable output"),
  equal: flag("candidate = production: shows that equal builds pass"),
  keep: flag("then leave a dashboard up, with shoppers going on; Ctrl-C ends it"),
} as const satisfies Readonly<Record<string, OptionSpec<unknown>>>;

export type OptionName = keyof typeof options;
export type OptionValue<Name extends OptionName> = (typeof options)[Name] extends OptionSpec<infer T> ? T : never;
export type OptionValues<Name extends OptionName> = { readonly [Each in Name]: OptionValue<Each> };

/** Options that proxy, replay, diff, compare and report share: how the run is judged. */
export const judgingOptions = [
  "report",
  "accept",
  "baseline",
  "endpoints",
  "fail-on",
  "fail-on-latency",
  "min-compared",
  "min-fidelity",
  "config",
  "json",
] as const satisfies readonly OptionName[];
export type JudgingOption = (typeof judgingOptions)[number];
