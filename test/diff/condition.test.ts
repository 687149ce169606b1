import { describe, expect, it } from "vitest";
import { type ConditionCase, conditionOf, conditionText } from "../../diff/condition.ts";
import { type Feature, FeatureTable } from "../../diff/feature-table.ts";
import { type Random, seededRandom } from "../../model/random.ts";

const present = (attribute: string): Feature => ({ attribute, form: "present", value: "" });
const equal = (attribute: string, value: string): Feature => ({ attribute, form: "equal", value });
const about = (attribute: string, value: number): Feature => ({ attribute, form: "about", value: String(value) });

function listOf(table: FeatureTable, features: readonly Feature[]): number {
  return table.listOf(
    features.map(({ attribute, form, value }) => {
      const known = table.attribute(attribute);
      if (form === "present") return known.present();
      return form === "equal" ? known.equal(value) : known.about(Number(value));
    }),
  );
}

/** Requests of one kind, each a unit of its own. */
interface Group {
  readonly count: number;
  readonly features: readonly Feature[];
  readonly shows: boolean;
}

const group = (count: number, features: readonly Feature[], shows: boolean): Group => ({ count, features, shows });

function conditionFor(...groups: readonly Group[]): string | null {
  const table = new FeatureTable();
  let unit = 0;
  const cases = groups.flatMap(({ count, features, shows }) =>
    Array.from({ length: count }, (): ConditionCase => ({ list: listOf(table, features), unit: unit++, shows })),
  );
  const condition = conditionOf(cases, table);
  return condition === null ? null : conditionText(condition);
}

const start = present("query _start");
const host = present("header host");

describe("conditionOf", () => {
  it("names the feature that separates, with its counts", () => {
    expect(conditionFor(group(18, [start, host], true), group(87, [host], false))).toBe(
      "only when query _start is present: 18/18, else 0/87",
    );
  });

  it("stays silent without support, without contrast, and when nothing separates", () => {
    expect(conditionFor(group(4, [start], true), group(90, [], false))).toBeNull();
    expect(conditionFor(group(90, [start], true))).toBeNull();
    expect(conditionFor(group(50, [start], true), group(50, [start], false))).toBeNull();
    expect(
      conditionFor(group(50, [start], true), group(50, [host], true), group(50, [], false), group(50, [start, host], false)),
    ).toBeNull();
  });

  it("prefers presence to a value, and query to headers", () => {
    const all = [host, equal("query page", "2"), present("query _end")];
    expect(conditionFor(group(9, all, true), group(40, [], false))).toContain("query _end is present");
  });

  it("tolerates requests that have the feature and hide the finding, and a few that show it without", () => {
    expect(conditionFor(group(40, [start], true), group(1, [start], false), group(40, [], false))).toContain("40/41, else 0/40");
    expect(conditionFor(group(40, [start], true), group(1, [], true), group(90, [], false))).toContain("40/40, else 1/91");
    expect(conditionFor(group(40, [start], true), group(9, [], true), group(90, [], false))).toBeNull();
  });

  it("says it of what happens only sometimes under the condition", () => {
    expect(conditionFor(group(30, [start], true), group(70, [start], false), group(900, [], false))).toBe(
      "only when query _start is present: 30/100, else 0/900",
    );
  });

  it("says what is absent, and from which number on", () => {
    expect(conditionFor(group(20, [], true), group(80, [host], false))).toBe("only when header host is absent: 20/20, else 0/80");
    const pages = Array.from({ length: 40 }, (_, page) => group(2, [about("query page", page)], page >= 30));
    expect(conditionFor(...pages)).toBe("only when query page ≥ 30: 20/20, else 0/60");
    const others = Array.from({ length: 40 }, (_, page) => group(2, [about("query page", page)], page < 12));
    expect(conditionFor(...others)).toBe("only when query page < 12: 24/24, else 0/56");
  });

  it("needs two predicates where neither suffices, the simpler first", () => {
    const jpy = equal("body field currency", "JPY");
    expect(conditionFor(group(20, [jpy, start], true), group(40, [jpy], false), group(40, [start], false), group(200, [], false))).toBe(
      "only when query _start is present and body field currency=JPY: 20/20, else 0/280",
    );
  });

  it("does not take a second predicate for one request that the first does not explain", () => {
    expect(conditionFor(group(40, [start, host], true), group(1, [start], false), group(40, [host], false), group(40, [], false))).toBe(
      "only when query _start is present: 40/41, else 0/80",
    );
  });

  it("counts a unit once, however often it repeats itself", () => {
    const table = new FeatureTable();
    const of = (unit: number, features: Feature[], shows: boolean): ConditionCase[] =>
      Array.from({ length: 100 }, () => ({ list: listOf(table, features), unit, shows }));
    const cases = [...of(1, [start], true), ...of(2, [], false), ...of(3, [], false)];
    expect(conditionOf(cases, table)).toBeNull();
  });
});

describe("random features", () => {
  const seeds = 150;
  /** Requests with 30 coin tosses, 5 numbers and 5 choices each, none of which has to do with what is found. */
  function randomCases(random: Random, table: FeatureTable, isSticky: boolean): ConditionCase[] {
    const rate = 0.05 + 0.4 * random.next();
    const lanes = 40;
    const laneOf = Array.from({ length: lanes }, () => ({ features: randomFeatures(random), shows: random.next() < rate }));
    return Array.from({ length: 400 }, (_, index): ConditionCase => {
      const unit = index % lanes;
      const lane = laneOf[unit];
      const features = isSticky ? (lane?.features ?? []) : randomFeatures(random);
      const shows = isSticky ? lane?.shows === true : random.next() < rate;
      return { list: listOf(table, features), unit: isSticky ? unit : index, shows };
    });
  }

  function randomFeatures(random: Random): Feature[] {
    return [
      ...Array.from({ length: 30 }, (_, index) => present(`query flag${index}`)).filter(() => random.next() < 0.5),
      ...Array.from({ length: 5 }, (_, index) => about(`query number${index}`, random.below(100))),
      ...Array.from({ length: 5 }, (_, index) => equal(`header choice${index}`, String(random.below(8)))),
    ];
  }

  for (const isSticky of [false, true]) {
    it(`give no condition in ${seeds} seeds, ${isSticky ? "sticky to lanes" : "drawn for each request"}`, () => {
      const invented: string[] = [];
      for (let seed = 1; seed <= seeds; seed++) {
        const table = new FeatureTable();
        const condition = conditionOf(randomCases(seededRandom(seed), table, isSticky), table);
        if (condition !== null) invented.push(`seed ${seed}: ${conditionText(condition)}`);
      }
      expect(invented).toEqual([]);
    });
  }
});
