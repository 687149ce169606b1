/** A run's files as JSON: `run.json` and the lines of `entries.ndjson`. To and from are pairs. */

import type {
  ConcurrencySteps,
  LoginFacts,
  NotComparableReason,
  Observation,
  Probe,
  RecordingIdentity,
  ReplayFacts,
  RunEntry,
  RunMeta,
  SentFirst,
  Spread,
  TargetTimes,
  Trial,
} from "../model/observation.ts";
import { dependenceFromJson, dependenceToJson, experimentsFromJson } from "./dependence-json.ts";
import { exchangeFromJson, exchangeToJson, outcomeFromJson, outcomeToJson } from "./exchange-json.ts";
import { Fields, FormError, type JsonObject } from "./fields.ts";

/** Says in run.json whose file it is. */
export const runSchema = "penumbra.run";

const runKinds: readonly RunMeta["kind"][] = ["live", "replay", "compare"];

/** A table, so that the compiler says when a reason is missing. */
const notComparableReasons: Readonly<Record<NotComparableReason, true>> = {
  primary_abort: true,
  client_abort: true,
  not_recorded: true,
  capped: true,
  write_not_allowed: true,
  loop: true,
  shared_state: true,
  breaker_open: true,
  queue_full: true,
  stale: true,
  control_failed: true,
  correlation_miss: true,
  no_credentials: true,
  unsendable: true,
  unpaired: true,
  interrupted: true,
};

export function metaToJson(meta: RunMeta): JsonObject {
  return { schema: runSchema, ...meta };
}

/** @throws FormError */
export function metaFromJson(value: unknown): RunMeta {
  const fields = new Fields(value, "");
  const kind = fields.string("kind");
  const targets = fields.object("targets");
  return {
    id: fields.string("id"),
    format: fields.count("format"),
    startedAt: fields.string("startedAt"),
    endedAt: nullableString(fields, "endedAt"),
    tool: fields.string("tool"),
    seed: fields.number("seed"),
    kind: runKinds.find((known) => known === kind) ?? fields.unfit("kind", `one of ${runKinds.join(", ")}`),
    targets: {
      primary: targets.string("primary"),
      candidate: nullableString(targets, "candidate"),
      controls: targets
        .array("controls")
        .map((control) => (typeof control === "string" ? control : targets.fail("controls", "an array of strings"))),
    },
    labels: fields.strings("labels"),
    interrupted: fields.boolean("interrupted"),
    ...(fields.raw("lost") === undefined ? {} : { lost: lostFromJson(fields.object("lost")) }),
    replay: fields.raw("replay") === null ? null : replayFromJson(fields.object("replay")),
    ...(fields.has("plan") ? { plan: fields.strings("plan") } : {}),
    ...(fields.has("recordings") ? { recordings: fields.array("recordings").map(identityFromJson) } : {}),
    ...(fields.has("experiments") ? { experiments: experimentsFromJson(fields.object("experiments")) } : {}),
  };
}

function identityFromJson(value: unknown, index: number): RecordingIdentity {
  const fields = new Fields(value, `recordings[${index}]`);
  return {
    path: fields.string("path"),
    exchanges: fields.count("exchanges"),
    first: nullableString(fields, "first"),
    last: nullableString(fields, "last"),
    sha256: fields.string("sha256"),
  };
}

function lostFromJson(lost: Fields): Readonly<Record<string, number>> {
  return Object.fromEntries(lost.names().map((reason): [string, number] => [reason, lost.count(reason)]));
}

export function entryToJson(entry: RunEntry): JsonObject {
  switch (entry.kind) {
    case "observation":
      return observationToJson(entry.observation);
    case "probe":
      return probeToJson(entry.probe);
    case "dependence":
      return dependenceToJson(entry.dependence);
    default:
      return entry satisfies never;
  }
}

/** @throws FormError */
export function entryFromJson(value: unknown): RunEntry {
  const fields = new Fields(value, "");
  const kind = fields.string("kind");
  if (kind === "observation") return { kind, observation: observationFromJson(fields) };
  if (kind === "probe") return { kind, probe: probeFromJson(fields) };
  if (kind === "dependence") return { kind, dependence: dependenceFromJson(fields) };
  return fields.unfit("kind", "observation, probe or dependence");
}

function observationToJson(observation: Observation): JsonObject {
  const { exchange, candidate, controls, ...marks } = observation;
  return {
    kind: "observation",
    exchange: exchangeToJson(exchange),
    candidate: candidate === null ? null : trialToJson(candidate),
    controls: controls.map(trialToJson),
    ...marks,
  };
}

