import { describe, expect, it } from "vitest";
import type { Outcome } from "../../../model/exchange.ts";
import { compare, found, type Headers, json } from "./answers.ts";

const headers = (left: Headers, right: Headers) => found(json({}, left), json({}, right));

describe("headers", () => {
  it("are compared without regard to case and order of names", () => {
    expect(headers({ "X-A": "1", "x-b": "2" }, { "X-B": "2", "x-a": "1" })).toEqual([]);
  });

  it("about the connection and the framing are ignored", () => {
    expect(headers({ connection: "close", "content-length": "2", "keep-alive": "timeout=5" }, { "transfer-encoding": "chunked" })).toEqual(
      [],
    );
  });

  it("are reported when they are missing, extra, or another value", () => {
    expect(headers({ "x-a": "1", "x-c": "red" }, { "x-b": "1", "x-c": "blue" })).toEqual([
      "x-a header.missing presence present→absent",
      "x-b header.extra presence absent→present",
      "x-c header.value value red→blue",
    ]);
  });

  it("as trailers are compared like headers, at places of their own", () => {
    const trailers = (fields: Readonly<Record<string, string>>): Outcome => {
      const answer = json({});
      return answer.kind === "answered" ? { ...answer, answer: { ...answer.answer, trailers: Object.entries(fields) } } : answer;
    };
    const stated = (checksum: string) =>
      trailers({ "X-Gone": "1", "Server-Timing": "db", ETag: `"${checksum}"`, Vary: "a, b", "Content-Length": "1" });
    const otherwise = trailers({ "server-timing": "cpu", etag: '"y"', vary: "b, a", "x-new": "2" });
    expect(found(stated("x"), otherwise)).toEqual([
      "trailer/etag header.value value value",
      "trailer/server-timing header.value value db→cpu",
      "trailer/x-gone header.missing presence present→absent",
      "trailer/x-new header.extra presence absent→present",
    ]);
    expect(found(stated("x"), stated("x"))).toEqual([]);
    expect(found(json({}), trailers({ "X-A": "1" }))).toEqual(["trailer/x-a header.extra presence absent→present"]);
    expect(compare(json({}), trailers({ "X-A": "1" })).differences).toMatchObject([{ location: "header" }]);
  });

  it("Date and Age are compared by presence and format", () => {
    const dated = (date: string, age: string) => ({ date, age });
    expect(headers(dated("Sun, 22 Nov 2026 09:24:30 GMT", "1"), dated("Mon, 23 Nov 2026 10:00:00 GMT", "900"))).toEqual([]);
    expect(headers(dated("Sun, 22 Nov 2026 09:24:30 GMT", "1"), { date: "1795339470" })).toEqual([
      "age header.missing presence present→absent",
      "date header.format format http-date→epoch s",
    ]);
  });

  it("Expires is compared by its distance from Date", () => {
    const until = (date: string, expires: string) => ({ date: `Sun, 22 Nov 2026 ${date} GMT`, expires: `Sun, 22 Nov 2026 ${expires} GMT` });
    expect(headers(until("09:00:00", "10:00:00"), until("09:05:07", "10:05:08"))).toEqual([]);
    expect(headers(until("09:00:00", "10:00:00"), until("09:05:07", "11:05:07"))).toEqual(["expires header.value value value"]);
  });

  it.each([
    "vary",
    "allow",
    "access-control-allow-methods",
    "access-control-allow-headers",
    "access-control-expose-headers",
    "cache-control",
  ])("%s is a set", (name) => {
    expect(headers({ [name]: "A, b" }, { [name]: "B,a" })).toEqual([]);
    expect(headers({ [name]: ["a", "b"] }, { [name]: "a, b" })).toEqual([]);
    expect(headers({ [name]: "a, b" }, { [name]: "a" })).toEqual([`${name} header.value value fewer`]);
    expect(headers({ [name]: "a" }, { [name]: "b, a" })).toEqual([`${name} header.value value more`]);
    expect(headers({ [name]: "a, b" }, { [name]: "a, c" })).toEqual([`${name} header.value value value`]);
  });

  it("sent several times are compared in order, and another number is its own kind", () => {
    expect(headers({ "x-a": ["1", "2"] }, { "x-a": ["1", "3"] })).toEqual(["x-a header.value value value"]);
    expect(headers({ "x-a": ["1", "2"] }, { "x-a": "1, 2" })).toEqual(["x-a header.multiplicity lexeme fewer"]);
    expect(headers({ "x-a": "1" }, { "x-a": ["1", "2"] })).toEqual(["x-a header.multiplicity value more"]);
  });

  it("random request ids are of one format, whatever letters and digits they got", () => {
    const ids = ["azosr2zrwz", "vxutpnohfd", "1234567890", "oh9thvspf0", "ancbvel51b", "abcdefgh12"];
    for (const left of ids) {
      for (const right of ids) {
        const expected = left === right ? [] : "header.value value";
        expect(headers({ "x-request-id": left }, { "x-request-id": right }).join()).toContain(expected.toString());
        expect(headers({ "x-request-id": left }, { "x-request-id": right }).join()).not.toContain("format");
      }
    }
  });

  it("Content-Type tells the media type from the charset, and ignores a boundary", () => {
    const type = (value: string) => ({ "content-type": value });
    expect(headers(type("text/html; charset=utf-8"), type("text/plain"))).toContain(
      "content-type body.media-type value text/html→text/plain",
    );
    expect(headers(type("application/json"), type("application/json;charset=latin1"))).toEqual([
      "content-type body.charset value absent→latin1",
    ]);
    expect(headers(type("application/json;charset=utf-8"), type('Application/JSON; charset="UTF8"'))).toEqual([]);
    expect(headers(type("multipart/mixed; boundary=a1"), type("multipart/mixed; boundary=b2"))).toEqual([]);
  });
});

