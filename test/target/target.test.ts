import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { systemClock } from "../../model/clock.ts";
import type { HttpRequest } from "../../model/exchange.ts";
import { Target } from "../../target/target.ts";
import { bodyText, closedAddress, httpServer, rawServer, request, scriptedServer, target } from "./servers.ts";

const ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

describe("what a target is sent", () => {
  it("has the recorded headers with their case, order and duplicates, and the recorded Host", async () => {
    const server = await scriptedServer(ok);
    const headers: [string, string][] = [
      ["X-Zeta", "1"],
      ["Host", "shop.example:8443"],
      ["accept", "*/*"],
      ["X-alpha", "caf\xe9"],
      ["x-zeta", "2"],
      ["X-Empty", ""],
    ];
    expect((await target(server.url).send(request("GET", "/a", headers))).kind).toBe("answered");
    const [line, ...sent] = server.received().split("\r\n");
    expect(line).toBe("GET /a HTTP/1.1");
    expect(sent[0]).toBe("host: shop.example:8443");
    expect(sent.filter((field) => field !== "" && !/^(host|connection):/i.test(field))).toEqual([
      "X-Zeta: 1",
      "accept: */*",
      "X-alpha: caf\xe9",
      "x-zeta: 2",
      "X-Empty: ",
    ]);
  });

  it("lacks what belongs to one connection, Expect, and what Connection names", async () => {
    const server = await scriptedServer(ok);
    const headers: [string, string][] = [
      ["Host", "a"],
      ["Connection", "close, X-Hop"],
      ["X-Hop", "1"],
      ["Keep-Alive", "timeout=5"],
      ["Transfer-Encoding", "chunked"],
      ["TE", "trailers"],
      ["Trailer", "X-T"],
      ["Upgrade", "h2c"],
      ["Proxy-Authorization", "Basic eA=="],
      ["Expect", "100-continue"],
      ["Content-Length", "999"],
      ["X-End", "1"],
    ];
    await target(server.url).send(request("POST", "/a", headers, "body"));
    const sent = server.received();
    expect(sent).toContain("X-End: 1\r\n");
    expect(sent).toMatch(/content-length: 4\r\n\r\nbody$/);
    expect(sent).not.toMatch(/x-hop|keep-alive: timeout|transfer-encoding|\nte:|trailer|upgrade|proxy-|expect|999/i);
  });

  it.each(["GET", "DELETE", "OPTIONS", "PATCH", "PROPFIND"])("has the recorded body with a length on %s", async (method) => {
    const server = await scriptedServer(ok);
    expect((await target(server.url).send(request(method, "/a", [["Host", "a"]], "x=1"))).kind).toBe("answered");
    expect(server.received()).toMatch(/content-length: 3\r\n\r\nx=1$/i);
  });

  it.each([
    "//about",
    "/../etc/passwd",
    "/a/./b",
    "/%7Euser/%2e%2e",
    "/a b",
    "/\xff\xfe",
    "/a?b=c d#e",
    "/\t",
    "http://shop.test/a",
    "about",
  ])("has the target %j as it was recorded", async (path) => {
    const server = await scriptedServer(ok);
    expect(bodyText(await target(server.url).send(request("GET", path)))).toBe("ok");
    expect(server.received().startsWith(`GET ${path} HTTP/1.1\r\n`)).toBe(true);
  });

  it("may be OPTIONS *", async () => {
    const server = await scriptedServer("HTTP/1.1 204 No Content\r\nAllow: GET\r\n\r\n");
    expect(await target(server.url).send(request("OPTIONS", "*"))).toMatchObject({
      kind: "answered",
      answer: { status: 204, headers: [["Allow", "GET"]] },
    });
    expect(server.received().startsWith("OPTIONS * HTTP/1.1\r\n")).toBe(true);
  });

  it("may have two Host headers", async () => {
    const server = await scriptedServer(ok);
    expect(
      bodyText(
        await target(server.url).send(
          request("GET", "/", [
            ["Host", "a"],
            ["Host", "b"],
          ]),
        ),
      ),
    ).toBe("ok");
    expect(server.received()).toContain("Host: a\r\nHost: b\r\n");
  });

  it.each([
    ["a line break in the target", request("GET", "/a\r\nX: 1")],
    ["a line break in a header", request("GET", "/", [["X", "a\r\nY: b"]])],
    ["a method that is no token", request("GE T", "/")],
    ["CONNECT", request("CONNECT", "a:443")],
  ])("is nothing when the request has %s", async (_what, bad) => {
    const server = await scriptedServer(ok);
    expect(await target(server.url).send(bad)).toMatchObject({ kind: "skipped", detail: "unsendable" });
    expect(server.received()).toBe("");
  });

  it("is nothing when the recorded body was capped", async () => {
    const capped: HttpRequest = {
      ...request("POST", "/"),
      body: { kind: "capped", length: 9, sha256: "", head: new Uint8Array(), tail: new Uint8Array() },
    };
    const server = await scriptedServer(ok);
    expect(await target(server.url).send(capped)).toMatchObject({ kind: "skipped", detail: "capped" });
  });
});

