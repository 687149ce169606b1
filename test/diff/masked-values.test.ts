/** Values that are new in every answer: what is still found in them, and what is left alone. */

import { describe, expect, it } from "vitest";
import type { Outcome } from "../../model/exchange.ts";
import { type Random, seededRandom } from "../../model/random.ts";
import type { Report } from "../../model/report.ts";
import { answered, type Case, jsonHeaders, judgeCases, metaOf, realFindings } from "./fabricate.ts";
import { rule, tolerance } from "./rules/rules.ts";

interface Field {
  readonly primary: (random: Random, request: number) => unknown;
  readonly control?: (random: Random, request: number) => unknown;
  readonly candidate?: (random: Random, request: number) => unknown;
}

interface Size {
  readonly lanes?: number;
  readonly requests?: number;
  readonly seed?: number;
}

function cases({ primary, control = primary, candidate = control }: Field, { lanes = 40, requests = 6, seed = 1 }: Size = {}): Case[] {
  const random = seededRandom(seed);
  return Array.from({ length: lanes * requests }, (_, i) => ({
    id: `${i}`,
    lane: `lane ${i % lanes}`,
    target: `/quotes/${1000 + i}`,
    primary: answered({ value: primary(random, i) }),
    control: answered({ value: control(random, i) }),
    candidate: answered({ value: candidate(random, i) }),
  }));
}

function report(field: Field, size?: Size): Report {
  return judgeCases(cases(field, size));
}

/** The same value under another name: of a header where the name is one, else of a field. */
function renamed(outcome: Outcome | null | undefined, name: string): Outcome | undefined {
  if (outcome?.kind !== "answered" || outcome.answer.body.kind !== "whole") return undefined;
  const { value } = JSON.parse(Buffer.from(outcome.answer.body.bytes).toString()) as { readonly value: unknown };
  if (!name.includes("-")) return answered({ [name]: value });
  return answered({}, 200, [...jsonHeaders, [name, String(value)]]);
}

const jitter = (random: Random): number => Number((100 + 10 * random.next()).toFixed(4));
const word = (random: Random, letters: number): string =>
  Array.from({ length: letters }, () => String.fromCharCode(97 + random.below(26))).join(" ");

describe("jittered numbers", () => {
  it("that are larger at the candidate are a finding, though their field is noise", () => {
    const judged = report({ primary: jitter, candidate: (random) => jitter(random) + 6 });
    expect(judged.verdict).toBe("fail");
    expect(realFindings(judged)).toMatchObject([
      { path: "/value", kind: "json.value", transition: "larger", state: "new", severity: "medium" },
    ]);
    expect(judged.totals.different).toBeGreaterThan(0);
    expect(report({ primary: jitter, candidate: (random) => jitter(random) - 6 }).findings[0]).toMatchObject({ transition: "smaller" });
  });

  it("that are alike are noise, over 100 seeds, in few lanes and in many", () => {
    for (let seed = 1; seed <= 50; seed++) {
      for (const lanes of [5, 40]) expect(realFindings(report({ primary: jitter }, { seed, lanes, requests: 8 }))).toEqual([]);
    }
  });

  it("that each copy draws once a record or once a lane are noise, over 100 seeds", () => {
    for (let seed = 1; seed <= 50; seed++) {
      for (const owner of ["record", "lane"]) {
        const random = seededRandom(seed);
        const drawn = new Map<string, number>();
        const stuck = (name: string): number => {
          const value = drawn.get(name) ?? jitter(random);
          drawn.set(name, value);
          return value;
        };
        const all = cases({ primary: () => 0 }, { seed, lanes: 40, requests: 8 }).map((one): Case => {
          const record = random.below(6);
          const name = owner === "record" ? `${record}` : `${one.lane}`;
          const [primary, control, candidate] = ["primary", "control", "candidate"].map((copy) =>
            answered({ value: stuck(`${copy} ${name}`) }),
          );
          const target = `/quotes/${record}`;
          return primary === undefined || candidate === undefined ? one : { ...one, target, primary, control: control ?? null, candidate };
        });
        expect(realFindings(judgeCases(all))).toEqual([]);
      }
    }
  });

  it("that are an instance's own, or run ahead of the primary's, decide nothing", () => {
    const own = report({ primary: (random) => 4000 + random.below(3), control: () => 4001, candidate: () => 4077 });
    const counter = report({ primary: (_, i) => i, control: (_, i) => 5000 + 2 * i, candidate: (_, i) => 9000 + 2 * i });
    for (const judged of [own, counter]) expect(realFindings(judged)).toEqual([]);
  });
});

