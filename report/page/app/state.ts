/** What the reader sees at the moment: which findings, which are open, how bodies are laid out. In the address, so that a link shows the same. */

import { computed, signal } from "@preact/signals";
import type { FindingGroup } from "../data.ts";
import { fits, readTerms } from "./search.ts";
import { type Data, data } from "./source.ts";

export type Finding = Data["groups"][number]["findings"][number];
type GroupKey = FindingGroup["key"];

/** Groups that can be folded, and what an address may say. */
const foldable: readonly GroupKey[] = ["settled", "noise"];
const keys = ["finding", "q", "groups"] as const;

export const query = signal("");
/** Groups that are unfolded; what is open always is. */
export const unfolded = signal<ReadonlySet<GroupKey>>(new Set(["open"]));
export const expanded = signal<ReadonlySet<string>>(new Set());
/** The finding that j and k move from. */
export const current = signal<string | null>(null);
/** The finding that is to get the focus as soon as it is drawn. */
export const wanted = signal<string | null>(null);
export const layout = signal<"split" | "unified">("split");
/** The part of the help that is wanted. */
export const help = signal<"keys" | "words" | null>(null);
/** The finding that the address names: the one opened last, or one that may not be here. */
const linked = signal<string | null>(null);
/** It was followed, or there is none to follow. */
let isFollowed = true;
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

/** The finding that the address names and this report does not have; null = it has it, or none is named, or nothing is known yet. */
export const missing = computed<string | null>(() =>
  linked.value === null || data.value === null || positions.value.has(linked.value) ? null : linked.value,
);

function toggle<T>(set: ReadonlySet<T>, item: T, on: boolean = !set.has(item)): ReadonlySet<T> {
  const next = new Set(set);
  if (on) next.add(item);
  else next.delete(item);
  return next;
}

export function expand(id: string, on?: boolean): void {
  expanded.value = toggle(expanded.value, id, on);
  current.value = id;
  link(expanded.value.has(id) ? id : null);
}

function link(id: string | null): void {
  linked.value = id;
  isFollowed = true;
  writeAddress();
}

export function fold(key: GroupKey): void {
  unfolded.value = toggle(unfolded.value, key);
  writeAddress();
}

/** What is searched for is not what was linked to. */
export function search(text: string): void {
  query.value = text;
  link(null);
}

export function dropLink(): void {
  link(null);
}

/** Unfolds what hides a finding, opens it and goes there. */
function goTo(id: string, key: GroupKey): void {
  if (!unfolded.value.has(key)) unfolded.value = toggle(unfolded.value, key, true);
  if (!reachable.value.some((finding) => finding.id === id)) query.value = "";
  expand(id, true);
  wanted.value = id;
}

/** `#finding=3fa9c1d27b04&q=endpoint%3A…&groups=noise`; another one, such as a place in the page, says nothing about what is shown. */
export function readAddress(): void {
  const address = new URLSearchParams(location.hash.slice(1));
  if (location.hash.length > 1 && !keys.some((key) => address.has(key))) return;
  query.value = address.get("q") ?? "";
  const named = (address.get("groups") ?? "").split(",");
  unfolded.value = new Set<GroupKey>(["open", ...foldable.filter((key) => named.includes(key))]);
  linked.value = address.get("finding");
  isFollowed = false;
  followLink();
}

/** Who has begun to read is not taken elsewhere by what is found later. */
export function stayWhereReadersAre(): void {
  const stay = (): void => {
    isFollowed = true;
  };
  for (const kind of ["pointerdown", "keydown", "wheel", "touchstart"]) addEventListener(kind, stay, { capture: true, passive: true });
}

/** On a page that watches a run, what was linked to may be found later. */
export function followLink(): void {
  const id = linked.value;
  if (id === null || isFollowed) return;
  const group = data.value?.groups.find(({ findings }) => findings.some((finding) => finding.id === id));
  if (group !== undefined) goTo(id, group.key);
}

function writeAddress(): void {
  const address = new URLSearchParams();
  if (linked.value !== null) address.set("finding", linked.value);
  if (query.value !== "") address.set("q", query.value);
  const groupKeys = foldable.filter((key) => unfolded.value.has(key));
  if (groupKeys.length > 0) address.set("groups", groupKeys.join(","));
  // A comma may stand in a fragment as it is.
  const text = address.toString().replaceAll("%2C", ",");
  history.replaceState(null, "", text === "" ? location.pathname + location.search : `#${text}`);
}
