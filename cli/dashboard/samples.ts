/** Single exchanges for the page: those that findings show as examples, found in the log when somebody asks.
 *
 *    id ──► is it an example? ──► where in the log? ──► read, compare ──► SampleView as JSON
 *              no: null              one reading for all that are not known yet
 *
 * One at a time, and within the allowance: whoever asks for many waits. */

import type { RunLog } from "../../recording/run-tail.ts";
import { partOf, placesOf } from "../../recording/run-tail.ts";
import { viewSample } from "../../report/page/sample-view.ts";
import { type JudgingValues, sampleOf, wantedSamples } from "../judging.ts";
import type { Allowance } from "./allowance.ts";
import type { Judgement } from "./live-judge.ts";

type Place = readonly [from: number, to: number];

export class Samples {
  readonly #values: JudgingValues;
  readonly #allowance: Allowance;
  #judgement: Judgement | null = null;
  #wanted: ReadonlySet<string> = new Set();
  /** Of examples in the log of this identity. */
  #places: { readonly identity: string; readonly byId: Map<string, Place> } = { identity: "", byId: new Map() };
  #last: Promise<unknown> = Promise.resolve();

  constructor(values: JudgingValues, allowance: Allowance) {
    this.#values = values;
    this.#allowance = allowance;
  }

  /** The judgement whose examples are served from now on. */
  use(judgement: Judgement): void {
    this.#judgement = judgement;
    this.#wanted = wantedSamples(judgement.report);
  }

  /** @returns JSON; null when the exchange is no example, or no longer in the log */
  async view(id: string): Promise<string | null> {
    const before = this.#last;
    const found = (async () => {
      await before;
      return await this.#find(id);
    })();
    this.#last = found.catch(() => undefined);
    return await found;
  }

  async #find(id: string): Promise<string | null> {
    const judgement = this.#judgement;
    if (judgement === null || !this.#wanted.has(id)) return null;
    await this.#allowance.turn();
    const place = await this.#placeOf(id, judgement.log, judgement.upTo);
    if (place === null) return null;
    for await (const { entry } of partOf(judgement.log, ...place)) {
      if (entry.kind !== "observation" || entry.observation.exchange.id !== id) continue;
      const sample = sampleOf(entry.observation, judgement.judge, this.#values.rules);
      return JSON.stringify(viewSample(sample, judgement.report.run.targets.candidate ?? ""));
    }
    return null;
  }

  async #placeOf(id: string, log: RunLog, upTo: number): Promise<Place | null> {
    if (this.#places.identity !== log.identity) this.#places = { identity: log.identity, byId: new Map() };
    const { byId } = this.#places;
    if (!byId.has(id)) {
      // What is no example any more makes room.
      for (const known of byId.keys()) if (!this.#wanted.has(known)) byId.delete(known);
      const found = await placesOf({ ...log, size: upTo }, this.#wanted, () => this.#allowance.turn());
      for (const [each, place] of found) byId.set(each, place);
    }
    return byId.get(id) ?? null;
  }
}
