/** What a finding depends on, in words: the same in every format. */

import type { Dependence, ExperimentFacts, NeededRequest } from "../model/dependence.ts";
import type { Finding, FindingState, Report } from "../model/report.ts";
import { count, counted } from "./figures.ts";
import { clipped, visible } from "./visible.ts";

/** Requests named in one line; the recording has them all. */
const namedRequests = 6;
const longestRequest = 80;
const openStates: ReadonlySet<FindingState> = new Set(["new", "returned", "unconfirmed"]);

/** "depends on 2 requests that overlap: POST /carts/1/items, within 3 ms POST /carts/1/items: 9 of 10 runs"; null when nothing was
 * asked. */
export function dependenceSentence({ dependence }: Finding): string | null {
  if (dependence === undefined) return null;
  const { requests, shown, runs } = dependence;
  const often = `${count(shown)} of ${counted(runs, dependence.class === "flaky" ? "send" : "run")}`;
  switch (dependence.class) {
    case "deterministic":
      return `shows every time: ${named(dependence)}: ${often}`;
    case "sequence":
      return `needs ${counted(requests.length, "request")} one after the other${leastOf(dependence)}: ${named(dependence)}: ${often}`;
    case "concurrency":
      return `needs ${counted(requests.length, "request")}${overlapOf(requests)}${leastOf(dependence)}: ${named(dependence)}: ${often}`;
    case "flaky":
      return `comes and goes under equal circumstances: ${often}`;
    case "unclassified":
      return runs === 0 ? "not reproduced: there was no run that could tell" : `not reproduced: ${often} from a fresh state`;
    default:
      return dependence.class satisfies never;
  }
}

/** How to see it again; null without a reproduction. */
export function reproductionCommand({ dependence }: Finding, { run }: Report, directory: string | undefined): string | null {
  if (dependence === undefined || dependence.recording === null) return null;
  const { candidate, control } = run.targets;
  const order = dependence.class === "concurrency" ? "" : " --order serial";
  const place = directory === undefined ? dependence.recording : `${directory.replace(/\/+$/, "")}/${dependence.recording}`;
  const targets = `--candidate ${candidate ?? "URL"}${control === null ? "" : ` --control ${control}`}`;
  return visible(`penumbra replay ${place} ${targets} --writes${order} --reset CMD`);
}

/** What the experiments as a whole did not come to, or what would make them possible; null when there is nothing to say. */
export function experimentsSentence(report: Report): string | null {
  const { experiments, replay } = report.run;
  if (experiments !== undefined) return unfinished(experiments);
  const open = report.findings.filter(({ state, location }) => openStates.has(state) && location !== "latency");
  if (replay === null || open.length === 0) return null;
  const control = report.run.targets.control === null ? ", and with a --control" : "";
  return `Not tested: whether findings depend on earlier requests or on overlap (replay with --reset CMD, which restores both targets${control})`;
}

function unfinished({ asked, findings, sends, limit, ended, detail }: ExperimentFacts): string | null {
  const done = `${count(asked)} of ${counted(findings, "finding")} were asked what they depend on`;
  switch (ended) {
    case "done":
      return null;
    case "limit":
      return `${done}: ${detail === null ? `the ${count(limit)} sends of --experiments were not enough` : visible(detail)}`;
    case "interrupted":
      return `${done} until the interruption (${count(sends)} sends)`;
    case "reset-failed":
      return `${done}: ${visible(detail ?? "--reset failed")}`;
    default:
      return ended satisfies never;
  }
}

function leastOf({ minimal }: Dependence): string {
  return minimal ? "" : " (perhaps fewer)";
}

/** " that overlap", where all of them do. */
function overlapOf(requests: readonly NeededRequest[]): string {
  const overlapping = requests.filter(({ after }, index) => after !== null || (requests[index + 1]?.after ?? null) !== null).length;
  return overlapping === requests.length ? " that overlap" : `, ${count(overlapping)} of them overlapping`;
}

function named({ class: found, requests, within }: Dependence): string {
  const words = requests.slice(0, namedRequests).map((request, index) => {
    const follows = found === "concurrency" && index > 0 && request.after === null;
    return `${follows ? "then " : joint(request, within)}${requestOf(request)}`;
  });
  const left = requests.length - namedRequests;
  return left > 0 ? `${words.join(", ")} and ${count(left)} more` : words.join(", ");
}

function joint({ after }: NeededRequest, within: Dependence["within"]): string {
  return after === null ? "" : `within ${within ?? after} ms `;
}

function requestOf({ method, target }: NeededRequest): string {
  return clipped(visible(`${method} ${target}`), longestRequest);
}
