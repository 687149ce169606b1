import { describe, expect, it } from "vitest";
import { FeatureTable } from "../../diff/feature-table.ts";
import { RequestFeatures } from "../../diff/request-features.ts";
import { jsonOf } from "../../diff/request-reading.ts";
import type { Body, HeaderList } from "../../model/exchange.ts";

interface Asked {
  readonly target?: string;
  readonly headers?: HeaderList;
  readonly body?: string;
  readonly type?: string;
  readonly lane?: string | null;
  readonly endpoint?: string;
}

function reader(): { readonly table: FeatureTable; readonly read: (asked: Asked) => string[] } {
  const table = new FeatureTable();
  const features = new RequestFeatures(table);
  const read = ({ target = "/", headers = [], body, type = "application/json", lane = null, endpoint = "POST /" }: Asked): string[] => {
    const content: Body = body === undefined ? { kind: "none" } : { kind: "whole", bytes: new TextEncoder().encode(body) };
    const all: HeaderList = body === undefined ? headers : [...headers, ["Content-Type", type]];
    const request = { method: "POST", target, version: "1.1", headers: all, body: content };
    const list = features.listOf({ request, lane }, endpoint, jsonOf(request));
    return [...table.membersOf(list)].map((number) => {
      const { attribute, form, value } = table.features[number] ?? { attribute: "", form: "present", value: "" };
      return `${attribute} ${form === "present" ? "there" : `${form === "equal" ? "=" : "≈"}${value}`}`;
    });
  };
  return { table, read };
}

describe("the features of a request", () => {
  it("are its parameters, query, headers and cookies", () => {
    const { read } = reader();
    const target = "/shops/7/orders/x1?page=12&page=13&flag";
    const headers: HeaderList = [
      ["Accept", "a/b"],
      ["Cookie", "theme=dark; n=1234"],
    ];
    const found = read({ target, headers, endpoint: "POST /shops/{id}/orders/{id2}" });
    expect(found).toEqual(
      expect.arrayContaining(["path id =7", "path id ≈7", "path id2 =x1", "query page =12", "query page ≈12", "query page =13"]),
    );
    expect(found).toEqual(
      expect.arrayContaining(["query flag there", "query flag =", "header accept =a/b", "cookie theme =dark", "cookie n ≈1200"]),
    );
    expect(found).not.toContain("query page ≈13");
  });

  it("are the fields of its body, down to a depth, and their numbers", () => {
    const { read } = reader();
    const body = JSON.stringify({
      a: { b: { c: { d: { e: 1 } } } },
      list: [{ n: 1 }, { n: null }],
      neg: -1234,
      small: 0.0567,
      zero: 0,
      yes: true,
    });
    const found = read({ body });
    expect(found).toEqual(
      expect.arrayContaining(["body field a/b there", "body elements of list ≈2", "body field list/*/n =1", "body field list/*/n =null"]),
    );
    expect(found).toEqual(
      expect.arrayContaining(["body field neg ≈-1300", "body field small ≈0.056", "body field zero ≈0", "body field yes =true"]),
    );
    expect(found.join()).not.toContain("a/b/c/d/e");
    expect(read({ body: "city=Bonn&n=23", type: "application/x-www-form-urlencoded" })).toEqual(
      expect.arrayContaining(["body size ≈14", "body field city =Bonn", "body field n ≈23"]),
    );
  });

  it("keep no values of secrets, nor long ones", () => {
    const { read } = reader();
    const headers: HeaderList = [
      ["Authorization", "Basic abc"],
      ["X-Api-Key", "abc"],
      ["Cookie", "session=abc"],
    ];
    const body = JSON.stringify({ password: "abc", accessToken: "abc", note: "abc".repeat(20) });
    const found = read({ headers, body, target: "/?token=abc" });
    expect(found).toEqual(expect.arrayContaining(["header authorization there", "body field password there", "query token there"]));
    expect(found.join()).not.toContain("abc");
  });

  it("are bounded for a request, and for a run", () => {
    const { read, table } = reader();
    const many = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`f${index}`, Array.from({ length: 50 }, () => index)]));
    const found = read({ body: JSON.stringify(many), headers: [["Accept", "a/b"]] });
    expect(found.length).toBe(96);
    expect(found).toContain("header accept =a/b");
    for (let index = 0; index < 1_000; index++) read({ target: `/?id=word${index}` });
    expect(table.features.filter(({ attribute, form }) => attribute === "query id" && form === "equal").length).toBe(200);
    for (let index = 0; index < 70_000; index++) read({ target: `/?k${index}=1` });
    expect(table.features.length).toBe(65_535);
    expect(read({ target: "/?id=word1&new=1" })).toEqual(["query id there", "query id =word1"]);
  });

  it("name the request before it in the same lane", () => {
    const { read } = reader();
    expect(read({ lane: "a", endpoint: "GET /x" })).toEqual([]);
    expect(read({ lane: "b", endpoint: "GET /y" })).toEqual([]);
    expect(read({ lane: "a", endpoint: "GET /z" })).toEqual(["previous request =GET /x"]);
    expect(read({ endpoint: "GET /z" })).toEqual([]);
  });
});
