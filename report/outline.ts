/** How a report is put before people, whatever the format: which findings come first, which are
 * settled, what is noise, and what the run is blind to. Every format renders this outline. */

import type { NotComparableReason } from "../model/observation.ts";
import type { EndpointSummary, Finding, FindingState, Report, Severity } from "../model/report.ts";
import { experimentsSentence } from "./dependence.ts";
import { count, counted, percent } from "./figures.ts";
import { visible } from "./visible.ts";

export interface Outline {
  /** New, returned and unconfirmed: what somebody has to look at, worst first. */
  readonly open: readonly Finding[];
  /** Known, accepted and fixed, worst first. */
  readonly settled: readonly Finding[];
  readonly noise: readonly Finding[];
  /** Endpoints with comparisons and without any difference. */
  readonly quiet: readonly QuietEndpoint[];
  /** One sentence per thing that this run cannot say anything about. */
  readonly blindSpots: readonly string[];
}

export interface QuietEndpoint extends EndpointSummary {
  readonly upperBound: number;
}

/** Under this share of equal statuses the builds agree about too little (the default of `--min-fidelity`). */
const enoughFidelity = 0.9;
/** So many endpoints are named in one sentence before the rest is counted. */
const namedEndpoints = 5;

const severityRanks: Readonly<Record<Severity, number>> = { high: 3, medium: 2, low: 1, info: 0 };

const settledStates: ReadonlySet<FindingState> = new Set(["known", "accepted", "fixed"]);

export function outlineOf(report: Report): Outline {
  const ranked = report.findings.toSorted(byRank);
  return {
    open: ranked.filter(({ state }) => state !== "noise" && !settledStates.has(state)),
    settled: ranked.filter(({ state }) => settledStates.has(state)),
    noise: ranked.filter(({ state }) => state === "noise"),
    quiet: report.endpoints.filter(isQuiet),
    blindSpots: blindSpotsOf(report),
  };
}

/** Severity, then score; the id decides between equals, so that the order never depends on the run's. */
function byRank(a: Finding, b: Finding): number {
  return severityRanks[b.severity] - severityRanks[a.severity] || b.score - a.score || (a.id < b.id ? -1 : 1);
}

function isQuiet(endpoint: EndpointSummary): endpoint is QuietEndpoint {
  return endpoint.compared > 0 && endpoint.upperBound !== null;
}

function blindSpotsOf(report: Report): string[] {
  const spots: string[] = [];
  const known = report.blindSpots ?? [];
  const uncompared = [...report.endpoints.filter(({ compared }) => compared === 0), ...known.filter(({ kind }) => kind === "not-compared")];
  const names = [...new Set(uncompared.map(({ endpoint }) => visible(endpoint)))];
  if (names.length > 0) spots.push(`Nothing compared at ${namedFew(names, "endpoint")}`);
  const unmet = unmetSentence(report);
  if (unmet !== null) spots.push(unmet);
  for (const { endpoint, text } of known.filter(({ kind }) => kind === "low-fidelity" || kind === "too-large").slice(0, namedEndpoints)) {
    spots.push(`${visible(endpoint)}: ${visible(text)}`);
  }
  for (const [reason, n] of Object.entries(report.totals.notComparable).toSorted(byCount)) {
    if (n > 0) spots.push(`${counted(n, "exchange")} not compared: ${reasonInWords(reason)}`);
  }
  const { byFormat, untested, fidelity } = report.coverage;
  const hasRules = report.rules !== undefined;
  if (untested > 0)
    spots.push(`${percent(untested)} of what the answers hold was not tested${hasRules ? ", what rules ignore included" : ""}`);
  if (byFormat > 0)
    spots.push(
      `${percent(byFormat)} of what the answers hold was tested by format only, since ${hasRules ? "its values are noise or a rule says so" : "its values are noise"}`,
    );
  const masked = known
    .filter(({ kind }) => kind === "masked-values")
    .map(({ endpoint, path }) => `${visible(path ?? "")} of ${visible(endpoint)}`);
  if (masked.length > 0) spots.push(`Values that the control itself changes: ${namedFew(masked, "place")}`);
  if (fidelity !== null && fidelity < enoughFidelity) {
    spots.push(`The control gave the primary's status in only ${percent(fidelity)} of the exchanges: both builds may agree about errors`);
  }
  if (report.run.targets.control === null) spots.push("No control: a difference between environments looks like one between builds");
  if (report.totals.afterGap > 0) {
    spots.push(`${counted(report.totals.afterGap, "exchange")} came after a write that only one target made: their states may differ`);
  }
  const experiments = experimentsSentence(report);
  return experiments === null ? spots : [...spots, experiments];
}

/** "3 of the 12 given endpoints were met by no request: GET /a, …" */
function unmetSentence({ givenEndpoints }: Report): string | null {
  if (givenEndpoints === undefined || givenEndpoints.met === givenEndpoints.given) return null;
  const { given, met, unmet } = givenEndpoints;
  const all = `${count(given - met)} of the ${count(given)} given endpoints`;
  const hint = met === 0 ? "; do their paths begin as those of the requests do?" : "";
  return `${all} were met by no request: ${namedFew(unmet.map(visible), "endpoint", given - met)}${hint}`;
}

function byCount([a, countA]: [string, number], [b, countB]: [string, number]): number {
  return countB - countA || (a < b ? -1 : 1);
}

/** @param total how many there are, where not all are listed */
function namedFew(names: readonly string[], noun: string, total: number = names.length): string {
  const shown = names.slice(0, namedEndpoints).join(", ");
  const left = total - namedEndpoints;
  return left > 0 ? `${shown} and ${counted(left, `more ${noun}`)}` : shown;
}

const reasonWords: Readonly<Record<NotComparableReason, string>> = {
  primary_abort: "the primary's answer broke off",
  client_abort: "the client went away",
  not_recorded: "production's answer to it was not recorded",
  capped: "the body was over the cap",
  write_not_allowed: "it was a write, and writes were not allowed",
  loop: "it came from a mirror",
  shared_state: "it was a write, and the targets share a state",
  breaker_open: "the target was given a rest after failures",
  queue_full: "the queue was full",
  stale: "it had waited too long",
  control_failed: "the control gave no answer, so noise cannot be told",
  correlation_miss: "a value that it needs was not seen in an earlier answer",
  no_credentials: "its credentials were not recorded, or not passed on",
  unsendable: "it cannot be put on the wire: a line break or a character that is no byte in its head, or a method that is none",
  unpaired: "it has no partner in the other recording",
  interrupted: "the run was interrupted",
};

/** What a reason of `totals.notComparable` means; an unknown one stands for itself. */
export function reasonInWords(reason: string): string {
  return Object.hasOwn(reasonWords, reason) ? reasonWords[reason as NotComparableReason] : visible(reason);
}
