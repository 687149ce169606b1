import { describe, expect, it } from "vitest";
import { exchangesOf, type Written } from "../../replayer/distill/session-log.ts";
import { assumptions, lineOf } from "./assumptions.ts";

/** Exchanges of many sessions; every fifth is another one in production. */
function lines(usual: (n: number) => Written, unusual: (n: number) => Written): string[] {
  const made = (other: boolean): Written[] =>
    Array.from({ length: 300 }, (_, n) => ({ lane: `lane ${n % 150}`, ...(other && n % 5 === 0 ? unusual(n) : usual(n)) }));
  return assumptions(exchangesOf(made(false)), exchangesOf(made(true)))
    .beliefs.map(lineOf)
    .sort();
}

describe("one cause gives one line", () => {
  it("of an endpoint that is never called, without its parameters, headers and fields", () => {
    const found = lines(
      () => ({ ask: "GET /a" }),
      () => ({ ask: "POST /b?x=1", headers: { "x-new": "1" }, body: { y: 1 }, status: 201 }),
    );
    expect(found).toEqual(["POST /b: is never called"]);
  });

  it("of a field that is always absent, without its children", () => {
    const found = lines(
      () => ({ ask: "GET /a", answer: { id: 1 } }),
      () => ({ ask: "GET /a", answer: { id: 1, coupon: { code: "A", rates: [1, 2] } } }),
    );
    expect(found).toEqual(["GET /a: answer 200 /coupon is always absent"]);
  });

  it("of what a request brings and its answer gives back", () => {
    const echo = (name: string | null): Written => ({ ask: "POST /a", body: { name }, answer: { name } });
    expect(
      lines(
        (n) => echo(`n${n}`),
        () => echo(null),
      ),
    ).toEqual(["POST /a: body /name is never null"]);
  });

  it("of a header that is new at many endpoints", () => {
    const ask = (n: number): string => `GET /${"abc".charAt(n % 3)}`;
    const [belief, ...others] = lines(
      (n) => ({ ask: ask(n) }),
      (n) => ({ ask: ask(n), headers: { "x-new": "1" } }),
    );
    expect(others).toEqual([]);
    expect(belief).toMatch(/^GET \/[abc]: never has the header x-new$/);
  });

  it("of a text with several new kinds of characters", () => {
    const found = lines(
      (n) => ({ ask: `GET /a?q=${"ab".repeat(1 + (n % 15))}` }),
      () => ({ ask: "GET /a?q=%C3%BC%0Ab" }),
    );
    expect(found).toEqual(["GET /a: parameter q never has letters beyond ASCII, line breaks"]);
  });

  it("of an array that lost its order by several members", () => {
    const list = (from: number, step: number): unknown =>
      Array.from({ length: 5 }, (_, n) => ({ id: from + step * n, at: `t${50 + from + step * n}` }));
    const found = lines(
      (n) => ({ ask: "GET /a", answer: list(10 + (n % 9), 1) }),
      (n) => ({ ask: "GET /a", answer: list(10 + (n % 9), -1) }),
    );
    expect(found).toEqual(["GET /a: answer 200 is always in ascending order of id"]);
  });

  it("of a map with other keys: none at all", () => {
    const word = (n: number): string => `k${String.fromCharCode(97 + (n % 26))}${String.fromCharCode(97 + ((n * 7) % 26))}`;
    const map = (n: number): Written => ({ ask: "GET /a", answer: { [word(n)]: 1, [word(n + 1)]: 2 } });
    expect(lines(map, () => ({ ask: "GET /a", answer: { qa: 1, qb: 2 } }))).toEqual([]);
  });
});

describe("an array that is longer", () => {
  const tags = (of: readonly string[]) => (): Written => ({ ask: "POST /a", body: { tags: of } });

  it("gives one line, also where what is new in it is other than what was there", () => {
    expect(lines(tags(["a"]), tags(["a", "b", "c", "d", "e", "f"]))).toEqual(["POST /a: body /tags never has far more than 1 elements"]);
  });

  it("explains no other value that comes more often", () => {
    const found = lines(tags(["a"]), (n) => ({ ask: "POST /a", body: { tags: n % 10 === 0 ? ["a", "b", "c", "d", "e", "f"] : ["b"] } }));
    expect(found).toEqual([
      "POST /a: body /tags never has far more than 1 elements",
      'POST /a: body /tags/* is always "a", never "b", "c", "d", "e", "f"',
    ]);
  });
});

describe("a range", () => {
  const quantity =
    (of: (n: number) => number) =>
    (n: number): Written => ({ ask: "POST /a", body: { quantity: of(n) } });
  const usual = quantity((n) => 1 + (n % 9));

  it("is not left by one, and not by less than half of its width", () => {
    expect(
      lines(
        usual,
        quantity(() => 10),
      ),
    ).toEqual([]);
    expect(
      lines(
        usual,
        quantity(() => 13),
      ),
    ).toEqual([]);
    expect(
      lines(
        usual,
        quantity(() => 14),
      ),
    ).toEqual(["POST /a: body /quantity is never far above 9"]);
    expect(
      lines(
        usual,
        quantity(() => -1),
      ),
    ).toEqual(["POST /a: body /quantity is never negative"]);
  });

  it("without 0 is left by it, near as it is, and once", () => {
    const narrow = quantity((n) => 1 + (n % 3));
    const zero = quantity(() => 0);
    expect(lines(narrow, zero)).toEqual(["POST /a: body /quantity is never 0"]);
    expect(
      lines(
        quantity((n) => 100 + (n % 9)),
        zero,
      ),
    ).toEqual(["POST /a: body /quantity is never 0"]);
    expect(
      lines(
        quantity((n) => 100 + (n % 9)),
        quantity((n) => n % 10),
      ),
    ).toEqual(["POST /a: body /quantity is never far below 100"]);
    expect(
      lines(
        quantity((n) => n % 3),
        zero,
      ),
    ).toEqual([]);
  });

  it("is not asked of ids and moments, but whether they fit is", () => {
    const id = (of: number) => (): Written => ({ ask: "POST /a", body: { orderId: of } });
    expect(lines(id(7), id(100_000))).toEqual([]);
    expect(lines(id(7), id(3_000_000_000))).toEqual(["POST /a: body /orderId is never beyond 32 bits"]);
    const moment =
      (of: number) =>
      (n: number): Written => ({ ask: "POST /a", body: { at: of + n } });
    expect(lines(moment(1_763_798_400), moment(1_863_798_400))).toEqual([]);
  });
});

describe("a closed set of texts", () => {
  const text = (fields: Readonly<Record<string, string>>) => (): Written => ({ ask: "POST /a", body: fields });

  it("is what staging has of words", () => {
    expect(lines(text({ plan: "basic" }), text({ plan: "plus" }))).toEqual(['POST /a: body /plan is always "basic", never "plus"']);
  });

  it("is not that staging has few users and few days", () => {
    expect(lines(text({ userId: "ann" }), text({ userId: "bob" }))).toEqual([]);
    expect(lines(text({ day: "2026-11-22" }), text({ day: "2026-12-24" }))).toEqual([]);
    expect(lines(text({ ref: "3f2504e0-4f89-41d3-9a0c-0305e82c3301" }), text({ ref: "7d444840-9dc0-11d1-b245-5ffdce74fad2" }))).toEqual([]);
  });

  it("is not made of what redaction left", () => {
    const token = (letter: string): string => `tok_${letter.repeat(22)}`;
    expect(lines(text({ mail: token("a") }), text({ mail: token("b") }))).toEqual([]);
  });
});
