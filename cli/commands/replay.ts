/** penumbra replay: sends a recording to a candidate and its control, and judges what came of it. */

import { randomUUID } from "node:crypto";
import { systemClock } from "../../model/clock.ts";
import { PenumbraError } from "../../model/errors.ts";
import { type Exchange, isSafeMethod } from "../../model/exchange.ts";
import { probeTimes } from "../../model/observation.ts";
import { epochMs, milliseconds } from "../../model/units.ts";
import { partialText } from "../../recording/import-mark.ts";
import { loadOrCreateKey } from "../../recording/key.ts";
import { openRecording, type Recording } from "../../recording/open.ts";
import { redactorAsRecorded } from "../../recording/redaction-as-recorded.ts";
import { openRun } from "../../recording/run.ts";
import { multiply } from "../../replayer/multiply.ts";
import { credentialsOf, type ReplayOptions, type ReplayProgress, type ReplayResult, replay } from "../../replayer/replay.ts";
import { checkResumable, type ReplayPlan } from "../../replayer/resume.ts";
import type { Pace } from "../../replayer/schedule.ts";
import { parseFilter, type Selection } from "../../replayer/selection.ts";
import { mergeByStart, selectExchanges } from "../../replayer/stream.ts";
import { duration } from "../../report/figures.ts";
import { visible } from "../../report/visible.ts";
import { Target } from "../../target/target.ts";
import { command } from "../command.ts";
import { experimentOn } from "../experiments.ts";
import { catchInterrupt } from "../interrupt.ts";
import { checkJudging, judgeAndTell } from "../judging.ts";
import { judgingOptions } from "../options.ts";
import { checkPlaces, defaultKeyFile, defaultRunDirectory } from "../places.ts";
import { checkProductionTargets } from "../production-targets.ts";
import { checkCombinations } from "../replay-combinations.ts";
import { failedLogins, openLogins } from "../replay-logins.ts";
import { openVault } from "../replay-vault.ts";
import { resetFailed, runReset } from "../reset.ts";
import type { Resolved } from "../resolve.ts";
import { refuseSameTargets } from "../same-targets.ts";
import { note, ProgressLine, print } from "../terminal.ts";
import * as values from "../values.ts";

/** Where requests go, when, and after which. */
const sendingOptions = [
  "candidate",
  "control",
  "pace",
  "speed",
  "max-gap",
  "arrivals",
  "concurrency",
  "order",
  "write-scope",
  "correlate",
  "writes",
] as const;
const names = [
  ...sendingOptions,
  ...(["production-target", "header", "login", "vault-key"] as const),
  ...([
    "from",
    "to",
    "filter",
    "limit",
    "amplify",
    "loop",
    "dry-run",
    "max-lateness",
    "timeout",
    "probes",
    "reset",
    "experiments",
    "redact",
    "key-file",
    "seed",
    "out",
    "force",
    "resume",
  ] as const),
  ...judgingOptions,
] as const;
/** Control and candidate are asked equally often. */
const sendsPerProbe = 2 * probeTimes;
/** Options on which it depends what is sent, and when. */
const planned = [...sendingOptions, ...(["from", "to", "filter", "limit", "amplify", "loop", "redact", "seed"] as const)] as const;
type ReplayValues = Resolved<(typeof names)[number]>;

export const replayCommand = command({
  name: "replay",
  about: "Send a recording to a new build, in time and order, and report what differs.",
  positional: [{ form: "<recordings...>", about: "a directory of segments, one segment, or an .ndjson, .har or .gor file" }],
  options: names,
  example: "penumbra replay recording --candidate http://127.0.0.1:9001 --control http://127.0.0.1:9002",
  async run(given, paths) {
    checkJudging(given);
    checkSending(given);
    const recordings = await openAll(paths);
    try {
      return given["dry-run"] ? await tellPlan(recordings, given) : await replayAndTell(recordings, paths, given);
    } finally {
      for (const recording of recordings) recording.close();
    }
  },
});

/** Before anything is opened, also of a dry run. */
function checkSending(given: ReplayValues): void {
  pace(given);
  selection(given);
  checkCombinations(given);
}

async function openAll(paths: readonly string[]): Promise<Recording[]> {
  const recordings: Recording[] = [];
  for (const path of paths) {
    const recording = await openRecording(path);
    recordings.push(recording);
    if (recording.meta.isPartial) note(`penumbra: ${path}: ${partialText}`);
  }
  return recordings;
}

