/** What the reader sees at the moment: which findings, which are open, how bodies are laid out. In the address, so that a link shows the same. */

import { computed, signal } from "@preact/signals";
import type { FindingGroup } from "../data.ts";
import { fits, readTerms } from "./search.ts";
import { type Data, data } from "./source.ts";

export type Finding = Data["groups"][number]["findings"][number];
type GroupKey = FindingGroup["key"];

export const query = signal("");
/** Groups that are unfolded; what is open always is. */
export const unfolded = signal<ReadonlySet<GroupKey>>(new Set(["open"]));
export const expanded = signal<ReadonlySet<string>>(new Set());
/** The finding that j and k move from. */
export const current = signal<string | null>(null);
/** The finding that is to get the focus as soon as it is drawn. */
export const wanted = signal<string | null>(null);
export const layout = signal<"split" | "unified">("split");
export const isHelpShown = signal(false);
/** The finding that is being accepted. */
export const accepting = signal<string | null>(null);

const terms = computed(() => readTerms(query.value));

export interface ShownGroup extends Omit<FindingGroup, "findings"> {
  readonly findings: readonly Finding[];
  /** Before the search. */
  readonly all: number;
  readonly isUnfolded: boolean;
}

export const groups = computed<readonly ShownGroup[]>(() =>
  (data.value?.groups ?? []).map((group) => ({
    ...group,
    findings: terms.value.length === 0 ? group.findings : group.findings.filter((finding) => fits(finding, terms.value)),
    all: group.findings.length,
    isUnfolded: unfolded.value.has(group.key) || terms.value.length > 0,
  })),
);

/** The findings that j and k go through, in their order. */
export const reachable = computed<readonly Finding[]>(() =>
  groups.value.flatMap(({ isUnfolded, findings }) => (isUnfolded ? findings : [])),
);

/** Where a finding stands among those of all groups. */
export const positions = computed<ReadonlyMap<string, number>>(
  () => new Map((data.value?.groups ?? []).flatMap(({ findings }) => findings).map(({ id }, position) => [id, position])),
);

export function toggle<T>(set: ReadonlySet<T>, item: T, on: boolean = !set.has(item)): ReadonlySet<T> {
  const next = new Set(set);
  if (on) next.add(item);
  else next.delete(item);
  return next;
}

export function expand(id: string, on?: boolean): void {
  expanded.value = toggle(expanded.value, id, on);
  current.value = id;
  writeAddress(expanded.value.has(id) ? id : null);
}

/** Unfolds what hides a finding, opens it and goes there. */
function goTo(id: string): boolean {
  const group = data.value?.groups.find(({ findings }) => findings.some((finding) => finding.id === id));
  if (group === undefined) return false;
  if (!reachable.value.some((finding) => finding.id === id)) query.value = "";
  unfolded.value = toggle(unfolded.value, group.key, true);
  expand(id, true);
  wanted.value = id;
  return true;
}

/** `#finding=3fa9c1d27b04&q=endpoint%3A…` */
export function readAddress(): void {
  const address = new URLSearchParams(location.hash.slice(1));
  query.value = address.get("q") ?? "";
  const id = address.get("finding");
  if (id !== null) goTo(id);
}

export function writeAddress(finding: string | null): void {
  const address = new URLSearchParams();
  if (finding !== null) address.set("finding", finding);
  if (query.value !== "") address.set("q", query.value);
  const text = address.toString();
  history.replaceState(null, "", text === "" ? location.pathname + location.search : `#${text}`);
}
