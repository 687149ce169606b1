/** Penumbra, as a report shows what it found. */

import type { Report } from "../../../model/report.ts";
import type { Reported } from "../reported.ts";
import { bystanderPath } from "../traffic.ts";

/** The findings that are shown as real: sure ones, and ones that leave the run inconclusive. */
export function reportedBy(report: Report): Reported[] {
  return report.findings
    .filter(({ state }) => state === "new" || state === "unconfirmed")
    .map(({ state, condition, signatures, endpoint, location, path, kind }) => ({
      places: [{ endpoint, location, path, kind }, ...signatures].map((signature) => ({
        ...signature,
        endpoint: signature.endpoint.includes(bystanderPath) ? ("bystander" as const) : ("main" as const),
      })),
      isConfirmed: state === "new",
      condition,
    }));
}
