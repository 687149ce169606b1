import { describe, expect, it } from "vitest";
import type { Answer, HeaderList, HttpRequest, Outcome } from "../../model/exchange.ts";
import { epochMs, milliseconds } from "../../model/units.ts";
import { Aliases } from "../../target/aliases.ts";
import { type Asked, Correlation, type Rewritten } from "../../target/correlation.ts";
import { RequestTemplate } from "../../target/request-template.ts";
import { jsonRequest, request } from "./servers.ts";

const recordedToken = "8a1b22c0-94d4-4e7c-8d4e-0a7d2c9b1f10";
const actualToken = "0f5e11aa-7b3c-4d2e-9a1b-c4d5e6f70819";

function answer(status: number, value: unknown, headers: HeaderList = []): Outcome {
  const answered: Answer = {
    status,
    reason: "",
    headers: [["Content-Type", "application/json; charset=utf-8"], ...headers],
    body: { kind: "whole", bytes: Buffer.from(JSON.stringify(value)) },
  };
  return { kind: "answered", answer: answered, firstByteMs: milliseconds(1), tookMs: milliseconds(1) };
}

const failed: Outcome = { kind: "timed-out", tookMs: milliseconds(1) };

/** One target that lives through recorded exchanges one after the other. */
class Session {
  readonly correlation = new Correlation(1);
  #time = 0;