async function replayAndTell(recordings: readonly Recording[], paths: readonly string[], given: ReplayValues): Promise<number> {
  if (given.candidate === null) throw new PenumbraError("MISSING_OPTION", "--candidate is missing", "give the URL of the new build");
  const candidate = target("candidate", given.candidate, given);
  const controlUrls = given.control.map((url) => values.origin(url, "--control"));
  const controls = controlUrls.map((url, index) => target(index === 0 ? "control" : `control ${index + 1}`, url, given));
  await checkProductionTargets(
    { recordings, candidate: given.candidate, controls: controlUrls, allowed: given["production-target"] },
    systemClock,
  );
  if (given.writes && controlUrls.length > 0) await refuseSameTargets(given.candidate, controlUrls, systemClock);
  const resume = given.resume === null ? undefined : await openRun(given.resume);
  const plan = planOf(paths, given);
  const identities = recordings.map(({ identity }) => identity);
  if (resume !== undefined) checkResumable(resume, { plan, recordings: identities });
  const directory = given.resume ?? given.out ?? defaultRunDirectory(systemClock.now());
  const keyFile = given["key-file"] ?? defaultKeyFile(process.env);
  checkPlaces([{ name: "--out", path: directory }], { name: "--key-file", path: keyFile });
  const vault = openVault(recordings, given);
  // What candidate and control answer is redacted as the recording was, or it would not compare.
  const segments = recordings.flatMap(({ meta }) => meta.segments);
  const redactor = redactorAsRecorded(segments, { key: loadOrCreateKey(keyFile).key, mode: given.redact, rules: given.redaction });
  const interrupt = catchInterrupt();
  const progress = new ProgressLine();
  const ended = new AbortController();
  const reset = resetting(given, given.candidate, controlUrls, interrupt.signal);
  // Nobody has redacted what was written elsewhere.
  const exchangesAreRedacted = recordings.every(({ meta }) => meta.form === "segments");
  const redaction = {
    exchangesAreRedacted,
    redaction: redactor,
    tokenOf: (value: string) => redactor.tokenOf(value),
    secretRules: redactor,
  };
  try {
    // What is left to send builds on what the part before has done to the targets.
    if (reset !== null && resume === undefined) await reset();
    const logins = await openLogins({
      command: given.login,
      recordings,
      selection: selection(given),
      writes: given.writes,
      targets: [candidate, ...controls],
      reveal: vault.reveal,
      limit: milliseconds(given.timeout),
      clock: systemClock,
      signal: AbortSignal.any([interrupt.signal, ended.signal]),
    });
    const result = await replay({
      ...settings(given),
      logins,
      reveal: vault.reveal,
      unknownTokens: vault.unknownTokens,
      recordings,
      resume,
      candidate,
      controls,
      ...redaction,
      run: {
        id: randomUUID(),
        targets: { primary: paths.join(", "), candidate: given.candidate, controls: controlUrls },
        labels: recordings[0]?.meta.labels ?? {},
        plan,
        recordings: identities,
      },
      out: { directory, force: given.force },
      clock: systemClock,
      signal: interrupt.signal,
      onProgress: (state) => progress.show(() => progressText(state)),
    });
    progress.clear();
    tellUnreachable(result);
    for (const each of [candidate, ...controls]) await tellNeverAnswered(each);
    const failed = result.interrupted ? null : failedLogins(logins);
    if (failed !== null) note(`penumbra: ${failed}`);
    const [control] = controls;
    if (reset !== null && control !== undefined && result.unreachable === null) {
      const means = {
        recordings,
        ...redaction,
        credentials: credentialsOf({ logins, reveal: vault.reveal, headers: given.header, ...redaction }),
        candidate,
        control,
        candidateUrl: given.candidate,
        reset,
      };
      const bounds = { limit: given.experiments, clock: systemClock, signal: interrupt.signal };
      await experimentOn({ directory, meta: result.meta }, { ...settings(given), ...means, ...bounds }, given, progress);
    }
    const verdictCode = await judgeAndTell(directory, given);
    const interrupted = interrupt.exitCode();
    if (interrupted !== null) note(`penumbra: interrupted; ${keptAfterInterrupt(result, directory)}`);
    return interrupted ?? verdictCode;
  } catch (error) {
    const interrupted = interrupt.exitCode();
    // A reset that was cut short by Ctrl-C is no fault of the command.
    if (interrupted === null || !(error instanceof PenumbraError && error.code === resetFailed)) throw error;
    note("penumbra: interrupted during --reset; nothing was sent");
    return interrupted;
  } finally {
    progress.clear();
    interrupt.release();
    ended.abort();
    await Promise.all([candidate, ...controls].map((each) => each.close()));
    vault.close();
  }
}

function keptAfterInterrupt({ interrupted }: ReplayResult, directory: string): string {
  return interrupted
    ? `the part of the run that was done is kept in ${directory}; the same command with --resume ${directory} goes on`
    : `the replay is whole and kept in ${directory}, with what the experiments had found until then`;
}

type Reset = () => Promise<void>;

function resetting({ reset }: ReplayValues, candidate: string, controls: readonly string[], signal: AbortSignal): Reset | null {
  if (reset === null) return null;
  return () => runReset({ command: reset, candidate, control: controls[0] ?? null, signal });
}

