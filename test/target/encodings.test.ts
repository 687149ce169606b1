import { createHmac } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { HeaderList, HttpRequest, Outcome } from "../../model/exchange.ts";
import { epochMs, milliseconds } from "../../model/units.ts";
import { type Asked, Correlation } from "../../target/correlation.ts";
import { RequestTemplate } from "../../target/request-template.ts";
import { jsonRequest, request } from "./servers.ts";

const recorded = "8a1b22c0-94d4-4e7c-8d4e-0a7d2c9b1f10";
const actual = "0f5e11aa-7b3c-4d2e-9a1b-c4d5e6f70819";

function answer(body: string, type = "application/json", headers: HeaderList = [], status = 200): Outcome {
  const whole = { kind: "whole", bytes: Buffer.from(body) } as const;
  const answered = { status, reason: "", headers: [["Content-Type", type], ...headers] as HeaderList, body: whole };
  return { kind: "answered", answer: answered, firstByteMs: milliseconds(1), tookMs: milliseconds(1) };
}

function ask(asked: HttpRequest, startedAt: number, lane = "a"): Asked {
  return { template: new RequestTemplate(asked), lane, startedAt: epochMs(startedAt) };
}

/** What a target that answered otherwise than recorded is asked next. */
function after(
  asked: HttpRequest,
  [before, now]: readonly [Outcome, Outcome],
  next: HttpRequest,
  { claims, tokenOf }: { claims?: Record<string, Record<string, string>>; tokenOf?: (value: string) => string } = {},
): HttpRequest {
  const correlation = new Correlation(1, { tokenOf });
  const first = ask(asked, 1);
  const lesson = correlation.announce("first", first, { outcome: before, endedAt: epochMs(2), claims });
  if (lesson !== null) correlation.learn(0, lesson, now, asked);
  return correlation.rewrite(0, ask(next, 3)).request;
}

function bodyOf({ body }: HttpRequest): string {
  return body.kind === "whole" ? Buffer.from(body.bytes).toString("latin1") : "";
}

const me = request("GET", "/me");
const named = [answer(`{"token":"${recorded}"}`), answer(`{"token":"${actual}"}`)] as const;
const base64 = (text: string): string => Buffer.from(text).toString("base64");
const base64url = (text: string): string => Buffer.from(text).toString("base64url");