  exchange(asked: HttpRequest, recorded: Outcome, actual: Outcome, lane = "a"): this {
    const started = this.#ask(asked, lane);
    const { request: sent } = this.correlation.rewrite(0, started);
    const lesson = this.correlation.announce(`${this.#time}`, started, { outcome: recorded, endedAt: epochMs(++this.#time) });
    if (lesson !== null) this.correlation.learn(0, lesson, actual, sent);
    this.correlation.forget(`${this.#time - 1}`, lesson);
    return this;
  }

  next(asked: HttpRequest, lane = "a"): Rewritten {
    return this.correlation.rewrite(0, this.#ask(asked, lane));
  }

  #ask(asked: HttpRequest, lane: string): Asked {
    return { template: new RequestTemplate(asked), lane, startedAt: epochMs(++this.#time) };
  }
}

function text({ body }: HttpRequest): string {
  return body.kind === "whole" ? Buffer.from(body.bytes).toString() : "";
}

describe("a surprising value of an answer", () => {
  const session = (): Session =>
    new Session().exchange(
      request("GET", "/me"),
      answer(200, { user: { token: recordedToken } }),
      answer(200, { user: { token: actualToken } }),
    );

  it.each([
    ["a path segment", request("GET", `/files/${recordedToken}/raw`), request("GET", `/files/${actualToken}/raw`)],
    ["a query value", request("GET", `/files?t=${recordedToken}&n=1`), request("GET", `/files?t=${actualToken}&n=1`)],
    ["a header", request("GET", "/", [["X-Csrf-Token", recordedToken]]), request("GET", "/", [["X-Csrf-Token", actualToken]])],
    [
      "credentials",
      request("GET", "/", [["authorization", `Bearer ${recordedToken}`]]),
      request("GET", "/", [["authorization", `Bearer ${actualToken}`]]),
    ],
    [
      "a cookie",
      request("GET", "/", [["Cookie", `a=1; t=${recordedToken}; b=2`]]),
      request("GET", "/", [["Cookie", `a=1; t=${actualToken}; b=2`]]),
    ],
    [
      "a form",
      request("POST", "/", [["Content-Type", "application/x-www-form-urlencoded"]], `a=b+c&t=${recordedToken}`),
      request("POST", "/", [["Content-Type", "application/x-www-form-urlencoded"]], `a=b+c&t=${actualToken}`),
    ],
    ["JSON", jsonRequest("POST", "/", { list: [recordedToken], n: 1 }), jsonRequest("POST", "/", { list: [actualToken], n: 1 })],
  ])("is replaced in %s", (_where, recorded, expected) => {
    const { request: sent, usedAliases, unresolved } = session().next(recorded);
    expect({ ...sent, body: text(sent) }).toEqual({ ...expected, body: text(expected) });
    expect({ usedAliases, unresolved }).toEqual({ usedAliases: 1, unresolved: [] });
  });

  it("leaves the bytes of every other request as they were recorded", () => {
    const body = '{ "a" : 1.0, "a": 2, "b": "\\u00e9" }';
    const untouched = request(
      "POST",
      "/a?b=%7e&c",
      [
        ["Content-Type", "application/json"],
        ["Cookie", 'a; b="1";c='],
      ],
      body,
    );
    expect(session().next(untouched).request).toBe(untouched);
  });

  it("is encoded as its new place needs it, and found in its encoded form", () => {
    const [recorded, actual] = ["a+b/c9D8e7F6==", "x/y+Z1w2V3u4=="];
    const learnt = new Session().exchange(request("GET", "/me"), answer(200, { t: recorded }), answer(200, { t: actual }));
    expect(learnt.next(request("GET", `/a/${encodeURIComponent(recorded)}?t=a%2Bb%2Fc9D8e7F6%3D%3D`)).sentTarget).toBe(
      "/a/x%2Fy+Z1w2V3u4==?t=x%2Fy%2BZ1w2V3u4%3D%3D",
    );
  });

  it("keeps the first alias that was seen, and one that equals the recorded value", () => {
    const twice = session().exchange(
      request("GET", "/me"),
      answer(200, { user: { token: recordedToken } }),
      answer(200, { user: { token: "11112222-94d4-4e7c-8d4e-0a7d2c9b1f10" } }),
    );
    expect(twice.next(request("GET", `/${recordedToken}`)).sentTarget).toBe(`/${actualToken}`);
    const same = new Session()
      .exchange(request("GET", "/me"), answer(200, { t: recordedToken }), answer(200, { t: recordedToken }))
      .exchange(request("GET", "/me"), answer(200, { t: recordedToken }), answer(200, { t: actualToken }));
    expect(same.next(request("GET", `/${recordedToken}`)).sentTarget).toBeUndefined();
  });

  it("is not linked through a list in another order or of another length", () => {
    const list = (...tokens: string[]): Outcome =>
      answer(
        200,
        tokens.map((token) => ({ token, name: token.slice(0, 4) })),
      );
    for (const actual of [list(actualToken, recordedToken), list(actualToken)]) {
      expect(
        new Session().exchange(request("GET", "/"), list(recordedToken, actualToken), actual).next(request("GET", `/${recordedToken}`))
          .sentTarget,
      ).toBeUndefined();
    }
    const other = answer(200, [{ token: actualToken, name: "something else" }]);
    expect(
      new Session().exchange(request("GET", "/"), list(recordedToken), other).next(request("GET", `/${recordedToken}`)).sentTarget,
    ).toBeUndefined();
  });

  it("is linked through a list whose elements are the same but for it", () => {
    const list = (token: string): Outcome => answer(200, [{ token, name: "lamp" }]);
    expect(
      new Session().exchange(request("GET", "/"), list(recordedToken), list(actualToken)).next(request("GET", `/${recordedToken}`))
        .sentTarget,
    ).toBe(`/${actualToken}`);
  });

  it("is not linked when the client named it first", () => {
    const put = jsonRequest("PUT", `/carts/${recordedToken}`, { owner: 1 });
    const learnt = new Session().exchange(put, answer(200, { cart: recordedToken }), answer(200, { cart: actualToken }));
    expect(learnt.next(request("GET", `/carts/${recordedToken}`)).sentTarget).toBeUndefined();
  });

  it("may be a redaction token on the recorded side", () => {
    const learnt = new Session().exchange(
      request("POST", "/login"),
      answer(200, { token: "tok_4f9c2d7e8a1b3c5d" }),
      answer(200, { token: actualToken }),
    );
    expect(learnt.next(request("GET", "/", [["Authorization", "Bearer tok_4f9c2d7e8a1b3c5d"]])).request.headers).toEqual([
      ["Authorization", `Bearer ${actualToken}`],
    ]);
  });

  it("may be in a header or in the Location of a redirect", () => {
    const recorded = answer(302, {}, [
      ["X-Auth", recordedToken],
      ["Location", "/done/48293847?code=9f8e7d6c5b4a"],
    ]);
    const actual = answer(302, {}, [
      ["x-auth", actualToken],
      ["location", "http://new.test/done/58293848?code=1a2b3c4d5e6f"],
    ]);
    const { request: sent } = new Session()
      .exchange(request("GET", "/start"), recorded, actual)
      .next(request("GET", "/done/48293847?code=9f8e7d6c5b4a", [["X-Auth", recordedToken]]));
    expect(sent).toMatchObject({ target: "/done/58293848?code=1a2b3c4d5e6f", headers: [["X-Auth", actualToken]] });
  });
});

describe("a cookie", () => {
  const login = (value: string, name = "sid"): Outcome => answer(200, {}, [["Set-Cookie", `${name}=${value}; Path=/; HttpOnly`]]);
  const withCookie = (cookie: string): HttpRequest => request("GET", "/", [["Cookie", cookie]]);

  it("is replaced by the one of the same name", () => {
    const session = new Session().exchange(request("POST", "/login"), login(recordedToken), login(actualToken));
    expect(session.next(withCookie(`sid=${recordedToken}`)).request.headers).toEqual([["Cookie", `sid=${actualToken}`]]);
  });

  it("of plain value counts in its lane only", () => {
    const session = new Session().exchange(request("GET", "/"), login("1", "visits"), login("7", "visits"));
    expect(session.next(withCookie("visits=1")).request.headers).toEqual([["Cookie", "visits=7"]]);
    expect(session.next(withCookie("visits=1"), "b").request.headers).toEqual([["Cookie", "visits=1"]]);
    expect(session.next(withCookie("other=1")).request.headers).toEqual([["Cookie", "other=1"]]);
  });

  it("that the target did not renew stays the one it has", () => {
    const renewed = "77777777-94d4-4e7c-8d4e-0a7d2c9b1f10";
    const session = new Session()
      .exchange(request("POST", "/login"), login(recordedToken), login(actualToken))
      .exchange(withCookie(`sid=${recordedToken}`), login(renewed), answer(200, {}));
    expect(session.next(withCookie(`sid=${renewed}`)).request.headers).toEqual([["Cookie", `sid=${actualToken}`]]);
  });

  it("that the target never set is unresolved", () => {
    const session = new Session().exchange(request("POST", "/login"), login(recordedToken), failed);
    expect(session.next(withCookie(`sid=${recordedToken}`))).toMatchObject({ usedAliases: 0, unresolved: [recordedToken] });
  });
});

describe("a created item", () => {
  const post = jsonRequest("POST", "/comments", { body: "hello", postId: 10 });
  const created = (id: unknown, headers: HeaderList = []): Outcome => answer(201, { body: "hello", postId: 10, id }, headers);
  const session = (recorded = created(15), actual = created("RCgs9u4cTCI")): Session => new Session().exchange(post, recorded, actual);

  it.each([
    ["/comments/15", "/comments/RCgs9u4cTCI"],
    ["/comments/15/replies?page=15", "/comments/RCgs9u4cTCI/replies?page=15"],
    ["/comments?id=15&postId=15", "/comments?id=RCgs9u4cTCI&postId=15"],
    ["/votes?commentId=15", "/votes?commentId=RCgs9u4cTCI"],
    ["/votes?comment_id=15&comment=15&comment_ids=15", "/votes?comment_id=RCgs9u4cTCI&comment=RCgs9u4cTCI&comment_ids=RCgs9u4cTCI"],
  ])("is renamed in %s", (recorded, expected) => {
    expect(session().next(request("GET", recorded)).sentTarget).toBe(expected);
  });

  it.each(["/posts/15", "/comments/150", "/comments/10/15", "/api/comments/15", "/comments?page=15", "/votes?id=15"])(
    "leaves %s alone",
    (target) => {
      expect(session().next(request("GET", target)).sentTarget).toBeUndefined();
    },
  );

  it("is renamed in JSON and forms by agreeing names, with the type that the target gave it", () => {
    const vote = jsonRequest("POST", "/votes", { commentId: 15, n: 15, comment: { id: 15 }, commentIds: [15, 16] });
    expect(text(session().next(vote).request)).toBe(
      '{"commentId":"RCgs9u4cTCI","n":15,"comment":{"id":"RCgs9u4cTCI"},"commentIds":["RCgs9u4cTCI",16]}',
    );
    expect(text(session(created(15), created(16)).next(vote).request)).toBe(
      '{"commentId":16,"n":15,"comment":{"id":16},"commentIds":[16,16]}',
    );
    expect(text(session(created("15"), created(16)).next(jsonRequest("POST", "/votes", { commentId: "15" })).request)).toBe(
      '{"commentId":16}',
    );
    expect(text(session(created(15), created(16)).next(jsonRequest("POST", "/votes", { commentId: "15" })).request)).toBe(
      '{"commentId":"16"}',
    );
    const put = jsonRequest("PUT", "/comments/15", { id: 15, body: "x" });
    expect(text(session().next(put).request)).toBe('{"id":"RCgs9u4cTCI","body":"x"}');
    const form = request("POST", "/votes", [["Content-Type", "application/x-www-form-urlencoded"]], "comment_id=15&n=15");
    expect(text(session().next(form).request)).toBe("comment_id=RCgs9u4cTCI&n=15");
  });

  it.each<[string, Outcome, Outcome]>([
    [
      "Location only",
      answer(201, {}, [["Location", "http://shop.test/comments/15"]]),
      answer(201, {}, [["Location", "/comments/RCgs9u4cTCI"]]),
    ],
    ["Location, and the body at the target", answer(201, {}, [["Location", "/comments/15"]]), created("RCgs9u4cTCI")],
    ["the body, and Location at the target", created(15), answer(201, {}, [["Location", "/comments/RCgs9u4cTCI"]])],
    ["an envelope", answer(201, { data: { id: 15 } }), answer(201, { data: { id: "RCgs9u4cTCI" } })],
    ["an envelope that the target lacks", answer(200, { comment: { id: 15 }, ok: true }), created("RCgs9u4cTCI")],
    ["its collection's name", answer(201, { commentId: 15, postId: 3 }), answer(201, { commentId: "RCgs9u4cTCI", postId: 3 })],
    ["a redirect", answer(303, {}, [["Location", "/comments/15"]]), answer(303, {}, [["Location", "/comments/RCgs9u4cTCI"]])],
  ])("is known by %s", (_where, recorded, actual) => {
    expect(session(recorded, actual).next(request("GET", "/comments/15")).sentTarget).toBe("/comments/RCgs9u4cTCI");
  });

  it("is not taken for one when the client named it, or nothing was created", () => {
    const named = new Session().exchange(jsonRequest("POST", "/comments", { id: 15 }), answer(200, { id: 15 }), answer(200, { id: 16 }));
    expect(named.next(request("GET", "/comments/15")).sentTarget).toBeUndefined();
    const action = new Session().exchange(request("POST", "/comments/15/like"), answer(200, { id: 15 }), answer(200, { id: 16 }));
    expect(action.next(request("GET", "/comments/15/like/15")).sentTarget).toBeUndefined();
    const read = new Session().exchange(request("GET", "/comments"), answer(200, { id: 15 }), answer(200, { id: 16 }));
    expect(read.next(request("GET", "/comments/15")).sentTarget).toBeUndefined();
    const moved = new Session().exchange(
      request("POST", "/login"),
      answer(302, {}, [["Location", "/dashboard"]]),
      answer(302, {}, [["Location", "/login"]]),
    );
    expect(moved.next(request("GET", "/dashboard")).sentTarget).toBeUndefined();
    const noItem = new Session().exchange(
      request("POST", "/notes"),
      answer(303, {}, [["Location", "/notes/KVZVFXAY"]]),
      answer(303, {}, [["Location", "/errors/7/LOYMNAOL"]]),
    );
    expect(noItem.next(request("GET", "/notes/KVZVFXAY"))).toMatchObject({ usedAliases: 0, unresolved: ["KVZVFXAY"] });
  });

  it.each<[string, Outcome]>([
    ["failed", failed],
    ["answered with an error", answer(500, { error: "x" })],
    ["named nothing", answer(201, { body: "hello" })],
  ])("is unresolved when the target %s", (_what, actual) => {
    const after = session(created(15), actual);
    expect(after.next(request("GET", "/comments/15")).unresolved).toEqual(["15"]);
    expect(after.next(jsonRequest("POST", "/votes", { commentId: 15 })).unresolved).toEqual(["15"]);
    expect(after.next(request("GET", "/comments/14")).unresolved).toEqual([]);
  });

  it("is not unresolved when production had created nothing", () => {
    expect(session(answer(400, { id: 15 }), failed).next(request("GET", "/comments/15")).unresolved).toEqual([]);
  });

  it("may swap its name with another's, without chains", () => {
    const swapped = session(created(15), created(16)).exchange(post, created(16), created(15), "b");
    expect(swapped.next(request("GET", "/comments/15")).sentTarget).toBe("/comments/16");
    expect(swapped.next(request("GET", "/comments/16"), "b").sentTarget).toBe("/comments/15");
    expect(swapped.next(request("GET", "/comments/16?comment=15")).sentTarget).toBe("/comments/15?comment=16");
  });

  it("gets a new name when its id is given again, for requests that begin afterwards", () => {
    const aliases = new Aliases();
    const alias = (actual: string, startedAt: number, endedAt: number): void =>
      aliases.learnNewest("path:/comments:15", {
        startedAt: epochMs(startedAt),
        endedAt: epochMs(endedAt),
        actual: { text: actual, recordedType: "number", type: "number" },
      });
    alias("second", 100, 110);
    alias("first", 10, 20);
    const at = (time: number): string | undefined => aliases.find(["path:/comments:15"], epochMs(time))?.actual?.text;
    expect([5, 15, 20, 99, 105, 110].map(at)).toEqual([undefined, "first", "first", "first", "first", "second"]);
  });

  it("is found under the path of its parent, which is itself renamed", () => {
    const nested = session().exchange(
      jsonRequest("POST", "/comments/15/replies", {}),
      answer(201, { id: 1 }),
      answer(201, { id: "Zx81kq0LmN2" }),
    );
    expect(nested.next(request("DELETE", "/comments/15/replies/1")).sentTarget).toBe("/comments/RCgs9u4cTCI/replies/Zx81kq0LmN2");
  });
});

describe("a validator", () => {
  it("comes back in conditional requests for the same target, as the target gave it", () => {
    const session = new Session().exchange(
      request("GET", "/posts"),
      answer(200, [], [["ETag", '"1"']]),
      answer(200, [], [["etag", 'W/"2"']]),
    );
    expect(session.next(request("GET", "/posts", [["If-None-Match", '"0", "1"']])).request.headers).toEqual([
      ["If-None-Match", '"0", W/"2"'],
    ]);
    expect(session.next(request("GET", "/users", [["If-None-Match", '"1"']])).request.headers).toEqual([["If-None-Match", '"1"']]);
  });

  it("of a created item counts where that is", () => {
    const created = (tag: string, at: string): Outcome =>
      answer(201, {}, [
        ["ETag", tag],
        ["Location", at],
      ]);
    const session = new Session().exchange(request("POST", "/posts"), created('"1-a"', "/posts/7"), created('"1-b"', "/posts/9"));
    const { request: sent } = session.next(request("PUT", "/posts/7", [["If-Match", '"1-a"']]));
    expect(sent).toMatchObject({ target: "/posts/9", headers: [["If-Match", '"1-b"']] });
    const without = new Session().exchange(request("POST", "/posts"), created('"1-a"', "/posts/7"), answer(201, { id: 9 }));
    expect(without.next(request("PUT", "/posts/7", [["If-Match", '"1-a"']])).unresolved).toEqual(['"1-a"']);
  });
});

describe("aliases", () => {
  it("are bounded: the one written longest ago goes first, and is counted", () => {
    const aliases = new Aliases(2);
    const version = { startedAt: epochMs(0), endedAt: epochMs(0), actual: { text: "x", recordedType: "string", type: "string" } } as const;
    for (const key of ["a", "b", "a", "c"]) aliases.learnNewest(key, version);
    expect(["a", "b", "c"].map((key) => aliases.knows(key))).toEqual([true, false, true]);
    expect([aliases.size, aliases.evicted]).toEqual([2, 1]);
  });
});

describe("an unfinished exchange", () => {
  it("is the producer of the values that its answer showed first", () => {
    const correlation = new Correlation(1);
    const asked = (what: HttpRequest): Asked => ({ template: new RequestTemplate(what), lane: "a", startedAt: epochMs(1) });
    const post = asked(jsonRequest("POST", "/comments", {}));
    const lesson = correlation.announce("first", post, { outcome: answer(201, { id: 15, token: recordedToken }), endedAt: epochMs(2) });
    correlation.announce("second", asked(request("GET", "/me")), { outcome: answer(200, { token: recordedToken }), endedAt: epochMs(3) });
    const use = asked(request("GET", `/comments/15?t=${recordedToken}`));
    expect(correlation.producersOf(use)).toEqual(["first"]);
    expect(correlation.producersOf(asked(request("GET", "/comments/16")))).toEqual([]);
    correlation.forget("first", lesson);
    expect(correlation.producersOf(use)).toEqual([]);
  });
});