describe("validators", () => {
  it("may follow the body, but not differ over equal bodies", () => {
    expect(found(json({ a: 1 }, { etag: '"x"' }), json({ a: 2 }, { etag: '"y"' }))).toEqual(["/a json.value value value"]);
    expect(headers({ etag: '"x"' }, { etag: '"y"' })).toEqual(["etag header.value value value"]);
  });

  it("are always compared by form", () => {
    expect(found(json({ a: 1 }, { etag: 'W/"x"' }), json({ a: 2 }, { etag: '"y"' }))).toEqual([
      "etag header.format format weak→strong",
      "/a json.value value value",
    ]);
    expect(headers({ "content-digest": "sha-256=:eA==:" }, { "content-digest": "sha-512=:eA==:" })).toEqual([
      "content-digest header.format format sha-256→sha-512",
    ]);
  });

  it("of HEAD are not held against a body that nobody saw", () => {
    expect(found(json(null, { etag: '"x"' }), json(null, { etag: '"y"' }), { method: "HEAD" })).toEqual([]);
  });
});

describe("Set-Cookie", () => {
  const cookies = (left: readonly string[], right: readonly string[]) => headers({ "set-cookie": left }, { "set-cookie": right });

  it("is compared by cookie, in any order", () => {
    expect(cookies(["a=1; Path=/", "b=2"], ["b=2", "a=1; path=/"])).toEqual([]);
    expect(cookies(["a=1", "b=2"], ["b=2", "c=3"])).toEqual([
      "set-cookie/a header.missing presence present→absent",
      "set-cookie/c header.extra presence absent→present",
    ]);
  });

  it("is compared by attribute, times by presence only", () => {
    const left = "sid=x1y2z3a4; HttpOnly; Path=/; Max-Age=3600; Expires=Sun, 22 Nov 2026 09:24:30 GMT";
    const right = "sid=q9r8s7t6; Path=/api; Max-Age=60; Expires=Mon, 23 Nov 2026 09:24:30 GMT; Secure";
    expect(cookies([left], [right])).toEqual([
      "set-cookie/sid header.value value value",
      "set-cookie/sid/httponly header.cookie-attribute presence present→absent",
      "set-cookie/sid/path header.cookie-attribute value value",
      "set-cookie/sid/secure header.cookie-attribute presence absent→present",
    ]);
    expect(cookies(["a=1; SameSite=Strict"], ["a=1; SameSite=lax"])).toEqual(["set-cookie/a/samesite header.cookie-attribute value value"]);
  });
});

describe("URLs in headers", () => {
  const location = (left: string, right: string) => headers({ location: left }, { location: right });

  it.each([
    ["https://a.example/x", "http://a.example/x", "scheme"],
    ["https://a.example/x", "https://b.example/x", "host"],
    ["/x/y", "/x/y/z", "path"],
    ["/x/y", "/x/z", "path"],
    ["/x?page=1", "/x?page=2", "query"],
    ["/x?page=1", "/x", "query"],
    ["/x#a", "/x#b", "fragment"],
  ])("name the component that differs between %s and %s", (left, right, transition) => {
    expect(location(left, right)).toEqual([`location header.value value ${transition}`]);
  });

  it("compare ids in paths like ids", () => {
    expect(location("/orders/17", "/orders/18")).toEqual([]);
    expect(location("/orders/17", "/orders/RCgs9u4cTCI")).toEqual(["location header.format format integer→token"]);
    expect(
      found(json({ id: 17 }, { location: "/orders/17" }), json({ id: 18 }, { location: "/orders/19" }), { target: "/orders" }),
    ).toHaveLength(1);
  });

  it("in Link headers are compared one by one", () => {
    const link = (page: number, last: number) => ({
      link: `</posts?_page=1>; rel="first", </posts?_page=${page}>; rel="next", </posts?_page=${last}>; rel="last"`,
    });
    expect(headers(link(2, 4), link(2, 4))).toEqual([]);
    expect(headers(link(2, 4), link(2, 5))).toEqual(["link header.value value query"]);
    expect(headers(link(2, 4), { link: '</posts?_page=1>; rel="first"' })).toEqual(["link header.value value links"]);
  });
});

describe("leaves", () => {
  it("count each header, those that are compared by format apart", () => {
    const left = json({}, { date: "Sun, 22 Nov 2026 09:24:30 GMT", "x-a": "1" });
    const right = json({}, { date: "Sun, 22 Nov 2026 09:24:31 GMT", "x-a": "2" });
    // Status, content-type, x-a and the empty object by value; Date by format.
    expect(compare(left, right).leaves).toEqual({ byValue: 4, byFormat: 1, untested: 0 });
  });
});
