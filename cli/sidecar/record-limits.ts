/** How large and how old segments and the recording may grow, from what the command line said. */

import { PenumbraError } from "../../model/errors.ts";
import type { RecordingLimits } from "../../recording/writer.ts";
import { isGiven } from "../given-option.ts";
import type { OptionName, OptionValues } from "../options.ts";

const retentionOptions = ["keep-size", "keep-for", "segment-size", "segment-age"] as const satisfies readonly OptionName[];
export type RetentionOption = (typeof retentionOptions)[number];

const largestSegment = 256 * 1024 * 1024;
const oldestSegment = 24 * 60 * 60 * 1000;
/** Whole segments go: with so many of them what is kept stays near what was asked for. */
const segmentsKept = 4;

/** @throws PenumbraError `NO_RECORDING`, `BAD_OPTION` */
export function recordLimits(given: OptionValues<RetentionOption | "record" | "run">): Partial<RecordingLimits> {
  const { "keep-size": keep, "keep-for": keepFor, "segment-size": size, "segment-age": age } = given;
  const needing = retentionOptions.filter((name) => isGiven(name, given[name]));
  // The windows of a run have an age too.
  const [first] = given.record === null && given.run !== null ? needing.filter((name) => name !== "keep-for") : needing;
  if (first === undefined) return {};
  if (given.record === null)
    throw new PenumbraError("NO_RECORDING", `--${first} needs a recording, for which it holds`, "add --record DIR, or leave it out");
  if (keep !== null && size !== null && size > keep)
    throw new PenumbraError(
      "BAD_OPTION",
      "--segment-size is more than --keep-size, and whole segments are kept",
      "make it a part of --keep-size",
    );
  return {
    keepBytes: keep,
    keepMs: keepFor,
    segmentBytes: size ?? Math.min(largestSegment, Math.floor((keep ?? Infinity) / segmentsKept)),
    segmentMs: age ?? Math.min(oldestSegment, (keepFor ?? Infinity) / segmentsKept),
  };
}
