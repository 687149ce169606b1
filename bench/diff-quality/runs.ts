/** Sends the traffic to the three copies, probes as a replay would, and keeps the log of the run.
 *
 *    scene ──► primary, control, candidate ──► observation ──► LiveComparison ──► 9 more sends a side, within the budget */

import { LiveComparison } from "../../diff/live-comparison.ts";
import type { Outcome } from "../../model/exchange.ts";
import { probeTimes, type RunEntry } from "../../model/observation.ts";
import { epochMs } from "../../model/units.ts";
import type { Copy } from "./noise.ts";
import { answer, type Service, startOfRun } from "./service.ts";
import type { EndpointName, Scene } from "./traffic.ts";

/** What all arms are given. */
export interface Exchanges {
  readonly endpoint: EndpointName;
  readonly primary: Outcome;
  readonly control: Outcome;
  readonly candidate: Outcome;
}

export interface SimulatedRun {
  readonly exchanges: readonly Exchanges[];
  /** The same with probes, as Penumbra logs it. */
  readonly log: readonly RunEntry[];
}

/** As `replay` has it by default (2,000 sends, 18 a probe). */
const maxProbes = Math.floor(2000 / (2 * probeTimes));
const msBetweenRequests = 50;

export function simulateRun(service: Service, scenes: readonly Scene[]): SimulatedRun {
  const live = new LiveComparison({ maxProbes });
  const log: RunEntry[] = [];
  const exchanges: Exchanges[] = [];
  for (const scene of scenes) {
    const ask = (copy: Copy): Outcome => answer(service, copy, scene, 0);
    const exchange: Exchanges = {
      endpoint: scene.endpoint,
      primary: ask("primary"),
      control: ask("control"),
      candidate: ask("candidate"),
    };
    exchanges.push(exchange);
    const id = `x${scene.index}`;
    const observation = {
      exchange: {
        id,
        at: epochMs(startOfRun + scene.index * msBetweenRequests),
        lane: `lane ${scene.lane}`,
        labels: {},
        request: scene.request,
        outcome: exchange.primary,
      },
      candidate: { outcome: exchange.candidate },
      controls: [{ outcome: exchange.control }],
    };
    log.push({ kind: "observation", observation });
    if (!live.observe(observation).probe) continue;
    const again = (copy: Copy): Outcome[] => Array.from({ length: probeTimes }, (_, time) => answer(service, copy, scene, time + 1));
    log.push({
      kind: "probe",
      probe: { exchangeId: id, control: again("control"), candidate: again("candidate"), freshState: false },
    });
  }
  return { exchanges, log };
}
