/** After a replay: asks of each finding what it depends on, the worst first, and adds what was found to the run's log.
 *
 *    findings ─► exemplar ─► surroundings (read again from the recording) ─► inquiry ─┬─► reproduction (a recording)
 *                                                                                     └─► log, run.json                 */

import { type Endpoints, isAskable, Symptom } from "../../diff/dependence/symptom.ts";
import type { ExperimentFacts, FindingDependence } from "../../model/dependence.ts";
import type { Exchange } from "../../model/exchange.ts";
import type { RunMeta } from "../../model/observation.ts";
import type { Finding } from "../../model/report.ts";
import { RunWriter } from "../../recording/run.ts";
import { whyNotSent } from "../../target/comparable.ts";
import { overrideHeaders } from "../../target/overrides.ts";
import type { Selection } from "../selection.ts";
import { type ExchangeSource, mergeByStart, selectExchanges } from "../stream.ts";
import type { Conclusion, Means } from "./conclusion.ts";
import { inquire } from "./inquiry.ts";
import { Laboratory, type LaboratoryOptions } from "./laboratory.ts";
import { writeReproduction } from "./reproduction.ts";
import { surroundingsOf } from "./surroundings.ts";

export interface ExperimentOptions extends LaboratoryOptions {
  /** Of a replay that has ended. */
  readonly run: { readonly directory: string; readonly meta: RunMeta };
  /** As judged, in any order. */
  readonly findings: readonly Finding[];
  readonly endpoints: Endpoints;
  readonly recordings: readonly ExchangeSource[];
  readonly selection: Selection;
  readonly writes: boolean;
  /** Whether they hold tokens in place of secrets already. */
  readonly exchangesAreRedacted: boolean;
  /** Where the commands of a reproduction send to. */
  readonly candidateUrl: string;
  readonly onProgress?: (progress: ExperimentProgress) => void;
}

export interface ExperimentProgress {
  readonly finding: string;
  /** From 1. */
  readonly number: number;
  readonly of: number;
  /** So far, for all findings. */
  readonly sends: number;
}

/** Exchanges that show a finding, of which one after the other is asked about while none can be reproduced. */
const mostExemplars = 3;

/** @throws PenumbraError for a recording that cannot be read or a run that cannot be written; what was found until then is kept */
export async function experiment(options: ExperimentOptions): Promise<ExperimentFacts> {
  const { directory, meta } = options.run;
  const findings = options.findings.filter(isAskable).sort((a, b) => b.score - a.score);
  let asking: Pick<ExperimentProgress, "finding" | "number"> = { finding: "", number: 0 };
  const laboratory = new Laboratory({
    ...options,
    onRun: (sends) => options.onProgress?.({ ...asking, of: findings.length, sends }),
  });
  const writer = RunWriter.continue(directory, { clock: options.clock });
  let asked = 0;
  let isCut = false;
  const facts = (): ExperimentFacts => ({
    asked,
    findings: findings.length,
    sends: laboratory.sends,
    limit: options.limit,
    ended: laboratory.ended ?? (isCut ? "limit" : "done"),
    detail: laboratory.detail,
  });
  try {
    for (const [index, finding] of findings.entries()) {
      if (laboratory.ended !== null) break;
      asking = { finding: finding.title, number: index + 1 };
      const dependence = await dependenceOf(finding, laboratory, options);
      if (dependence === null) continue;
      // Not reproduced is only said when everything was tried.
      if (dependence.class === "unclassified" && laboratory.isCut) {
        isCut = true;
        continue;
      }
      writer.append({ kind: "dependence", dependence });
      asked++;
    }
  } finally {
    await writer.finish({ ...meta, experiments: facts() });
  }
  return facts();
}

async function dependenceOf(finding: Finding, laboratory: Laboratory, options: ExperimentOptions): Promise<FindingDependence | null> {
  laboratory.allowHalf();
  const before = laboratory.sends;
  const symptom = new Symptom(finding, options.endpoints);
  const means: Means = { laboratory, symptom, tried: { shown: 0, control: 0, runs: 0 } };
  let conclusion: Conclusion | null = null;
  for (const exemplar of finding.exemplars.slice(0, mostExemplars)) {
    if (laboratory.isCut || (conclusion !== null && conclusion.class !== "unclassified")) break;
    const surroundings = await surroundingsOf(exemplar, () => sendable(options));
    if (surroundings !== null) conclusion = await inquire(surroundings, means);
  }
  if (conclusion === null) return null;
  const { class: found, count, minimal, within } = conclusion;
  const { shown, control, runs } = count;
  const reproduction = writeReproduction(options.run.directory, finding.id, conclusion, {
    ...options,
    storable: (exchange) => storable(exchange, options),
  });
  return { finding: finding.id, class: found, shown, control, runs, minimal, within, sends: laboratory.sends - before, ...reproduction };
}

/** As in the run's log. */
function storable(exchange: Exchange, { exchangesAreRedacted, redaction, credentials }: ExperimentOptions): Exchange {
  const cleaned = credentials?.secrets.without(exchange.request, []).exchange(exchange) ?? exchange;
  return exchangesAreRedacted ? cleaned : redaction.exchange(cleaned);
}

/** What the replay sent, in its order. */
async function* sendable({ recordings, selection, writes, headers }: ExperimentOptions): AsyncGenerator<Exchange> {
  for await (const exchange of selectExchanges(mergeByStart(recordings), selection)) {
    if (whyNotSent(overrideHeaders(exchange.request, headers), { writes }) === null) yield exchange;
  }
}
