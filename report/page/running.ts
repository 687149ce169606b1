/** What the page shows of a run that is still going on: that nobody knows yet how it ends is neither a pass nor a doubt about the run.
 *
 *    report ──► PageData ──► the same, with "running" in the place of "inconclusive" where only time is missing */

import type { Report } from "../../model/report.ts";
import { count, counted } from "../figures.ts";
import { outlineOf } from "../outline.ts";
import { verdictSentence } from "../sentences.ts";
import type { PageData } from "./data.ts";

/** Reasons that waiting does not settle: whoever looks on has to do something about them. */
const lasting: ReadonlySet<string> = new Set([
  "candidate-unreachable",
  "candidate-stopped",
  "control-unreachable",
  "low-fidelity",
  "targets-share-state",
  "state-diverged",
  "too-much-skipped",
]);
/** A run that has not ended is judged as one that was interrupted: the log cannot tell the two apart, whoever watches its writer can. */
const unfinished = "interrupted";

/** @param data of the report, made while somebody still writes the run */
export function whileRunning(data: PageData, report: Report): PageData {
  const reasons = data.reasons.filter(({ code }) => code !== unfinished);
  if (reasons.length === data.reasons.length) return data;
  if (report.verdict !== "inconclusive") return { ...data, reasons, sentence: `${verdictSentence(report)} so far` };
  if (reasons.some(({ code }) => lasting.has(code)))
    return { ...data, reasons, sentence: "so far this run cannot say whether the builds differ" };
  return { ...data, reasons, verdict: "running", word: "RUNNING", sentence: soFar(report) };
}

function soFar(report: Report): string {
  const { compared } = report.totals;
  if (compared === 0) return "nothing compared so far; the run is still going on";
  const { open } = outlineOf(report);
  const unconfirmed = open.filter(({ state }) => state === "unconfirmed").length;
  const under = open.length - unconfirmed;
  const found = [
    ...(under > 0 ? [`${counted(under, "finding")} under the gate`] : []),
    ...(unconfirmed > 0 ? [`${counted(unconfirmed, "difference")} not confirmed yet`] : []),
  ];
  const what = found.length === 0 ? "no difference that is not noise so far" : `${found.join(" and ")} so far`;
  return `${what}, in ${count(compared)} compared ${compared === 1 ? "exchange" : "exchanges"}; the run is still going on`;
}