describe("an outcome", () => {
  it("has the answer's headers with their case, order and duplicates, in Latin-1", async () => {
    const server = await scriptedServer(
      "HTTP/1.1 404 N\xf6pe\r\nX-b: 1\r\nSet-Cookie: a=1\r\nset-cookie: b=2\r\nX-B: caf\xe9\r\nContent-Length: 0\r\n\r\n",
    );
    const outcome = await target(server.url).send(request("GET", "/"));
    expect(outcome).toMatchObject({ kind: "answered", answer: { status: 404, body: { kind: "none" } } });
    if (outcome.kind !== "answered") return;
    expect(outcome.answer.headers).toEqual([
      ["X-b", "1"],
      ["Set-Cookie", "a=1"],
      ["set-cookie", "b=2"],
      ["X-B", "caf\xe9"],
      ["Content-Length", "0"],
    ]);
    expect(outcome.firstByteMs).toBeGreaterThan(0);
    expect(outcome.tookMs).toBeGreaterThanOrEqual(outcome.firstByteMs);
  });

  it("has the chunked body joined and the coded body as it was sent", async () => {
    const server = await scriptedServer(
      "HTTP/1.1 200 OK\r\nContent-Encoding: x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n",
    );
    expect(bodyText(await target(server.url).send(request("GET", "/")))).toBe("abc");
  });

  it.each([
    ["the pool", request("GET", "/")],
    ["a connection of its own", request("OPTIONS", "*")],
  ])("has the trailers of an answer, read through %s, and none where there are none", async (_way, asked) => {
    const chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n";
    const server = await scriptedServer(`${chunked}X-Sum: 1\r\nx-sum: caf\xe9\r\n\r\n`);
    const trailers = [
      ["X-Sum", "1"],
      ["x-sum", "caf\xe9"],
    ];
    expect(await target(server.url).send(asked)).toMatchObject({ kind: "answered", answer: { trailers } });
    const bare = await scriptedServer(`${chunked}\r\n`);
    expect(await target(bare.url).send(asked)).not.toHaveProperty("answer.trailers");
  });

  it("is the final answer after interim ones", async () => {
    const server = await scriptedServer(`HTTP/1.1 103 Early Hints\r\nLink: <a>\r\n\r\n${ok}`);
    expect(await target(server.url).send(request("GET", "/"))).toMatchObject({ kind: "answered", answer: { status: 200 } });
  });

  it("has no body for HEAD, whatever length the answer names", async () => {
    const server = await scriptedServer("HTTP/1.1 200 OK\r\nContent-Length: 1234\r\n\r\n");
    expect(await target(server.url).send(request("HEAD", "/"))).toMatchObject({ kind: "answered", answer: { body: { kind: "none" } } });
  });

  it("is a redirect itself, which is not followed", async () => {
    const server = await scriptedServer("HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n");
    expect(await target(server.url).send(request("GET", "/"))).toMatchObject({ kind: "answered", answer: { status: 302 } });
    expect(server.received().match(/HTTP\/1\.1/g)).toHaveLength(1);
  });

  it("has a large body as length, hash, first and last 64 KiB", async () => {
    const bytes = Buffer.alloc(300_000, "0123456789abc");
    const url = await httpServer((_message, answer) => void answer.end(bytes));
    const outcome = await target(url, { bodyCap: 200_000 }).send(request("GET", "/"));
    expect(outcome).toMatchObject({
      kind: "answered",
      answer: { body: { kind: "capped", length: 300_000, sha256: createHash("sha256").update(bytes).digest("hex") } },
    });
    if (outcome.kind !== "answered" || outcome.answer.body.kind !== "capped") return;
    expect(bytes.subarray(0, 65_536).equals(outcome.answer.body.head)).toBe(true);
    expect(bytes.subarray(-65_536).equals(outcome.answer.body.tail)).toBe(true);
  });

  it("is whole exactly at the cap", async () => {
    const url = await httpServer((_message, answer) => void answer.end(Buffer.alloc(1000, "x")));
    expect(await target(url, { bodyCap: 1000 }).send(request("GET", "/"))).toMatchObject({ answer: { body: { kind: "whole" } } });
  });

  it.each(["/", "/a b"])("is too-large above the answer cap, and its connection is cut (%s)", async (path) => {
    const { promise: cut, resolve } = Promise.withResolvers<void>();
    const url = await rawServer((socket) => {
      socket.once("close", resolve);
      socket.once("data", () => {
        socket.write("HTTP/1.1 200 OK\r\n\r\n");
        const endless = (): void => {
          if (!socket.destroyed) socket.write(Buffer.alloc(65_536, "x"), endless);
        };
        endless();
      });
    });
    expect(await target(url, { answerCapBytes: 1_000_000, bodyCap: 1000 }).send(request("GET", path))).toMatchObject({ kind: "too-large" });
    await cut;
  });

  it("is refused where nothing listens", async () => {
    const url = await closedAddress();
    expect(await target(url).send(request("GET", "/"))).toMatchObject({ kind: "refused", detail: "ECONNREFUSED" });
    expect(await target(url).send(request("GET", "/a b"))).toMatchObject({ kind: "refused", detail: "ECONNREFUSED" });
    expect(await target(url).problem()).toEqual({ what: "nothing listens there", next: "start it and try again" });
  });

  it("is refused where the name does not resolve", async () => {
    expect((await target("http://nowhere.invalid").send(request("GET", "/"))).kind).toBe("refused");
  });

  it.each(["/", "/a b"])("is reset when the connection ends without an answer (%s)", async (path) => {
    expect(await target((await scriptedServer("", "reset")).url).send(request("GET", path))).toMatchObject({ kind: "reset" });
    expect(await target((await scriptedServer("", "end")).url).send(request("POST", path))).toMatchObject({ kind: "reset" });
  });

  it.each([
    ["in its head", "HTTP/1.1 200 OK\r\nConte", "end"],
    ["before its length", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc", "end"],
    ["before its last chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n", "end"],
    ["before its length by a reset", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc", "reset"],
  ] as const)("is truncated when the answer breaks off %s", async (_where, answer, how) => {
    for (const path of ["/", "/a b"]) {
      const outcome = await target((await scriptedServer(answer, how)).url).send(request("GET", path));
      // A reset may overtake the bytes before it.
      expect(how === "reset" ? ["truncated", "reset"] : ["truncated"]).toContain(outcome.kind);
    }
  });

  it("is answered when a body without a length ends with its connection", async () => {
    expect(bodyText(await target((await scriptedServer("HTTP/1.1 200 OK\r\n\r\nabc", "end")).url).send(request("GET", "/")))).toBe("abc");
  });

  it.each(["SSH-2.0-OpenSSH_9.6\r\n", "HTTP/1.1 abc OK\r\n\r\n", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"])(
    "is not-http for %j",
    async (answer) => {
      const { url } = await scriptedServer(answer);
      expect(await target(url).send(request("GET", "/"))).toMatchObject({ kind: "not-http" });
      expect(await target(url).send(request("GET", "/a b"))).toMatchObject({ kind: "not-http" });
    },
  );

  it.each([
    ["silence", ""],
    ["half a head", "HTTP/1.1 200"],
    ["half a body", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc"],
  ])("is timed-out at the total deadline after %s", async (_what, answer) => {
    const { url } = await scriptedServer(answer);
    for (const path of ["/", "/a b"]) {
      const outcome = await target(url, { timeoutMs: 40 }).send(request("GET", path));
      expect(outcome.kind).toBe("timed-out");
    }
  });

  it("is timed-out also for a request that waits for a connection", async () => {
    const { url } = await scriptedServer("");
    const busy = target(url, { timeoutMs: 60, connections: 1 });
    const outcomes = await Promise.all([busy.send(request("GET", "/1")), busy.send(request("GET", "/2"))]);
    expect(outcomes.map(({ kind }) => kind)).toEqual(["timed-out", "timed-out"]);
  });

  it("is aborted when the target is closed meanwhile, and skipped afterwards", async () => {
    const { url } = await scriptedServer("");
    const closing = target(url);
    const pending = [closing.send(request("GET", "/")), closing.send(request("GET", "/a b"))];
    await closing.close();
    expect((await Promise.all(pending)).map(({ kind }) => kind)).toEqual(["aborted", "aborted"]);
    expect(await closing.send(request("GET", "/"))).toMatchObject({ kind: "skipped", detail: "closed" });
  });
});

describe("a kept connection", () => {
  it("is used again", async () => {
    let connections = 0;
    const url = await rawServer((socket) => {
      connections += 1;
      socket.on("data", () => socket.write(ok));
    });
    const kept = target(url, { connections: 1 });
    for (let i = 0; i < 5; i++) expect(bodyText(await kept.send(request("POST", "/")))).toBe("ok");
    expect(connections).toBe(1);
  });

  it("that was closed between requests does not fail the next one", async () => {
    const url = await rawServer((socket) => {
      socket.once("data", () => socket.end(ok));
    });
    const kept = target(url);
    for (const method of ["GET", "POST", "GET", "PUT", "POST", "DELETE"]) {
      expect((await kept.send(request(method, "/"))).kind).toBe("answered");
    }
  });

  it("that is closed by the next request is left for a new one when sending twice does no harm", async () => {
    let requests = 0;
    const url = await rawServer((socket) => {
      socket.once("data", () => {
        socket.write(ok);
        // The second request on a connection meets its end: as when an idle timeout and a request cross.
        socket.once("data", () => socket.resetAndDestroy());
      });
      socket.on("data", () => {
        requests += 1;
      });
    });
    const kept = target(url, { connections: 1 });
    expect((await kept.send(request("GET", "/1"))).kind).toBe("answered");
    expect((await kept.send(request("GET", "/2"))).kind).toBe("answered");
    expect(requests).toBe(3);
    // What a POST did cannot be known: it is not sent twice.
    expect((await kept.send(request("POST", "/3"))).kind).toBe("reset");
    expect(requests).toBe(4);
  });

  it("is not the reason when a first request meets a reset", async () => {
    let connections = 0;
    const url = await rawServer((socket) => {
      connections += 1;
      socket.once("data", () => socket.resetAndDestroy());
    });
    expect((await target(url).send(request("GET", "/"))).kind).toBe("reset");
    expect(connections).toBe(1);
  });
});

describe("an address", () => {
  it("must be one of a server", () => {
    for (const url of ["localhost:80", "ftp://a", "http://a/path", "http://u:p@a/", "nonsense"]) {
      expect(() => new Target({ name: "candidate", url, timeoutMs: 1, clock: systemClock })).toThrow(
        expect.objectContaining({ code: "TARGET_URL" }),
      );
    }
  });

  it("is reachable where something listens", async () => {
    expect(await target((await scriptedServer(ok)).url).problem()).toBeNull();
  });
});