describe("times that something took", () => {
  const slower = (factor: number, write: (ms: number) => unknown): Field => {
    const ms = (random: Random): number => 10 + 3 * random.next();
    return { primary: (random) => write(ms(random)), candidate: (random) => write(ms(random) * factor) };
  };
  const rounded = (ms: number): number => Number(ms.toFixed(2));
  const named = (name: string, field: Field): Report =>
    judgeCases(
      cases(field).map((one) => {
        const [primary, control, candidate] = [one.primary, one.control, one.candidate].map((outcome) => renamed(outcome, name));
        return primary === undefined || candidate === undefined ? one : { ...one, primary, control: control ?? null, candidate };
      }),
    );

  it.each([
    ["took", rounded],
    ["elapsedMs", Math.round],
    ["response_time", (ms: number) => `${rounded(ms)} ms`],
    ["Server-Timing", (ms: number) => `db;dur=${rounded(ms / 2)}, app;dur=${rounded(ms / 2)}`],
    ["X-Runtime", (ms: number) => (ms / 1000).toFixed(6)],
  ])("are no finding on a host that is a tenth slower, and information when they double: %s", (name, write) => {
    const tenth = named(name, slower(1.1, write));
    expect(tenth.verdict).toBe("pass");
    expect(realFindings(tenth)).toEqual([]);
    const doubled = named(name, slower(2, write));
    expect(doubled.verdict).toBe("pass");
    expect(realFindings(doubled)).toMatchObject([{ kind: "latency.paired", transition: "slower", severity: "info", state: "new" }]);
  });

  it.each([
    ["took", rounded, () => 0, "no time"],
    ["elapsedMs", Math.round, () => -1, "no time"],
    ["took", Math.round, (ms: number) => Math.round(ms * 1000), "×1000"],
    ["X-Runtime", (ms: number) => (ms / 1000).toFixed(6), (ms: number) => ms.toFixed(3), "×1000"],
    ["Server-Timing", (ms: number) => `db;dur=${rounded(ms)}`, () => "db;dur=0", "no time"],
  ])("fail when they are none, or in another unit: %s", (name, write, wrong, transition) => {
    const ms = (random: Random): number => 10 + 3 * random.next();
    const judged = named(name, { primary: (random) => write(ms(random)), candidate: (random) => wrong(ms(random)) });
    expect(realFindings(judged).filter(({ severity }) => severity === "medium")).toMatchObject([{ transition, state: "new" }]);
    expect(judged.verdict).toBe("fail");
  });

  it.each<[string, Field]>([
    [
      "serverTime",
      {
        primary: (random, i) => 1_795_000_000 + i * 60 + random.below(30),
        candidate: (random, i) => 1_795_003_600 + i * 60 + random.below(30),
      },
    ],
    ["latency", { primary: (random) => (random.next() < 0.3 ? "low" : "mid"), candidate: () => "broken" }],
  ])("are no times by their name alone: %s that is a moment or a word", (name, field) => {
    const judged = named(name, field);
    expect(judged.verdict).toBe("fail");
    expect(realFindings(judged)[0]).toMatchObject({ path: `/${name}`, severity: "medium" });
  });

  it("fail nothing where one process rounds to 0 what the other rounds to 1", () => {
    const tagged = (ms: number): string => `cdn;desc="POP-2025";dur=${ms}`;
    const cdn = named("Server-Timing", { primary: (random) => tagged(1 + random.below(2)), candidate: () => tagged(0) });
    expect(cdn.verdict).toBe("pass");
    const judged = named("took", { primary: (random) => Math.round(0.3 + random.next() / 2), control: () => 1, candidate: () => 0 });
    expect(judged.verdict).toBe("pass");
  });

  it("are as often equal as not when they are whole milliseconds, and still fail nothing", () => {
    const few = (factor: number) => (random: Random) => Math.round((1 + random.next()) * factor);
    const judged = named("took", { primary: few(1), candidate: few(1.4) });
    expect(judged.verdict).toBe("pass");
  });

  it("are told from a field of that name that the control always has right", () => {
    const films = named("duration", { primary: (_, i) => 5400 + i, candidate: (_, i) => 5401 + i });
    expect(films.verdict).toBe("fail");
    expect(realFindings(films)).toMatchObject([{ path: "/duration", kind: "json.value", severity: "medium" }]);
  });
});

