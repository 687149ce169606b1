/** Reads the figures of a run back out of what each format shows of it. */

import type { NotComparableReason } from "../../../model/observation.ts";
import type { Report } from "../../../model/report.ts";
import { reasonInWords } from "../../../report/outline.ts";
import { readCodeQuality } from "./code-quality.ts";
import { pageDataOf } from "./html-data.ts";
import { readJunit } from "./junit.ts";
import { logCommandsIn } from "./log-commands.ts";
import { renderedElements } from "./rendered-markdown.ts";

export interface Figures {
  readonly verdict: string;
  readonly exchanges: number;
  readonly compared: number;
  readonly notComparable: number;
  readonly same: number;
  readonly noiseOnly: number;
  readonly different: number;
  /** Codes, in their order. */
  readonly reasons: readonly string[];
  readonly states: Readonly<Record<string, number>>;
  /** By code; absent where the format has the sum only. */
  readonly byReason?: Readonly<Record<string, number>>;
}

/** What the report itself says. */
export function figuresOf({ verdict, totals, reasons, findings }: Report): Required<Figures> {
  const { exchanges, compared, same, noiseOnly, different } = totals;
  const byReason = Object.fromEntries(Object.entries(totals.notComparable).filter(([, n]) => n > 0));
  const notComparable = Object.values(byReason).reduce((sum, n) => sum + n, 0);
  const states: Record<string, number> = {};
  for (const { state } of findings) states[state] = (states[state] ?? 0) + 1;
  return {
    verdict,
    exchanges,
    compared,
    notComparable,
    same,
    noiseOnly,
    different,
    reasons: reasons.map(({ code }) => code),
    states,
    byReason,
  };
}

export function figuresInJson(output: string): Figures {
  return figuresOf(JSON.parse(output) as Report);
}

/** @param output without colours */
export function figuresInText(output: string): Figures {
  const [frame = "", ...lines] = output.split("\n");
  const banner = unwrapped(lines.slice(0, lines.indexOf(frame)));
  const sections = output.slice(output.indexOf(frame, frame.length)).split("\n\n");
  const section = (title: string): string[] => itemsOf(sections.find((each) => each.startsWith(title)) ?? "");
  return {
    ...figuresIn(banner),
    verdict: verdictNamed(/[A-Z]{4,}/.exec(banner)?.[0]),
    reasons: section("Why\n").map(codeIn),
    byReason: byReasonIn(section("Blind spots\n")),
  };
}

/** Of the comment and of the step summary. */
export function figuresInMarkdown(output: string): Figures {
  const elements = renderedElements(output);
  const firstFold = elements.findIndex(({ name }) => name === "details");
  const unfolded = firstFold === -1 ? elements : elements.slice(0, firstFold);
  const heading = elements.find(({ name }) => name === "h2")?.text ?? "";
  const sums = elements.filter(({ name }) => name === "p").map(({ text }) => text)[1] ?? "";
  const reasons = unfolded.find(({ name }) => name === "ul")?.children ?? [];
  return {
    ...figuresIn(sums),
    verdict: verdictNamed(heading.split(": ")[1]),
    reasons: reasons.map(({ text }) => codeIn(text)),
    byReason: byReasonIn(elements.filter(({ name }) => name === "li").map(({ text }) => text)),
  };
}

export function figuresInJunit(output: string): Figures {
  const { properties, cases } = readJunit(output);
  const verdict = cases.find(({ classname, name }) => classname === "penumbra" && name === "verdict");
  const under = (prefix: string): Record<string, number> =>
    Object.fromEntries(
      [...properties].flatMap(([name, value]) => (name.startsWith(prefix) ? [[name.slice(prefix.length), Number(value)]] : [])),
    );
  const told =
    verdict?.result === "skipped" ? verdict.message.split("\n").slice(1).join("\n") : (verdict?.details ?? "") + (verdict?.output ?? "");
  return {
    ...figuresIn(`${properties.get("exchanges")}\n${properties.get("compared")}`),
    verdict: properties.get("verdict") ?? "",
    reasons: told
      .split("\n")
      .filter((line) => line !== "")
      .map(codeIn),
    states: under("findings: "),
    byReason: Object.fromEntries(Object.entries(under("not comparable: ")).filter(([, n]) => n > 0)),
  };
}