function observationFromJson(fields: Fields): Observation {
  const candidate = fields.raw("candidate");
  return {
    exchange: exchangeFromJson(fields.raw("exchange"), "exchange"),
    candidate: candidate === null || candidate === undefined ? null : trialFromJson(candidate, "candidate"),
    controls: fields.array("controls").map((trial, index) => trialFromJson(trial, `controls[${index}]`)),
    ...(fields.has("notComparable") ? { notComparable: reasonFromJson(fields) } : {}),
    ...(fields.has("afterGap") ? { afterGap: fields.boolean("afterGap") } : {}),
    ...(fields.has("sentFirst") ? { sentFirst: sentFirstFromJson(fields) } : {}),
  };
}

function sentFirstFromJson(fields: Fields): SentFirst {
  const first = fields.string("sentFirst");
  return first === "candidate" || first === "control" ? first : fields.unfit("sentFirst", "candidate or control");
}

function trialToJson(trial: Trial): JsonObject {
  return { ...trial, outcome: outcomeToJson(trial.outcome) };
}

function trialFromJson(value: unknown, path: string): Trial {
  const fields = new Fields(value, path);
  const outcome = outcomeFromJson(fields.raw("outcome"), fields.pathOf("outcome"));
  return fields.has("sentTarget") ? { outcome, sentTarget: fields.latin1("sentTarget") } : { outcome };
}

function probeToJson(probe: Probe): JsonObject {
  return { kind: "probe", ...probe, control: probe.control.map(outcomeToJson), candidate: probe.candidate.map(outcomeToJson) };
}

function probeFromJson(fields: Fields): Probe {
  const outcomes = (name: string) => fields.array(name).map((outcome, index) => outcomeFromJson(outcome, `${name}[${index}]`));
  return {
    exchangeId: fields.string("exchangeId"),
    control: outcomes("control"),
    candidate: outcomes("candidate"),
    freshState: fields.boolean("freshState"),
  };
}

function reasonFromJson(fields: Fields): NotComparableReason {
  const reason = fields.string("notComparable");
  if (!Object.hasOwn(notComparableReasons, reason)) throw new FormError("notComparable must be a reason that this version knows");
  return reason as NotComparableReason;
}

function replayFromJson(fields: Fields): ReplayFacts {
  const concurrency = fields.object("maxConcurrency");
  return {
    valid: fields.boolean("valid"),
    scheduled: fields.count("scheduled"),
    sent: fields.count("sent"),
    dropped: fields.count("dropped"),
    lateness: spreadFromJson(fields.object("lateness")),
    orderViolations: fields.count("orderViolations"),
    maxConcurrency: { recorded: concurrency.number("recorded"), achieved: concurrency.number("achieved") },
    ...(fields.has("concurrency") ? { concurrency: stepsFromJson(fields.object("concurrency")) } : {}),
    ...(fields.has("answerTimes") ? { answerTimes: answerTimesFromJson(fields.object("answerTimes")) } : {}),
    ...(fields.has("logins") ? { logins: loginsFromJson(fields.object("logins")) } : {}),
    ...(fields.has("unknownTokens") ? { unknownTokens: fields.count("unknownTokens") } : {}),
  };
}

function loginsFromJson(fields: Fields): LoginFacts {
  return { asked: fields.count("asked"), failed: fields.count("failed") };
}

function stepsFromJson(fields: Fields): ConcurrencySteps {
  const counts = (name: string): number[] =>
    fields.array(name).map((step) => (typeof step === "number" ? step : fields.fail(name, "an array of numbers")));
  return { stepMs: fields.number("stepMs"), recorded: counts("recorded"), achieved: counts("achieved") };
}

function answerTimesFromJson(fields: Fields): ReplayFacts["answerTimes"] {
  const of = (name: string): TargetTimes | null => (fields.raw(name) === null ? null : timesFromJson(fields.object(name)));
  return { candidate: of("candidate"), control: of("control") };
}

function timesFromJson(fields: Fields): TargetTimes {
  const response = fields.raw("response") === null ? null : spreadFromJson(fields.object("response"));
  return { service: spreadFromJson(fields.object("service")), response };
}

function spreadFromJson(fields: Fields): Spread {
  return { p50: fields.number("p50"), p95: fields.number("p95"), p99: fields.number("p99"), max: fields.number("max") };
}

function nullableString(fields: Fields, name: string): string | null {
  return fields.raw(name) === null || fields.raw(name) === undefined ? null : fields.string(name);
}