describe("texts", () => {
  it("that are longer at the candidate are a finding", () => {
    const text = (least: number) => (random: Random) => word(random, least + random.below(20));
    const judged = report({ primary: text(20), candidate: text(35) });
    expect(realFindings(judged)).toMatchObject([{ path: "/value", transition: "longer", state: "new" }]);
    expect(realFindings(report({ primary: text(20) }))).toEqual([]);
  });

  it("that the candidate repeats where the control never does are json.constant, high", () => {
    const fresh = (random: Random): string => word(random, 12);
    const judged = report({ primary: fresh, candidate: () => "a b c d e f" });
    expect(realFindings(judged)).toMatchObject([
      { path: "/value", kind: "json.constant", transition: "constant", state: "new", severity: "high" },
    ]);
    expect(judged.findings[0]?.evidence.e).toBeGreaterThan(8_000);
    expect(realFindings(report({ primary: fresh }))).toEqual([]);
  });

  it("that the candidate repeats are found in a small run from ten requests on, and unconfirmed before", () => {
    const constant: Field = { primary: (random) => word(random, 12), candidate: () => "a b c d e f" };
    expect(report(constant, { lanes: 4, requests: 4 }).findings[0]).toMatchObject({ kind: "json.constant", state: "new" });
    const early = report(constant, { lanes: 5, requests: 2 });
    expect(early.findings[0]).toMatchObject({ kind: "json.constant", state: "unconfirmed" });
    expect(early.verdict).toBe("inconclusive");
  });

  it("of which each instance has one are noise", () => {
    expect(realFindings(report({ primary: () => "host one", control: () => "host two", candidate: () => "host three" }))).toEqual([]);
  });
});

describe("masked values", () => {
  it("are named as blind spots and counted as tested by form only", () => {
    const judged = report({ primary: jitter });
    expect(judged.blindSpots).toMatchObject([{ endpoint: "GET /quotes/{id}", kind: "masked-values", path: "/value" }]);
    expect(judged.coverage.byFormat).toBeGreaterThan(0.2);
  });
});

describe("the bound on what was not seen", () => {
  const value = (random: Random): string => (random.below(4) === 0 ? "b" : "x");
  it("is not claimed where the candidate ever differed without the control, though as noise", () => {
    const noisy = report({ primary: () => "x", control: value });
    expect(realFindings(noisy)).toEqual([]);
    expect(noisy.findings[0]?.evidence.b).toBeGreaterThan(0);
    expect(noisy.endpoints).toMatchObject([{ compared: 240, different: 0, upperBound: null }]);
    expect(report({ primary: () => "host one", control: () => "host two", candidate: () => "host three" }).endpoints).toMatchObject([
      { upperBound: 3 / 240 },
    ]);
  });
});