describe("a value is replaced inside", () => {
  it.each<[string, (id: string) => string]>([
    ["base64 of JSON", (id) => `/a?cursor=${encodeURIComponent(base64(`{"after":7,"item":{"id":"${id}"}}`))}`],
    ["base64url of JSON", (id) => `/a?cursor=${base64url(`["\u00ff?>","${id}"]`)}`],
    ["base64 of a text", (id) => `/a?id=${encodeURIComponent(base64(`Order:${id}`))}`],
    ["JSON", (id) => `/a?filter=${encodeURIComponent(`{"owner":"${id}"}`)}`],
    ["a URL with parameters", (id) => `/a?next=${encodeURIComponent(`https://shop.test/b/${id}?x=1&y=${id}`)}`],
    ["a path that stands as it is", (id) => `/a?next=/b/${id}/c`],
    ["a list", (id) => `/a?ids=15,${id},16`],
    ["a URL in JSON in base64", (id) => `/a?state=${base64url(`{"back":"/b?c=${id}"}`)}`],
    ["an escape within an escape", (id) => `/a?x=${encodeURIComponent(encodeURIComponent(`/b/${id}`))}`],
  ])("%s", (_what, spelt) => {
    expect(after(me, named, request("GET", spelt(recorded))).target).toBe(spelt(actual));
  });

  it.each<[string, (id: string) => HttpRequest]>([
    ["a Referer", (id) => request("GET", "/", [["Referer", `https://shop.test/orders/${id}?a=1#top`]])],
    ["an escaped cookie", (id) => request("GET", "/", [["Cookie", `a=1; cart=${encodeURIComponent(`{"id":"${id}"}`)}`]])],
    ["an entity tag", (id) => request("GET", "/", [["If-None-Match", `W/"${id}", "x"`]])],
    ["Basic credentials", (id) => request("GET", "/", [["Authorization", `Basic ${base64(`${id}:pass`)}`]])],
    ["JSON in a string of JSON", (id) => jsonRequest("POST", "/", { event: JSON.stringify({ id }) })],
    ["JSON that a script sends as text", (id) => request("POST", "/", [["Content-Type", "text/plain"]], `{"id":"${id}"}`)],
  ])("%s", (_what, made) => {
    expect(after(me, named, made(recorded))).toEqual(made(actual));
  });

  it("a multipart form, whose boundary, files and headers keep their bytes", () => {
    const made = (id: string): HttpRequest =>
      request(
        "POST",
        "/",
        [["Content-Type", 'multipart/form-data; boundary="x y"']],
        [
          ...["--x y", 'Content-Disposition: form-data; name="token"', "", id],
          ...["--x y", 'content-disposition: form-data; name="f"; filename="a.txt"', "Content-Type: text/plain", "", recorded],
          ...["--x y", "Content-Disposition: form-data; name=other", "", "\u00ff\u00fe", "--x y--", ""],
        ].join("\r\n"),
      );
    expect(bodyOf(after(me, named, made(recorded)))).toBe(bodyOf(made(actual)));
  });
});

it("a value stays in base64 that could not be written back in the same spelling", () => {
  const target = `/a?c=${base64url(`{"id":"${recorded}"}`)}A`;
  expect(after(me, named, request("GET", target)).target).toBe(target);
});

describe("a value is learnt from", () => {
  const page = (id: string): Outcome =>
    answer(
      `<!doctype html><title>a &lt; b</title><meta name=csrf content="${id}"><!-- ${recorded} --><script>var a = "<a href='${recorded}'>"</script>
       <form action="/orders/${id}?a=1&amp;b=${id}x"><input type=hidden name="step" value="${id.slice(0, 3) === "8a1" ? "A" : "B"}">
       <div data-cart="{&quot;id&quot;: &quot;${id}&quot;}" data-basket-id="${id.length + (id === recorded ? 1 : 2)}"></div></form>`,
      "text/html; charset=utf-8",
    );

  it("attributes of a page, unescaped", () => {
    expect(after(me, [page(recorded), page(actual)], request("GET", `/orders/${recorded}?b=${recorded}x`)).target).toBe(
      `/orders/${actual}?b=${actual}x`,
    );
  });

  it("a hidden field of a page, however plain, for the field of that name", () => {
    const form: HeaderList = [["Content-Type", "application/x-www-form-urlencoded"]];
    const sent = after(me, [page(recorded), page(actual)], request("POST", "/orders", form, "step=A&other=A"));
    expect(bodyOf(sent)).toBe("step=B&other=A");
  });

  it("a plain id with a name", () => {
    expect(after(me, [page(recorded), page(actual)], request("GET", "/baskets/37/lines?basket_id=37&page=37")).target).toBe(
      "/baskets/38/lines?basket_id=38&page=37",
    );
  });

  it("the claims of a JSON Web Token", () => {
    const token = (id: string): string => {
      const content = `${base64url('{"alg":"HS256"}')}.${base64url(JSON.stringify({ desk: id }))}`;
      return `${content}.${createHmac("sha256", id).update(content).digest("base64url")}`;
    };
    const [before, now] = [answer(JSON.stringify({ jwt: token(recorded) })), answer(JSON.stringify({ jwt: token(actual) }))];
    const next = (id: string): HttpRequest => request("GET", `/desks/${id}`, [["Authorization", `Bearer ${token(id)}`]]);
    expect(after(me, [before, now], next(recorded))).toEqual(next(actual));
  });

  it("a token and what was claimed by it, where redaction left only their tokens", () => {
    const tokenOf = (value: string): string =>
      value.startsWith("tok_") ? value : `tok_${createHmac("sha256", "key").update(value).digest("base64url").slice(0, 22)}`;
    const jwt = `${base64url('{"alg":"HS256"}')}.${base64url(JSON.stringify({ desk: actual }))}.c2lnbmF0dXJl`;
    const claims = { [tokenOf("the jwt")]: { desk: tokenOf(recorded) } };
    const [before, now] = [answer(JSON.stringify({ jwt: tokenOf("the jwt") })), answer(JSON.stringify({ jwt }))];
    expect(after(me, [before, now], request("GET", `/desks/${recorded}`), { claims, tokenOf }).target).toBe(`/desks/${actual}`);
    // In the answer as it was, in the request as a token.
    const header = after(me, named, request("GET", "/", [["X-Token", tokenOf(recorded)]]), { tokenOf }).headers;
    expect(header).toEqual([["X-Token", actual]]);
  });

  it("a header of its own, however plain, for the header of that name", () => {
    const [before, now] = ["KVZVFXAY", "LOYMNAOL"].map((id) => answer("{}", "application/json", [["X-Upload", id]]));
    if (before === undefined || now === undefined) throw new Error("there are two");
    const next = request("PUT", "/?a=KVZVFXAY", [["x-upload", "KVZVFXAY"]]);
    expect(after(me, [before, now], next)).toEqual(request("PUT", "/?a=KVZVFXAY", [["x-upload", "LOYMNAOL"]]));
  });

  it("a link, for whoever follows it as it is", () => {
    const login = (ticket: string): Outcome => answer("", "text/plain", [["Location", `/welcome?ticket=${ticket}&lang=en`]], 302);
    const answers = [login("KVZVFXAY"), login("LOYMNAOL")] as const;
    expect(after(request("POST", "/login"), answers, request("GET", "/welcome?ticket=KVZVFXAY&lang=en")).target).toBe(
      "/welcome?ticket=LOYMNAOL&lang=en",
    );
    expect(after(request("POST", "/login"), answers, request("GET", "/other?ticket=KVZVFXAY")).target).toBe("/other?ticket=KVZVFXAY");
  });
});

it.each([
  ["is followed out of the beginning of a long answer", 9_000, actual],
  ["is not looked for in the rest of it", 11_000, recorded],
])("a value %s", (_what, before, expected) => {
  const long = (id: string): Outcome => answer(JSON.stringify([...Array.from({ length: before }, (_, index) => index), { token: id }]));
  expect(after(me, [long(recorded), long(actual)], request("GET", `/a/${recorded}`)).target).toBe(`/a/${expected}`);
});

describe("a plain id is not followed", () => {
  const shown = (id: unknown, more: object = {}): Outcome => answer(JSON.stringify({ basketId: id, ...more }));

  it.each<[string, Outcome, Outcome, string]>([
    ["where nothing says what it names", answer('{"count":17}'), answer('{"count":23}'), "/baskets/17?count=17"],
    ["under another name", shown(17), shown(23), "/orders/17?page=17"],
    [
      "through a list in another order",
      answer('{"a":{"basketId":17},"b":{"basketId":23}}'),
      answer('{"a":{"basketId":23},"b":{"basketId":17}}'),
      "/baskets/17",
    ],
    ["when the target names the same", shown(17), shown(17), "/baskets/17"],
    ["as the version of an interface", answer('{"next":"/api/v1/x"}'), answer('{"next":"/api/v2/x"}'), "/api/v1/y"],
  ])("%s", (_what, before, now, target) => {
    expect(after(me, [before, now], request("GET", target)).target).toBe(target);
  });

  it("once answers disagree on what it is", () => {
    const correlation = new Correlation(1);
    for (const [id, now] of [shown(23), shown(40)].entries()) {
      const asked = ask(me, id, `lane ${id}`);
      const lesson = correlation.announce(`${id}`, asked, { outcome: shown(17), endedAt: epochMs(id) });
      if (lesson !== null) correlation.learn(0, lesson, now, me);
    }
    const sentIn = (lane: string): string => correlation.rewrite(0, ask(request("GET", "/baskets/17"), 9, lane)).request.target;
    expect([sentIn("lane 0"), sentIn("lane 1"), sentIn("lane 2")]).toEqual(["/baskets/23", "/baskets/40", "/baskets/17"]);
  });
});

describe("what a target refused to answer", () => {
  it("was not named by it either: a value of the recorded answer is unresolved", () => {
    const correlation = new Correlation(1);
    const lesson = correlation.announce("1", ask(me, 1), { outcome: named[0], endedAt: epochMs(2) });
    if (lesson !== null) correlation.learn(0, lesson, answer("{}", "application/json", [], 404), me);
    expect(correlation.rewrite(0, ask(request("GET", `/a/${recorded}`), 3)).unresolved).toEqual([recorded]);
  });
});

describe("a request in which no alias applies", () => {
  const text = fc.string({ unit: "binary-ascii", maxLength: 60 });
  const inText = fc.oneof(
    text,
    fc.json(),
    fc.json().map(base64),
    text.map(base64url),
    fc.webUrl({ withQueryParameters: true, withFragments: true }),
    text.map(encodeURIComponent),
    fc.uuid(),
  );
  const pair = fc.tuple(inText.map(encodeURIComponent), inText.map(encodeURIComponent)).map((both) => both.join("="));
  const made = fc.record({
    path: fc.array(inText.map(encodeURIComponent), { maxLength: 4 }),
    pairs: fc.array(
      fc.oneof(
        pair,
        text.map((raw) => raw.replace(/[\0-\x20]/g, "")),
      ),
      { maxLength: 4 },
    ),
    cookies: fc.array(pair, { maxLength: 3 }),
    header: inText,
    body: fc.oneof(
      fc.json().map((body) => ["application/json", body] as const),
      fc.array(pair).map((pairs) => ["application/x-www-form-urlencoded", pairs.join("&")] as const),
      fc.array(inText).map((values) => ["multipart/form-data; boundary=b", multipart(values)] as const),
      text.map((body) => ["text/plain", body] as const),
      text.map((body) => ["multipart/form-data; boundary=b", body] as const),
    ),
  });

  /** Names something that stands in no request, and something in every place of a request that a target calls otherwise. */
  const correlation = new Correlation(1);
  const lesson = correlation.announce("1", ask(me, 1), { outcome: named[0], endedAt: epochMs(2) });
  if (lesson !== null) correlation.learn(0, lesson, named[1], me);

  it("keeps its bytes, and gets back the same when one applies and then its reverse", () => {
    const reverse = new Correlation(1);
    const back = reverse.announce("1", ask(me, 1), { outcome: named[1], endedAt: epochMs(2) });
    if (back !== null) reverse.learn(0, back, named[0], me);
    fc.assert(
      fc.property(made, fc.boolean(), ({ path, pairs, cookies, header, body: [type, body] }, withId) => {
        const target = `/${path.join("/")}?${pairs.join("&")}${withId ? `&id=${recorded}` : ""}`;
        const headers: HeaderList = [
          ["Cookie", cookies.join("; ")],
          ["X-Value", header],
          ["Content-Type", type],
        ];
        const asked = request("POST", target, headers, body);
        const sent = correlation.rewrite(0, ask(asked, 3)).request;
        expect(withId || sent === asked).toBe(true);
        const returned = reverse.rewrite(0, ask(sent, 3)).request;
        expect([returned.target, returned.headers, bodyOf(returned)]).toEqual([target, headers, bodyOf(asked)]);
      }),
    );
  });

  function multipart(values: readonly string[]): string {
    return `${values.map((value, index) => `--b\r\nContent-Disposition: form-data; name="n${index}"\r\n\r\n${value}\r\n`).join("")}--b--\r\n`;
  }
});
