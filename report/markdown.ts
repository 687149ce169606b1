/** The report as a comment on a pull request: verdict, totals, the worst findings in a table with a folded
 * block each. Bounded, since forges refuse comments over 65,536 characters. */

import type { Report } from "../model/report.ts";
import type { Rendered, ReportDetails } from "./details.ts";
import { fitted } from "./fitted.ts";
import {
  asideSection,
  blocksSection,
  findingCells,
  findingColumns,
  reasonsSection,
  rulesSection,
  tableSection,
  verdictSections,
} from "./markdown-parts.ts";
import { outlineOf } from "./outline.ts";

/** Finds the comment again, so that the next run replaces it (a sticky comment). */
export const markdownMarker = "<!-- penumbra-report -->";
/** GitHub refuses comments over 65,536 characters; the rest is for whoever puts a frame around this. */
const mostCharacters = 60_000;
/** More than a reviewer reads. */
const mostFindings = 20;
const mostReasons = 10;
const mostBlindSpots = 30;
const mostRules = 20;

/** What gives way first: a row without its block still says what differs. */
const importance = { rules: 1, blocks: 2, aside: 3, rows: 4, reasons: 5 } as const;

/** Renders Markdown of at most 60,000 characters; what does not fit is counted in it. */
export function markdownReporter(report: Report, details: ReportDetails): Rendered {
  const samples = new Map(details.samples.map((sample) => [sample.exchangeId, sample]));
  const { open } = outlineOf(report);
  const shown = open.slice(0, mostFindings);
  const rows = { noun: "finding", beyond: open.length - shown.length, importance: importance.rows };
  const document = fitted(
    [
      ...verdictSections(report),
      reasonsSection(report, mostReasons, importance.reasons),
      tableSection(findingColumns, shown.map(findingCells), rows),
      blocksSection(shown, samples, importance.blocks),
      rulesSection(report, mostRules, importance.rules),
      asideSection(report, mostBlindSpots, importance.aside),
    ],
    mostCharacters - markdownMarker.length - 1,
    (text) => text.length,
  );
  return { output: `${markdownMarker}\n${document}` };
}
