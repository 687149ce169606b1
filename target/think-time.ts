/** How long a client paused before its next request, as far as the replay can afford it. */

import { type Milliseconds, type MonotonicMs, milliseconds } from "../model/units.ts";

export interface Pause {
  /** Between the end of the predecessor's recorded answer and the start of this request. */
  readonly recordedMs: number;
  /** 2 = twice as fast as recorded. */
  readonly speed: number;
  /** When this request was due. */
  readonly submittedAt: MonotonicMs;
  /** When the targets had answered its predecessor. */
  readonly finishedAt: MonotonicMs;
}

/** The pause after a predecessor's answer. In full while the target keeps up; the further its answer came behind the
 * recorded moment the shorter (half when it is behind by one pause), so that a slow target is caught up with
 * gradually and a lane's requests still do not come in a burst. */
export function thinkTime({ recordedMs, speed, submittedAt, finishedAt }: Pause): Milliseconds {
  const full = Math.max(0, recordedMs / speed);
  const behind = Math.max(0, finishedAt - (submittedAt - full));
  return milliseconds(full === 0 ? 0 : (full * full) / (full + behind));
}