/** Of the annotation about the verdict. */
export function figuresInAnnotations(lines: readonly string[]): Figures {
  const [command] = logCommandsIn(lines.join("\n"));
  const told = command?.data.split("\n") ?? [];
  return {
    ...figuresIn(told.join("\n")),
    verdict: verdictNamed(command?.properties.get("title")?.split(": ")[1]),
    reasons: told.filter((line) => /\([a-z-]+\)$/.test(line)).map(codeIn),
  };
}

/** null for a pass, which has no issue that could say anything. */
export function figuresInCodeQuality(output: string): Figures | null {
  const issue = readCodeQuality(output).find(({ check_name }) => check_name.startsWith("penumbra/verdict/"));
  if (issue === undefined) return null;
  const told = issue.description.split("; ");
  return {
    ...figuresIn(told.join("\n")),
    verdict: verdictNamed(issue.description.split(": ")[0]),
    reasons: told.filter((sentence) => /\([a-z-]+\)$/.test(sentence)).map(codeIn),
  };
}

export function figuresInHtml(output: string): Figures {
  const { verdict, sums, parts, reasons, groups } = pageDataOf(output);
  const states: Record<string, number> = {};
  for (const { state } of groups.flatMap(({ findings }) => findings)) states[state] = (states[state] ?? 0) + 1;
  const skipped = parts.filter(({ key }) => key === "skipped");
  return {
    ...figuresIn(sums.join("\n")),
    verdict,
    reasons: reasons.map(({ code }) => code),
    states,
    byReason: Object.fromEntries(skipped.filter(({ n }) => n > 0).map(({ label, n }) => [codeOf(label.replace("not compared: ", "")), n])),
  };
}

type Sums = Omit<Figures, "verdict" | "reasons" | "byReason">;

/** Reads "262 exchanges = 250 compared + 12 not comparable", "250 compared = 104 same (41 with noise only) + 146 different" and
 * "findings by state: 2 new, 1 accepted". */
function figuresIn(text: string): Sums {
  const all = /([\d,]+) exchanges? = ([\d,]+) compared \+ ([\d,]+) not comparable/.exec(text);
  const compared = /([\d,]+) compared = ([\d,]+) same(?: \(([\d,]+) with noise only\))? \+ ([\d,]+) different/.exec(text);
  if (all === null || compared === null || compared[1] !== all[2]) throw new Error(`no sums in ${text.slice(0, 300)}`);
  const states = /findings by state: ((?:[\d,]+ [a-z]+(?:, )?)+)/.exec(text)?.[1] ?? "";
  return {
    exchanges: numberOf(all[1]),
    compared: numberOf(all[2]),
    notComparable: numberOf(all[3]),
    same: numberOf(compared[2]),
    noiseOnly: numberOf(compared[3]),
    different: numberOf(compared[4]),
    states: Object.fromEntries([...states.matchAll(/([\d,]+) ([a-z]+)/g)].map(([, n, state = ""]) => [state, numberOf(n)])),
  };
}

function numberOf(digits: string | undefined): number {
  return Number((digits ?? "0").replaceAll(",", ""));
}

function verdictNamed(word: string | undefined): string {
  return (word ?? "").trim().toLowerCase();
}

/** "the text (the-code)" */
function codeIn(text: string): string {
  return /\(([^()]*)\)$/.exec(text.trim())?.[1] ?? "";
}

function byReasonIn(sentences: readonly string[]): Record<string, number> {
  return Object.fromEntries(
    sentences.flatMap((sentence) => {
      const [, n, words] = /^([\d,]+) exchanges? not compared: (.*)$/s.exec(sentence) ?? [];
      return words === undefined ? [] : [[codeOf(words), numberOf(n)] as const];
    }),
  );
}

const codes: Readonly<Record<NotComparableReason, true>> = {
  primary_abort: true,
  client_abort: true,
  not_recorded: true,
  capped: true,
  write_not_allowed: true,
  loop: true,
  shared_state: true,
  breaker_open: true,
  queue_full: true,
  stale: true,
  control_failed: true,
  correlation_miss: true,
  no_credentials: true,
  unsendable: true,
  unpaired: true,
  interrupted: true,
};
const codesByWords: ReadonlyMap<string, string> = new Map(Object.keys(codes).map((code) => [reasonInWords(code), code]));

function codeOf(words: string): string {
  return codesByWords.get(words) ?? words;
}

/** Items of a list in the text report, each on one line again. */
function itemsOf(section: string): string[] {
  return section
    .split(/\n {2}· /)
    .slice(1)
    .map((item) => unwrapped(item.split("\n")));
}

function unwrapped(lines: readonly string[]): string {
  return lines.map((line) => line.trim()).join(" ");
}
