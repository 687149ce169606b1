/** Renames the signatures that were found before their object turned out to be a map, or names in a page to be data, and puts those
 * together that are then the same. */

import type { MapKeys } from "./map-keys.ts";
import { MarkupNames } from "./markup-names.ts";
import type { SignatureRecord } from "./signatures.ts";
import type { ComparedExchange } from "./tally.ts";

export interface FoldedSignatures {
  /** Numbered as before; of those put together the first one's number stays. */
  readonly records: readonly SignatureRecord[];
  /** The number that stands for one that was found. */
  readonly numberOf: (number: number) => number;
}

/** @param isReviewed whether all that a record shows was accepted or is known, given its new place */
export function foldSignatures(
  found: readonly SignatureRecord[],
  maps: MapKeys,
  isReviewed: (record: SignatureRecord, path: string) => boolean,
): FoldedSignatures {
  const names = new MarkupNames(found);
  const templateOf = ({ signature }: SignatureRecord): string | null => {
    if (signature.location !== "body") return null;
    return signature.path.startsWith("/") ? maps.templateOf(signature.endpoint, signature.path) : names.templateOf(signature);
  };
  const groups = Map.groupBy(found, (record) => foldedKey(record, templateOf(record), isReviewed));
  if (groups.size === found.length) return { records: found, numberOf: (number) => number };
  const numbers = new Map<number, number>();
  const records = [...groups.values()].flatMap((group): SignatureRecord[] => {
    const [first] = group;
    if (first === undefined) return [];
    for (const { number } of group) numbers.set(number, first.number);
    return [group.length === 1 ? first : merged(first, group, templateOf(first) ?? first.signature.path)];
  });
  return { records, numberOf: (number) => numbers.get(number) ?? number };
}

/** Equal for those that are one when keys of maps and names that are data are left out.
 * @param template null where there are none */
function foldedKey(
  record: SignatureRecord,
  template: string | null,
  isReviewed: (record: SignatureRecord, path: string) => boolean,
): string {
  const { number, anchor, apart, signature } = record;
  const { endpoint, path, kind } = signature;
  if (template === null) return String(number);
  const wasReviewed = template === path ? record.isReviewed : isReviewed(record, template);
  return [anchor, wasReviewed, endpoint, template, kind, apart].join("\n");
}

/** The exchange with the numbers that its signatures now have. */
export function withSignatures(exchange: ComparedExchange, numberOf: FoldedSignatures["numberOf"]): ComparedExchange {
  const renamed = (numbers: readonly number[]): readonly number[] =>
    numbers.every((number) => numberOf(number) === number) ? numbers : [...new Set(numbers.map(numberOf))];
  const [shown, noisy] = [renamed(exchange.shown), renamed(exchange.noisy)];
  return shown === exchange.shown && noisy === exchange.noisy ? exchange : { ...exchange, shown, noisy };
}

function merged(first: SignatureRecord, group: readonly SignatureRecord[], path: string): SignatureRecord {
  const union = (property: "shown" | "noisy" | "shownAfterGap"): number[] =>
    [...new Set(group.flatMap((record) => record[property]))].sort((a, b) => a - b);
  const transitions: SignatureRecord["transitions"] = new Map();
  // The control's transitions speak only where the candidate shows none.
  const speaking = group.filter(isShown);
  for (const record of speaking.length > 0 ? speaking : group) {
    for (const [stable, entry] of record.transitions) {
      const known = transitions.get(stable);
      if (known === undefined) transitions.set(stable, { ...entry });
      else known.count += entry.count;
    }
  }
  return {
    ...first,
    signature: { ...first.signature, path },
    comparedBefore: group.reduce((least, record) => Math.min(least, record.comparedBefore), Number.POSITIVE_INFINITY),
    transitions,
    shown: union("shown"),
    noisy: union("noisy"),
    shownAfterGap: union("shownAfterGap"),
    probes: group.flatMap(({ probes }) => probes),
    occurrences: group.reduce((sum, { occurrences }) => sum + occurrences, 0),
    isValueLevel: group.every(({ isValueLevel }) => isValueLevel),
    isUnsteady: group.some(({ isUnsteady }) => isUnsteady),
  };
}

function isShown({ shown, shownAfterGap }: SignatureRecord): boolean {
  return shown.length + shownAfterGap.length > 0;
}
