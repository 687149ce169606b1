/** One exemplar exchange as the page shows it: the request, then what each target did, side by side. */

import type { Answer, HeaderList, Outcome } from "../../model/exchange.ts";
import type { Sample } from "../details.ts";
import { duration } from "../figures.ts";
import { placeOf, sideOf } from "../sentences.ts";
import { clipped, visible } from "../visible.ts";
import { type BodyView, noBodyView, viewBody } from "./body-view.ts";
import { curlCommand } from "./curl.ts";
import { type Cell, lineRows, type Row } from "./line-rows.ts";

export interface SampleView {
  readonly id: string;
  readonly line: string;
  readonly requestHeaders: readonly (readonly [string, string])[];
  readonly requestBody: { readonly note: string; readonly rows: readonly Row[] } | null;
  readonly curl: string;
  readonly differences: readonly { readonly place: string; readonly kind: string; readonly from: string; readonly to: string }[];
  readonly moreDifferences: number;
  /** What a rule of the configuration hides, and which. */
  readonly hidden: readonly { readonly place: string; readonly from: string; readonly to: string; readonly rule: string }[];
  readonly sides: readonly SideView[];
  /** Name, then one cell per side; the first side with an answer is what the others are compared with. */
  readonly headers: readonly (readonly [string, ...Cell[]])[];
  readonly body: readonly Row[];
}

export interface SideView {
  readonly name: string;
  /** Without an answer a side has no lines: its cells are 0 and mean nothing. */
  readonly answered: boolean;
  /** "200 OK · 4.1 ms", or why there is no answer. */
  readonly status: string;
  /** Not the same status as the first side's. */
  readonly differs: boolean;
  readonly bodyNote: string;
}

/** So many that a finding's own is hardly ever left out: each path and kind is one. */
const mostDifferences = 300;
const mostHidden = 50;
const mostHeaders = 100;
const textLimit = 2000;

/** @param base the candidate's address, for the curl command */
export function viewSample(sample: Sample, base: string): SampleView {
  const { request, differences } = sample;
  const sides = sidesOf(sample);
  const answeredSides = sides.map(({ outcome }) => outcome.kind === "answered");
  const first = sides[0]?.outcome;
  const bodies = bodyViews(sides.map(({ outcome }) => outcome));
  const requestBody = request.body.kind === "none" ? null : viewBody(request.headers, request.body, null);
  return {
    id: visible(sample.exchangeId),
    line: shown(`${request.method} ${request.target}`),
    requestHeaders: request.headers.slice(0, mostHeaders).map(([name, value]) => [shown(name), shown(value)] as const),
    requestBody: requestBody === null ? null : { note: requestBody.note, rows: lineRows([requestBody.lines]) },
    curl: curlCommand(request, base),
    differences: differences.slice(0, mostDifferences).map((difference) => ({
      place: shown(placeOf(difference)),
      kind: difference.kind,
      from: sideOf(difference.from),
      to: sideOf(difference.to),
    })),
    moreDifferences: Math.max(0, differences.length - mostDifferences),
    hidden: (sample.hidden ?? []).slice(0, mostHidden).map(({ difference, rule }) => ({
      place: shown(placeOf(difference)),
      from: sideOf(difference.from),
      to: sideOf(difference.to),
      rule: shown(rule),
    })),
    sides: sides.map(({ name, outcome }, index) => ({
      name,
      answered: outcome.kind === "answered",
      status: statusOf(outcome),
      differs: first !== undefined && statusKey(outcome) !== statusKey(first),
      bodyNote: bodies[index]?.note ?? "",
    })),
    headers: headerRows(sides.flatMap(({ outcome }) => (outcome.kind === "answered" ? [fieldsOf(outcome.answer)] : []))).map(
      ([name, ...cells]) => [name, ...spread(cells, answeredSides)] as const,
    ),
    body: lineRows(bodies.flatMap(({ lines }, index) => (answeredSides[index] === true ? [lines] : []))).map((row) =>
      typeof row === "number" ? row : spread(row, answeredSides),
    ),
  };
}

/** Cells of the answered sides, put into the columns of all sides. */
function spread(cells: readonly Cell[], answeredSides: readonly boolean[]): Cell[] {
  let next = 0;
  return answeredSides.map((answered) => (answered ? (cells[next++] ?? null) : 0));
}

interface Side {
  readonly name: string;
  readonly outcome: Outcome;
}

function sidesOf({ primary, control, candidate }: Sample): Side[] {
  const sides: Side[] = [{ name: "primary", outcome: primary }];
  if (control !== null) sides.push({ name: "control", outcome: control });
  if (candidate !== null) sides.push({ name: "candidate", outcome: candidate });
  return sides;
}

function bodyViews(outcomes: readonly Outcome[]): BodyView[] {
  const views: BodyView[] = [];
  for (const outcome of outcomes) {
    const like = views.find(({ document }) => document !== null)?.document ?? null;
    views.push(
      outcome.kind === "answered" ? viewBody(outcome.answer.headers, outcome.answer.body, like) : { ...noBodyView, note: "no answer" },
    );
  }
  return views;
}

/** Headers, and trailers by the path that differences name them with. */
function fieldsOf({ headers, trailers = [] }: Answer): HeaderList {
  return [...headers, ...trailers.map(([name, value]) => [`trailer/${name}`, value] as const)];
}

/** Fields of all sides by name in the first side's order, several values of one name one by one. */
function headerRows(sides: readonly HeaderList[]): (readonly [string, ...Cell[]])[] {
  const grouped = sides.map((headers) => Map.groupBy(headers, ([name]) => name.toLowerCase()));
  const names = new Set(grouped.flatMap((group) => [...group.keys()]));
  const rows: (readonly [string, ...Cell[]])[] = [];
  for (const name of names) {
    const most = Math.max(...grouped.map((group) => group.get(name)?.length ?? 0));
    for (let index = 0; index < most && rows.length < mostHeaders; index++) {
      const values = grouped.map((group) => group.get(name)?.[index]?.[1] ?? null);
      const first = values[0] ?? null;
      const cells = values.map((value, side): Cell => (value === null ? null : side > 0 && value === first ? 0 : shown(value)));
      rows.push([shown(name), ...cells]);
    }
  }
  return rows;
}

function statusKey(outcome: Outcome): string {
  return outcome.kind === "answered" ? String(outcome.answer.status) : outcome.kind;
}

function statusOf(outcome: Outcome): string {
  if (outcome.kind === "answered")
    return shown(`${outcome.answer.status} ${outcome.answer.reason}`.trim() + ` · ${duration(outcome.tookMs)}`);
  const detail = outcome.detail === undefined ? "" : ` (${outcome.detail})`;
  return shown(`${outcome.kind}${detail} after ${duration(outcome.tookMs)}`);
}

function shown(text: string): string {
  return clipped(visible(text), textLimit);
}