function target(name: string, url: string, given: ReplayValues): Target {
  return new Target({ name, url, timeoutMs: given.timeout, clock: systemClock });
}

function tellUnreachable({ unreachable }: ReplayResult): void {
  if (unreachable === null) return;
  const { target: name, url, what, next } = unreachable;
  note(visible(`penumbra: the ${name} at ${url} cannot be reached: ${what}; nothing was sent; ${next}`));
}

/** What keeps a target from answering shows itself only once it was asked. */
async function tellNeverAnswered(asked: Target): Promise<void> {
  const problem = await asked.whyNeverAnswered();
  if (problem !== null) note(visible(`penumbra: the ${asked.name} at ${asked.url.origin}: ${problem.what}; ${problem.next}`));
}

/** What decides what is sent and when. Of headers the names only: their values may be secrets. */
function planOf(paths: readonly string[], given: ReplayValues): ReplayPlan {
  const texts = planned.map((name): [string, string] => [`--${name}`, String(given[name] ?? "")]);
  const headers = given.header.map(([name]) => name.toLowerCase()).join(", ");
  // Whether they were given: a command may hold a secret, a key's path says nothing.
  const credentials = { "--login": given.login === null ? "" : "given", "--vault-key": given["vault-key"].length === 0 ? "" : "given" };
  return { recording: paths.join(", "), ...Object.fromEntries(texts), "--header": headers, ...credentials };
}

type Settings = Pick<
  ReplayOptions,
  | "selection"
  | "multiplication"
  | "pace"
  | "order"
  | "writeScope"
  | "correlate"
  | "writes"
  | "headers"
  | "seed"
  | "maxLateness"
  | "holdMs"
  | "maxProbes"
  | "rules"
  | "endpoints"
>;

function settings(given: ReplayValues): Settings {
  return {
    selection: selection(given),
    multiplication: { amplify: given.amplify, loop: given.loop },
    pace: pace(given),
    order: given.order,
    writeScope: given["write-scope"],
    correlate: given.correlate === "on",
    writes: given.writes,
    headers: given.header,
    seed: given.seed,
    maxLateness: milliseconds(given["max-lateness"]),
    // A request waits for its predecessors at most as long as an answer may take.
    holdMs: milliseconds(given.timeout),
    maxProbes: Math.floor(given.probes / sendsPerProbe),
    rules: given.rules,
    endpoints: given.endpoints ?? [],
  };
}

function selection(given: ReplayValues): Selection {
  const from = given.from === null ? null : epochMs(Date.parse(given.from));
  const to = given.to === null ? null : epochMs(Date.parse(given.to));
  if (from !== null && to !== null && from > to) {
    throw new PenumbraError("BAD_OPTION", `--from ${given.from} is after --to ${given.to}`, "give the earlier time with --from");
  }
  return { from, to, filters: given.filter === null ? [] : [parseFilter(given.filter)], limit: given.limit };
}

function pace(given: ReplayValues): Pace {
  if (given.pace === "max") return { kind: "max", concurrency: given.concurrency };
  if (given.pace === "recorded") {
    const maxGap = given["max-gap"] === null ? null : milliseconds(given["max-gap"]);
    return given.order === "serial" ? { kind: "serial" } : { kind: "recorded", speed: given.speed, maxGap };
  }
  return { kind: "rate", perSecond: values.perSecond(given.pace, "--pace"), arrivals: given.arrivals };
}

/** --dry-run: what would be sent. */
async function tellPlan(recordings: readonly Recording[], given: ReplayValues): Promise<number> {
  const selected = (): AsyncGenerator<Exchange> => selectExchanges(mergeByStart(recordings), selection(given));
  for await (const exchange of multiply(selected, { amplify: given.amplify, loop: given.loop })) {
    const { method, target: requestTarget } = exchange.request;
    const isSent = given.writes || isSafeMethod(method);
    print(
      given.json
        ? JSON.stringify({ id: exchange.id, at: exchange.at, lane: exchange.lane, method, target: requestTarget, sent: isSent })
        : visible(
            `${new Date(exchange.at).toISOString()} ${method} ${requestTarget}${isSent ? "" : "  (not sent: a write, and --writes is not given)"}`,
          ),
    );
  }
  return 0;
}

function progressText({ sent, total, elapsedMs, lateMs, different }: ReplayProgress): string {
  const share = total === null || total === 0 ? "" : ` of ${total} (${Math.round((sent / total) * 100)} %)`;
  const left = total === null || sent === 0 ? "" : `, ${duration((elapsedMs / sent) * Math.max(0, total - sent))} left`;
  return `sent ${sent}${share}${left}, ${different} differ, lateness p99 ${lateMs.toFixed(1)} ms`;
}