describe("a second control", () => {
  const both = metaOf({ targets: { primary: "http://p", candidate: "http://c", controls: ["http://s", "http://t"] } });
  const withSecond = (field: Field, second: Field["primary"]): Report => {
    const random = seededRandom(9);
    const all = cases(field).map((one, i) => ({ ...one, secondControl: answered({ value: second(random, i) }) }));
    return judgeCases(all, { meta: both });
  };

  it("tells a value that only the candidate has from one that each instance has", () => {
    const field: Field = { primary: () => "recorded word", control: () => "present word" };
    const changed = withSecond({ ...field, candidate: () => "other thing" }, () => "present word");
    expect(realFindings(changed)).toMatchObject([{ path: "/value", kind: "json.value", state: "new", noiseRate: 0 }]);
    expect(changed.findings[0]?.evidence).toMatchObject({ b: 220, c: 0 });
    expect(changed.findings.filter(({ path }) => path === "/value")).toHaveLength(1);
    expect(changed.blindSpots).toEqual([]);
    expect(realFindings(withSecond(field, () => "present word"))).toEqual([]);
    const instances = withSecond({ ...field, candidate: () => "third word" }, () => "second word");
    expect(realFindings(instances)).toEqual([]);
    expect(instances.blindSpots).toMatchObject([{ kind: "masked-values" }]);
  });

  it("speaks only of the exchanges since the switch", () => {
    const field: Field = { primary: () => "recorded word", control: () => "present word", candidate: () => "other thing" };
    const all = cases(field).map((one, i) => ({
      ...one,
      secondControl: answered({ value: "present word" }),
      target: `/quotes/${i % 2}?${i < 40 ? "first" : "x"}=1`,
    }));
    expect(realFindings(judgeCases(all, { meta: both }))).toMatchObject([
      { path: "/value", count: 220, compared: 220, rate: 1, condition: null },
    ]);
  });

  it("keeps to the user's rules", () => {
    const field: Field = { primary: () => 100, control: () => 200, candidate: () => 200.005 };
    const all = cases(field).map((one) => ({ ...one, secondControl: answered({ value: 200 }) }));
    const near = rule("body $.value", tolerance({ absolute: "0.01" }));
    const judged = judgeCases(all, { meta: both, rules: [near] });
    expect(realFindings(judged)).toEqual([]);
    expect(judged.rules).toMatchObject([{ hidden: 220, exchanges: 220, idle: null }]);
    expect(realFindings(judgeCases(all, { meta: both }))).toHaveLength(1);
  });

  it("counts its values as tested from the switch on", () => {
    const field: Field = { primary: () => "recorded word", control: () => "present word", candidate: () => "other thing" };
    const alone = judgeCases(cases(field));
    expect(realFindings(alone)).toEqual([]);
    const tested = withSecond(field, () => "present word");
    expect(tested.coverage.byFormat).toBeLessThan(alone.coverage.byFormat / 5);
  });
});

describe("an endpoint at which the control fails", () => {
  it("is a blind spot under half of equal statuses, with its own fidelity", () => {
    const good = cases({ primary: () => "fine" });
    const bad = good.map((one, i) => ({
      ...one,
      id: `bad ${i}`,
      target: `/orders/${i + 1}`,
      control: answered({}, 401),
      candidate: answered({}, 401),
    }));
    const judged = judgeCases([...good, ...bad]);
    expect(judged.blindSpots).toMatchObject([
      { endpoint: "GET /orders/{id}", kind: "low-fidelity", text: expect.stringContaining("credentials (401)") },
    ]);
    expect(judged.endpoints.map(({ fidelity }) => fidelity)).toEqual([0, 1]);
  });

  it("is a blind spot when nothing of it could be compared", () => {
    const skipped = cases({ primary: () => 1 }).map((one): Case => ({ ...one, method: "POST", notComparable: "write_not_allowed" }));
    expect(judgeCases(skipped).blindSpots).toMatchObject([{ endpoint: "POST /quotes/{id}", kind: "not-compared", path: null }]);
  });
});
