import { describe, expect, it } from "vitest";
import { compareOutcomes } from "../../../diff/compare/outcomes.ts";
import { References } from "../../../diff/compare/references.ts";
import { noBody, type Outcome } from "../../../model/exchange.ts";
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

  it("random ids are of one format, whatever letters and digits they got", () => {
    const ids = ["azosr2zrwz", "vxutpnohfd", "1234567890", "oh9thvspf0", "ancbvel51b", "abcdefgh12"];
    for (const left of ids) {
      for (const right of ids) {
        const expected = left === right ? [] : "header.value value";
        expect(headers({ "x-ticket": left }, { "x-ticket": right }).join()).toContain(expected.toString());
        expect(headers({ "x-ticket": left }, { "x-ticket": right }).join()).not.toContain("format");
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

  it("is compared by attribute", () => {
    const left = "sid=x1y2z3a4; HttpOnly; Path=/; Max-Age=3600; Expires=Sun, 22 Nov 2026 09:24:30 GMT";
    const right = "sid=q9r8s7t6; Path=/api; Max-Age=60; Expires=Mon, 23 Nov 2026 09:24:30 GMT; Secure";
    expect(cookies([left], [right])).toEqual([
      "set-cookie/sid header.value value value",
      "set-cookie/sid/httponly header.cookie-attribute presence present→absent",
      "set-cookie/sid/path header.cookie-attribute value value",
      "set-cookie/sid/max-age header.cookie-attribute value lifetime",
      "set-cookie/sid/secure header.cookie-attribute presence absent→present",
    ]);
    expect(cookies(["a=1; SameSite=Strict"], ["a=1; SameSite=lax"])).toEqual(["set-cookie/a/samesite header.cookie-attribute value value"]);
  });
});

describe("the life of a cookie", () => {
  const cookie = (attributes: string, date = "Sun, 22 Nov 2026 09:00:00 GMT") => ({ date, "set-cookie": `a=1; ${attributes}` });

  it("counts from the answer's Date, give or take two seconds", () => {
    const later = "Sun, 22 Nov 2026 09:05:07 GMT";
    expect(headers(cookie("Expires=Mon, 23 Nov 2026 09:00:00 GMT"), cookie("Expires=Mon, 23 Nov 2026 09:05:08 GMT", later))).toEqual([]);
    expect(headers(cookie("Expires=Mon, 23 Nov 2026 09:00:00 GMT"), cookie("Expires=Tue, 24 Nov 2026 09:05:07 GMT", later))).toEqual([
      "set-cookie/a/expires header.cookie-attribute value lifetime",
    ]);
    expect(headers(cookie("Max-Age=3600"), cookie("Max-Age=3598"))).toEqual([]);
    expect(headers(cookie("Max-Age=3600"), cookie("Max-Age=1h"))).toEqual([
      "set-cookie/a/max-age header.cookie-attribute format integer→duration",
    ]);
  });

  it("ends at once where it is deleted, however that is written", () => {
    const gone = "Expires=Thu, 01 Jan 1970 00:00:00 GMT";
    expect(headers(cookie(gone), cookie("Expires=Sat, 21 Nov 2026 09:00:00 GMT"))).toEqual([]);
    expect(headers(cookie("Expires=Mon, 23 Nov 2026 09:00:00 GMT"), cookie(gone))).toEqual([
      "set-cookie/a/expires header.cookie-attribute value set→deleted",
    ]);
    expect(headers(cookie("Max-Age=0"), cookie("Max-Age=60"))).toEqual(["set-cookie/a/max-age header.cookie-attribute value deleted→set"]);
  });
});

describe("headers that hold a JWT", () => {
  const encoded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const token = (claims: unknown, signature = "c2ln", header: unknown = { alg: "HS256" }) =>
    `${encoded(header)}.${encoded(claims)}.${signature}`;
  const session = (value: string) => ({ date: "Sun, 22 Nov 2026 09:00:00 GMT", "set-cookie": `s=${value}` });
  const issued = Date.UTC(2026, 10, 22, 9) / 1000;

  it("are compared by claim", () => {
    const claims = (role: string, at: number) => ({ role, iat: at, exp: at + 86_400, sub: "u-1" });
    expect(headers(session(token(claims("user", issued))), session(token(claims("user", issued + 1), "b3RoZXI")))).toEqual([]);
    expect(headers(session(token(claims("user", issued))), session(token(claims("admin", issued + 1), "b3RoZXI")))).toEqual([
      "set-cookie/s header.value value JWT claims/role",
    ]);
    expect(headers({ authorization: `Bearer ${token({ a: 1 })}` }, { authorization: `Bearer ${token({ a: 2 })}` })).toEqual([
      "authorization header.value value JWT claims/a",
    ]);
  });

  it("are compared by algorithm and by whether they are signed", () => {
    expect(headers(session(token({ a: 1 })), session(token({ a: 1 }, "", { alg: "none" })))).toEqual([
      "set-cookie/s header.value value JWT header/alg, signed",
    ]);
  });
});

describe("trace ids", () => {
  it("are compared by presence and format", () => {
    expect(headers({ "x-request-id": "8d0c6c4e0f3e4a3e9d1b" }, { "x-request-id": "11111111aaaa2222bbbb" })).toEqual([]);
    expect(headers({ "x-request-id": "8d0c6c4e0f3e4a3e9d1b" }, { "x-request-id": "none at all" })).toEqual([
      "x-request-id header.format format hex 20→text",
    ]);
    expect(headers({ "x-request-id": "8d0c6c4e0f3e4a3e9d1b" }, {})).toEqual(["x-request-id header.missing presence present→absent"]);
  });

  it("are compared by value where an answer repeats the one of the request", () => {
    const request = { method: "GET", target: "/", version: "1.1", headers: [["X-Request-ID", "aaaa1111"]] as const, body: noBody };
    const answers = (left: string, right: string) =>
      compareOutcomes(json({}, { "x-request-id": left }), json({}, { "x-request-id": right }), { request, references: new References() })
        .differences.length;
    expect([answers("aaaa1111", "aaaa1111"), answers("aaaa1111", "bbbb2222"), answers("cccc3333", "bbbb2222")]).toEqual([0, 1, 0]);
  });
});

describe("lists of directives", () => {
  it.each([
    ["cache-control", "max-age=60, private", "PRIVATE, max-age=60", null],
    ["cache-control", "max-age=60, private", "max-age=600, private", "max-age"],
    ["cache-control", 'private="a, b", no-store', 'private="a, b"', "fewer"],
    ["cache-control", 'max-age="60"', "max-age=60", null],
    ["strict-transport-security", "max-age=1; includeSubDomains", "includesubdomains; max-age=1", null],
    ["strict-transport-security", "max-age=1; includeSubDomains", "max-age=1", "fewer"],
    ["content-security-policy", "default-src 'self' a.example; img-src *", "img-src *; default-src a.example 'self'", null],
    ["content-security-policy", "script-src 'nonce-abc'", "script-src 'nonce-def'", null],
    ["content-security-policy", "script-src 'nonce-abc'", "script-src 'nonce-abc' 'unsafe-inline'", "script-src"],
    ["permissions-policy", 'geolocation=(self "https://a.example"), camera=()', 'camera=(), geolocation=(self "https://a.example")', null],
    ["permissions-policy", "geolocation=(self), camera=()", "geolocation=*, camera=()", "geolocation"],
    ["content-disposition", 'attachment; filename="a; b.txt"', "attachment; filename=c.txt", "filename"],
    ["accept-ranges", "bytes, none", "none, bytes", null],
  ])("%s: %s and %s", (name, left, right, transition) => {
    expect(headers({ [name]: left }, { [name]: right })).toEqual(transition === null ? [] : [`${name} header.value value ${transition}`]);
  });

  it("written over several lines are one list, and several policies are not", () => {
    expect(headers({ "cache-control": ["private", "max-age=1"] }, { "cache-control": "max-age=1, private" })).toEqual([]);
    expect(headers({ "content-security-policy": ["a b", "c d"] }, { "content-security-policy": "a b; c d" })).toHaveLength(1);
  });
});

describe("parameters of a media type", () => {
  it("are compared, but for a boundary", () => {
    const typed = (parameters: string) => ({ "content-type": `application/json; ${parameters}` });
    expect(headers(typed("profile=a; version=2"), typed('Version="2";profile=a'))).toEqual([]);
    expect(headers(typed("version=1"), typed("version=2"))).toEqual(["content-type header.value value parameters"]);
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
    const [first, next] = ['</a?x=1,2>; rel="next"; title="a, b"', "</b>; rel=prev"];
    expect(headers({ link: `${first}, ${next}` }, { link: [next, first] })).toEqual([]);
    expect(headers({ link: `${first}, ${next}` }, { link: `${next}, ${first.replace("a, b", "c")}` })).toEqual([
      "link header.value value link parameters",
    ]);
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
