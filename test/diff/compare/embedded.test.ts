import { describe, expect, it } from "vitest";
import { compare, found, json, uuid } from "./answers.ts";

const strings = (left: string, right: string) => found(json({ v: left }), json({ v: right }));
const text = (value: unknown) => JSON.stringify(value);

describe("JSON in a string", () => {
  it("is compared as a document, whatever its key order and white space", () => {
    expect(strings('{"a":1,"b":[2]}', ' { "b": [2], "a": 1 }\n')).toEqual([]);
    expect(strings('{"a":1,"b":[2]}', '{"a":1,"b":[3]}')).toEqual(["/v/b/* json.value value value"]);
    expect(strings("[]", "{}")).toEqual(["/v json.type type array→object"]);
  });

  it("takes part in the renaming of ids", () => {
    const answer = (user: number, owner: number) => json({ id: uuid(user), log: text({ by: { id: uuid(user) }, ownerId: uuid(owner) }) });
    expect(found(answer(1, 1), answer(2, 2))).toEqual([]);
    expect(found(answer(1, 1), answer(2, 3))).toEqual(["/log/ownerId json.reference value reference"]);
  });

  it("that became another text, or a broken document, is an event of its own", () => {
    expect(strings('{"a":1}', "[object Object]")).toEqual(["/v json.embedded format json→text"]);
    expect(strings('{"a":', '{"a":1}')).toEqual(["/v json.embedded format text→json"]);
    expect(strings('{"a":1}', "")).toEqual(["/v json.value value text→empty"]);
    expect(strings("{no", "{yes")).toEqual(["/v json.value value value"]);
  });

  it("is read in another one, to a bound", () => {
    const wrapped = (value: unknown, levels: number): string => (levels === 0 ? text(value) : text({ in: wrapped(value, levels - 1) }));
    expect(strings(wrapped({ a: 1 }, 1), wrapped({ a: 2 }, 1))).toEqual(["/v/in/a json.value value value"]);
    expect(strings(wrapped({ a: 1 }, 5), wrapped({ a: 2 }, 5))).toEqual(["/v/in/in/in json.value value value"]);
    expect(strings("[".repeat(100) + "]".repeat(100), `${"[".repeat(100)}1${"]".repeat(100)}`)).toHaveLength(1);
  });
});

describe("a JWT in a string", () => {
  const token = (claims: unknown, signature: string) =>
    [{ alg: "HS256" }, claims].map((part) => Buffer.from(text(part)).toString("base64url")).join(".") + `.${signature}`;

  it("is compared by its header and claims, not by its signature", () => {
    expect(strings(token({ role: "user" }, "YQ"), token({ role: "user" }, "Yg"))).toEqual([]);
    expect(strings(token({ role: "user" }, "YQ"), token({ role: "admin" }, "Yg"))).toEqual(["/v/claims/role json.value value user→admin"]);
    expect(strings(token({ a: 1 }, "YQ"), token({ a: 1 }, ""))).toEqual(["/v/signed json.value value true→false"]);
    expect(strings(token({ a: 1 }, "YQ"), "0123456789abcdef0123456789abcdef")).toEqual(["/v json.format format jwt→hex 32"]);
  });
});

describe("a URL in a string", () => {
  it("is compared by component, with the ids in it", () => {
    expect(found(json({ id: 17, self: "/orders/17" }), json({ id: 18, self: "/orders/18" }), { target: "/orders" })).toEqual([]);
    expect(found(json({ id: 17, self: "/orders/17" }), json({ id: 18, self: "/orders/19" }), { target: "/orders" })).toHaveLength(1);
    expect(strings("https://a.example/x?page=1", "https://b.example/x?page=1")).toEqual(["/v json.value value host"]);
    expect(strings("https://a.example/x?page=1", "https://a.example/x?page=2")).toEqual(["/v json.value value query"]);
    expect(strings("/api/v1/x", "/api/v2/x")).toEqual(["/v json.value value path"]);
  });
});

describe("a number in a text", () => {
  it.each([
    ["12.50", "12.5", "notation"],
    ["PT60S", "PT1M", "notation"],
    ["1500 ms", "1.5 s", "notation"],
    ["PT60S", "PT61S", "value"],
    ["12.50 EUR", "1250 EUR", "×100"],
    ["total: -3", "total: 3", "sign"],
    ["1 of 2", "1 of 3", "value"],
    ["about 2.347 km", "about 2.35 km", "rounding"],
  ])("%s → %s is named %s", (left, right, transition) => {
    expect(strings(left, right)).toEqual([`/v json.value value ${transition}`]);
  });
});

describe("times that belong together", () => {
  const at = (second: number) => ({ date: `Sun, 22 Nov 2026 09:24:${second} GMT` });
  const answer = (second: number, created: string, expires: string, fixed = "1990-01-01T00:00:00Z") =>
    json({ created: `2026-11-22T09:24:${created}Z`, expires: `2027-11-22T09:24:${expires}Z`, fixed }, at(second));

  it("differ by nothing when all of them moved with the answer's Date", () => {
    expect(found(answer(30, "30.928", "30.928"), answer(37, "37.030", "37.030"))).toEqual([]);
    expect(compare(answer(30, "30.928", "30.928"), answer(37, "37.030", "37.030")).leaves).toMatchObject({ byFormat: 3 });
  });

  it("are told from those that moved by something else", () => {
    expect(found(answer(30, "30.928", "30.928"), answer(37, "37.030", "38.030"))).toEqual(["/expires json.value value value"]);
    expect(found(answer(30, "30", "30"), answer(37, "37", "36"))).toEqual(["/expires json.value value value"]);
    expect(found(answer(30, "30.1", "30.1"), answer(30, "30.2", "30.2", "1990-01-01T00:00:01Z"))).toEqual([
      "/fixed json.value value value",
    ]);
  });

  it("prove nothing by moving alike when nothing ties them to the Date", () => {
    const zone = (hour: string) => json({ a: `2026-11-22T${hour}:00:00.000Z`, b: `2026-11-23T${hour}:00:00.000Z` }, at(30));
    expect(found(zone("09"), zone("10"))).toHaveLength(2);
  });
});
