/** The gateway with real sockets: what primary and client see of each other's messages, and what is copied. */

import type { Socket } from "node:net";
import { connect as connectSecurely } from "node:tls";
import { afterEach, describe, expect, it } from "vitest";
import { type Ratio, ratio } from "../../../model/units.ts";
import { digest } from "../live/bodies.ts";
import { connectTo, until } from "../live/support.ts";
import { certificate as cert, privateKey as key } from "../live/tls/loopback.ts";
import { answering, ask, cleanUp, client, closeAll, plain, raw, settle, startGateway, type TestGateway } from "./support.ts";

afterEach(closeAll);

const hello = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
const get = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";

/** A client that has sent these bytes and reads nothing before it is resumed. */
async function silentClient(started: TestGateway, bytes: string): Promise<{ socket: Socket; length: () => number; last: () => string }> {
  const socket = await connectTo(started.sidecar.address.port);
  cleanUp.push(() => socket.destroy());
  let length = 0;
  let last = "";
  socket.on("data", (chunk: Buffer) => {
    length += chunk.length;
    last = (last + chunk.toString("latin1")).slice(-hello.length);
  });
  socket.pause();
  socket.write(bytes, "latin1");
  return { socket, length: () => length, last: () => last };
}

/** Writes until every buffer on the way is full; that nothing moves any more shows in time only. */
function untilFull(socket: Socket, part = Buffer.alloc(100_000)): Promise<void> {
  return new Promise((resolve) => {
    const write = (timer?: NodeJS.Timeout): void => {
      clearTimeout(timer);
      const next = setTimeout(resolve, 300);
      socket.write(part, (error) => {
        if (error) clearTimeout(next);
        else write(next);
      });
    };
    write();
  });
}

describe("a gateway", () => {
  it("passes a request on with the case, order and repetitions of its fields, and hands over what the primary was sent", async () => {
    const primary = await answering(hello);
    const started = await startGateway(primary.port);
    await ask(started, "GET //a/../b?x=1&y HTTP/1.1\r\nHoSt: x.example\r\nX-A: 1\r\nb: \r\nx-a: 2\xe9\r\nCookie: sid=1\r\n\r\n", "hello");
    const fields = [
      ["HoSt", "x.example"],
      ["X-A", "1"],
      ["b", ""],
      ["x-a", "2\xe9"],
      ["Cookie", "sid=1"],
      ["Via", "1.1 penumbra"],
      ["Connection", "keep-alive"],
    ];
    expect(primary.received()).toBe(
      `GET //a/../b?x=1&y HTTP/1.1\r\n${fields.map(([name, value]) => `${name}: ${value}\r\n`).join("")}\r\n`,
    );
    expect(await settle(started)).toMatchObject({ seen: 1, captured: 1, mirrored: 1, recorded: 1 });
    await until(() => started.exchanges().length === 1);
    const [line] = started.exchanges();
    expect(line?.exchange.request).toMatchObject({ method: "GET", target: "//a/../b?x=1&y", version: "1.1", headers: fields });
    expect(line?.exchange.outcome).toMatchObject({
      kind: "answered",
      answer: { status: 200, reason: "OK", headers: [["Content-Length", "5"]] },
    });
    expect(line?.answerBody).toEqual(digest(Buffer.from("hello")));
    expect(line?.exchange.lane).toMatch(/^[0-9a-f]{16}$/);
  });

  it.each(["DELETE", "OPTIONS", "GET", "POST", "PROPFIND"])("keeps the body of a chunked %s a body", async (method) => {
    const primary = await answering(hello);
    const started = await startGateway(primary.port);
    const smuggled = "GET /admin HTTP/1.1\r\nHost: x\r\n\r\n";
    const chunk = `${smuggled.length.toString(16)}\r\n${smuggled}\r\n`;
    await ask(started, `${method} / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n${chunk}0\r\n\r\n`, "hello");
    await until(() => primary.received().endsWith("\r\n0\r\n\r\n"));
    const [head = "", ...body] = primary.received().split("\r\n\r\n");
    expect(head).toContain("\r\nTransfer-Encoding: chunked");
    expect(head).not.toMatch(/content-length/i);
    expect(body.join("\r\n\r\n")).toBe(`${chunk}0\r\n\r\n`);
    await settle(started);
    await until(() => started.exchanges().length === 1);
    expect(started.exchanges()[0]?.requestBody).toEqual(digest(Buffer.from(smuggled)));
  });

  it("passes fields of an answer on one by one, adds Date where there is none, and Via", async () => {
    const primary = await answering(
      'HTTP/1.1 401 Nö\r\nwWw-Authenticate: A\r\nContent-Length: 2\r\nWWW-Authenticate: B\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nContent-Disposition: attachment; filename="\xc3\xa9"\r\n\r\nno',
    );
    const started = await startGateway(primary.port);
    const text = await ask(started, get, "\r\n\r\nno");
    expect(text).toMatch(/^HTTP\/1\.1 401 Nö\r\n/);
    for (const line of ["wWw-Authenticate: A", "WWW-Authenticate: B", "Set-Cookie: a=1", "Set-Cookie: b=2", "Via: 1.1 penumbra"])
      expect(text.split("\r\n")).toContain(line);
    expect(text).toContain('Content-Disposition: attachment; filename="\xc3\xa9"\r\n');
    expect(text).toMatch(/\r\nDate: \w{3}, /);
  });

  it("leaves a Date that is there", async () => {
    const primary = await answering("HTTP/1.1 200 OK\r\nDate: today\r\nContent-Length: 2\r\n\r\nok");
    const text = await ask(await startGateway(primary.port), get, "\r\n\r\nok");
    expect(text.match(/date: .*/gi)).toEqual(["Date: today"]);
  });

  it("does not hold back a head whose body is long in coming, nor change a byte of it", async () => {
    const sockets: Socket[] = [];
    const primary = await raw((socket) => {
      sockets.push(socket);
      socket.once("data", () => socket.write("HTTP/1.1 200 OK\r\nX-Name: \xe9\r\nTransfer-Encoding: chunked\r\n\r\n", "latin1"));
    });
    const started = await startGateway(primary.port);
    const { text } = await client(started, get);
    await until(() => text().endsWith("\r\n\r\n"));
    expect(text()).toContain("\r\nX-Name: \xe9\r\n");
    sockets[0]?.write("2\r\nok\r\n0\r\n\r\n");
    await until(() => text().endsWith("2\r\nok\r\n0\r\n\r\n"));
  });

  it("passes trailers on in both directions, and hands over what the primary was sent and gave", async () => {
    const primary = await answering(
      "HTTP/1.1 200 OK\r\nTrailer: Sum\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nSum: 7\r\nHost: evil\r\n\r\n",
    );
    const started = await startGateway(primary.port);
    const request =
      "POST / HTTP/1.1\r\nHost: x\r\nTE: trailers\r\nConnection: TE\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\nMd5: 9\r\nHost: evil\r\n\r\n";
    const text = await ask(started, request, "Sum: 7");
    expect(text.endsWith("2\r\nok\r\n0\r\nSum: 7\r\n\r\n")).toBe(true);
    expect(primary.received()).toMatch(/\r\n2\r\nab\r\n0\r\nMd5: 9\r\n\r\n$/);
    expect(primary.received()).toContain("TE: trailers\r\nConnection: TE, keep-alive\r\n");
    await settle(started);
    await until(() => started.exchanges().length === 1);
    const given = [
      ["Sum", "7"],
      ["Host", "evil"],
    ];
    expect(started.exchanges()[0]?.exchange).toMatchObject({
      request: { trailers: [["Md5", "9"]] },
      outcome: { answer: { trailers: given } },
    });
  });

  it.each([
    ["off", "X-Forwarded-For: 1\r\nX_Forwarded_Host: 2\r\nForwarded: 3\r\nSum: 7\r\n"],
    ["append", "Sum: 7\r\n"],
    ["replace", "Sum: 7\r\n"],
  ] as const)(
    "with X-Forwarded-*: %s, lets trailers say no more than the head does, nor what Connection names",
    async (forwarded, passed) => {
      const primary = await answering(
        "HTTP/1.1 200 OK\r\nConnection: X-Hop\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nX-Hop: 1\r\nSum: 7\r\n\r\n",
      );
      const started = await startGateway(primary.port, { rewriting: { ...plain, forwarded } });
      const trailers = "X-Forwarded-For: 1\r\nX_Forwarded_Host: 2\r\nForwarded: 3\r\nX-Hop: 4\r\nSum: 7\r\n";
      const head = "POST / HTTP/1.1\r\nHost: x\r\nConnection: x-hop\r\nTransfer-Encoding: chunked\r\n\r\n";
      const text = await ask(started, `${head}2\r\nab\r\n0\r\n${trailers}\r\n`, "Sum: 7");
      expect(text.endsWith("\r\n0\r\nSum: 7\r\n\r\n")).toBe(true);
      expect(primary.received().endsWith(`\r\n0\r\n${passed}\r\n`)).toBe(true);
    },
  );

  it("passes early hints on", async () => {
    const primary = await answering(`HTTP/1.1 103 Early Hints\r\nLink: </a>\r\nLink: </b>\r\n\r\n${hello}`);
    const text = await ask(await startGateway(primary.port), get, "hello");
    expect(text).toMatch(/^HTTP\/1\.1 103 Early Hints\r\nLink: <\/a>\r\nLink: <\/b>\r\n\r\nHTTP\/1\.1 200 OK\r\n/);
  });

  it("keeps no early hints for a client that does not read, and passes the answer on", async () => {
    const hint = Buffer.from(`HTTP/1.1 103 Early Hints\r\nLink: ${"a".repeat(16_000)}\r\n\r\n`);
    const hints = 2000;
    let hasSentAll = false;
    const primary = await raw((socket) => {
      let sent = 0;
      const send = (): void => {
        while (sent < hints) {
          sent++;
          if (!socket.write(hint)) return;
        }
        socket.off("drain", send);
        socket.write(hello, () => {
          hasSentAll = true;
        });
      };
      socket.once("data", send).on("drain", send);
    });
    const started = await startGateway(primary.port);
    const { socket, length, last } = await silentClient(started, get);
    await until(() => hasSentAll);
    socket.resume();
    await until(() => last().endsWith("hello"));
    expect(length()).toBeLessThan((hints * hint.length) / 2);
    await settle(started);
  });

  it("lets the primary say when a body may come", async () => {
    const primary = await raw((socket) => {
      let text = "";
      socket.on("data", (chunk: Buffer) => {
        text += chunk.toString();
        if (text.endsWith("\r\n\r\n")) socket.write("HTTP/1.1 100 Continue\r\n\r\n");
        else if (text.endsWith("abc")) socket.write(hello);
      });
    });
    const started = await startGateway(primary.port);
    const { socket, text } = await client(started, "PUT / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
    await until(() => text().includes("HTTP/1.1 100 Continue\r\n\r\n"));
    socket.write("abc");
    await until(() => text().endsWith("hello"));
    expect(await settle(started)).toMatchObject({ captured: 1 });
  });

  it.each(["fin", "reset"] as const)("cuts the client when the primary dies mid-body by %s", async (way) => {
    const primary = await raw((socket) =>
      socket.once("data", () =>
        socket.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\npart", () =>
          setTimeout(() => (way === "fin" ? socket.destroy() : socket.resetAndDestroy()), 20),
        ),
      ),
    );
    const started = await startGateway(primary.port);
    const asked = await client(started, get);
    expect(await asked.ended).toBe("reset");
    expect(asked.text()).toMatch(/\r\n\r\npart$/);
    expect(await settle(started)).toMatchObject({ captured: 1 });
    await until(() => started.exchanges().length === 1);
    expect(started.exchanges()[0]?.exchange.outcome).toMatchObject({ kind: "truncated" });
  });

  it("does not end a chunked answer, or one without a length for HTTP/1.0, that its primary has not ended", async () => {
    const primary = await raw((socket) =>
      socket.once("data", () =>
        socket.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\npart\r\n", () => setTimeout(() => socket.end(), 20)),
      ),
    );
    const started = await startGateway(primary.port);
    const modern = await client(started, get);
    const old = await client(started, "GET / HTTP/1.0\r\n\r\n");
    expect([await modern.ended, await old.ended]).toEqual(["reset", "reset"]);
    expect(modern.text()).toMatch(/4\r\npart\r\n$/);
    expect(old.text()).toMatch(/\r\n\r\npart$/);
  });

  it("does not take the reset of a primary for the end of an answer that lasts until its connection is closed", async () => {
    const ends = ["fin", "reset"];
    const primary = await raw((socket) =>
      socket.once("data", () =>
        socket.write("HTTP/1.1 200 OK\r\n\r\npart", () =>
          setTimeout(() => (ends.shift() === "fin" ? socket.end() : socket.resetAndDestroy()), 20),
        ),
      ),
    );
    const started = await startGateway(primary.port);
    const whole = await client(started, get);
    await until(() => whole.text().endsWith("4\r\npart\r\n0\r\n\r\n"));
    const cut = await client(started, get);
    expect(await cut.ended).toBe("reset");
    expect(cut.text()).toMatch(/4\r\npart\r\n$/);
  });

  it.each(["reset", "fin"] as const)("aborts the primary's work at once when clients go by %s", async (way) => {
    const primary = await raw((socket) => socket.resume());
    const started = await startGateway(primary.port);
    const clients = await Promise.all(Array.from({ length: 8 }, () => client(started, get)));
    await until(() => primary.sockets.size === 8);
    for (const { socket } of clients) {
      if (way === "reset") socket.resetAndDestroy();
      else socket.destroy();
    }
    await until(() => primary.sockets.size === 0);
    expect(await settle(started)).toMatchObject({ seen: 8, captured: 8 });
    await until(() => started.exchanges().length === 8);
    expect(new Set(started.exchanges().map((line) => line.exchange.outcome.kind))).toEqual(new Set(["aborted"]));
  });

  it.each([false, true])("notices a client that goes while the primary does not read its upload (client TLS: %s)", async (isTls) => {
    const primary = await raw((socket) => socket.pause());
    const started = await startGateway(primary.port, isTls ? { tls: { source: "test", cert, key } } : {});
    const tcp = await connectTo(started.sidecar.address.port);
    const uploading = isTls ? connectSecurely({ socket: tcp, ca: cert, servername: "localhost" }) : tcp;
    uploading.on("error", () => undefined).write("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000000\r\n\r\n");
    await untilFull(uploading);
    tcp.resetAndDestroy();
    await until(() => started.sidecar.counters().connections.open === 0);
    // It has got a reset too, which it does not notice before it reads.
    for (const socket of primary.sockets) socket.resume();
    await until(() => primary.sockets.size === 0);
    expect(await settle(started)).toMatchObject({ seen: 1, captured: 0, dropped: { client_abort: 1 } });
  });

  it("gives the copy of an unfinished request up with its client", async () => {
    const primary = await raw((socket) => socket.resume());
    const started = await startGateway(primary.port);
    const { socket } = await client(started, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc");
    await until(() => primary.sockets.size === 1 && started.sidecar.ledger.snapshot().open === 1);
    socket.resetAndDestroy();
    await until(() => primary.sockets.size === 0);
    expect((await settle(started)).dropped.client_abort).toBe(1);
  });

  it("keeps connections to the primary and shares them", async () => {
    const primary = await answering(hello);
    const started = await startGateway(primary.port);
    for (let count = 0; count < 3; count++) {
      const { socket, text } = await client(started, get);
      await until(() => text().endsWith("hello"));
      socket.destroy();
    }
    expect(primary.accepted()).toBe(1);
  });

  it("asks nothing on an idle connection that its primary has ended", async () => {
    const primary = await raw((socket) => {
      socket.on("data", () => socket.write(hello, () => setTimeout(() => socket.end(), 20)));
    });
    const started = await startGateway(primary.port);
    await ask(started, get, "hello");
    await until(() => primary.sockets.size === 0);
    await ask(started, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n", "hello");
    expect(primary.accepted()).toBe(2);
  });

  it("never takes what an idle primary says for the answer to the next request", async () => {
    const sockets: Socket[] = [];
    const primary = await raw((socket) => {
      sockets.push(socket);
      socket.on("data", () => socket.write(hello)).on("end", () => socket.end());
    });
    const started = await startGateway(primary.port);
    await ask(started, get, "hello");
    sockets[0]?.write("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil");
    await until(() => primary.sockets.size === 0);
    const text = await ask(started, get, "hello");
    expect(text).not.toContain("evil");
    expect(primary.accepted()).toBe(2);
  });

  it.each([
    ["GET", "hello", 2],
    ["POST", "502 Bad Gateway", 1],
  ])("repeats a %s that met a closing connection only when that cannot do harm", async (method, shown, attempts) => {
    let requests = 0;
    const primary = await raw((socket) => {
      let answered = false;
      socket.on("data", () => {
        requests++;
        if (answered) socket.resetAndDestroy();
        else socket.write(hello);
        answered = true;
      });
    });
    const started = await startGateway(primary.port);
    await ask(started, get, "hello");
    const text = await ask(started, `${method} / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n`, shown);
    expect(text).toContain(shown);
    expect(requests).toBe(1 + attempts);
    expect(await settle(started)).toMatchObject({ seen: 2, captured: 2 });
  });

  it("sends pipelined requests one after another and answers them in order", async () => {
    const waiting: Socket[] = [];
    let received = "";
    const primary = await raw((socket) =>
      socket.on("data", (chunk: Buffer) => {
        received += chunk.toString();
        waiting.push(socket);
      }),
    );
    const started = await startGateway(primary.port);
    const { text } = await client(
      started,
      "POST /1 HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\nGET /2 HTTP/1.1\r\nHost: x\r\n\r\nTRACE /3 HTTP/1.1\r\nHost: x\r\n\r\n",
    );
    await until(() => waiting.length === 1);
    expect(received).not.toContain("/2");
    waiting[0]?.write("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n1");
    await until(() => waiting.length === 2);
    waiting[1]?.write("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n2");
    await until(() => text().includes("405"));
    expect(text().match(/HTTP\/1\.1 \d+|\r\n\r\n\d/g)).toEqual(["HTTP/1.1 200", "\r\n\r\n1", "HTTP/1.1 200", "\r\n\r\n2", "HTTP/1.1 405"]);
    expect(await settle(started)).toMatchObject({ seen: 3, captured: 2 });
  });

  it("answers hundreds of pipelined requests, each in its turn", async () => {
    const primary = await raw((socket) =>
      socket.on("data", (chunk: Buffer) => {
        const name = /\/(\d+) /.exec(chunk.toString())?.[1] ?? "";
        socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${name.length + 1}\r\n\r\n${name};`);
      }),
    );
    const started = await startGateway(primary.port);
    const names = Array.from({ length: 800 }, (_, index) => String(index));
    const rest = `HTTP/1.1\r\nHost: x\r\nX: ${"y".repeat(300)}\r\nContent-Length: 2\r\n\r\nhi`; // for more than Node reads at once
    const requests = names.map((name) => `POST /${name} ${rest}`);
    const { text } = await client(started, requests.join(""));
    await until(() => text().endsWith("799;"));
    expect([...text().matchAll(/\r\n\r\n(\d+);/g)].map((match) => match[1])).toEqual(names);
    expect((await settle(started)).seen).toBe(800);
  });

  it("stops reading from a client that pipelines without end, notices its reset, and counts what it has read", async () => {
    const answers = 100;
    let requests = 0;
    const primary = await raw((socket) =>
      socket.on("data", (chunk: Buffer) => {
        if (chunk.includes("hi") && ++requests <= answers) socket.write(hello);
      }),
    );
    const started = await startGateway(primary.port);
    const endless = (await client(started, "")).socket;
    await untilFull(endless, Buffer.from("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi".repeat(2000)));
    await until(() => requests === answers + 1);
    endless.resetAndDestroy();
    await until(() => started.sidecar.counters().connections.open === 0);
    const { seen, captured, dropped } = await settle(started);
    expect([captured, dropped.client_abort]).toEqual([answers + 1, seen - answers - 1]);
    expect(seen).toBeGreaterThan(answers + 100);
    expect(seen).toBeLessThan(6000);
  });

  it("counts each of the requests whose client goes before their turn", async () => {
    const primary = await raw((socket) => socket.resume());
    const started = await startGateway(primary.port);
    const { socket } = await client(started, get.repeat(200));
    await until(() => primary.sockets.size === 1);
    socket.resetAndDestroy();
    await until(() => started.sidecar.counters().connections.open === 0);
    expect(await settle(started)).toMatchObject({ seen: 200, captured: 1, dropped: { client_abort: 199 } });
  });

  it("answers what came before bytes that are no HTTP, then refuses those", async () => {
    const primary = await answering(hello);
    const started = await startGateway(primary.port);
    const asked = await client(started, `${get.repeat(3)}no HTTP\r\n\r\n`);
    expect(await asked.ended).toBe("fin");
    asked.socket.end();
    expect(asked.text().match(/HTTP\/1\.1 \d+/g)).toEqual(["HTTP/1.1 200", "HTTP/1.1 200", "HTTP/1.1 200", "HTTP/1.1 400"]);
    expect(await settle(started)).toMatchObject({ seen: 4, captured: 3 });
  });

  it.each([
    ["a transfer coding with a tab after it", "Transfer-Encoding:\tchunked \t\r\n\r\n2\r\nhi\r\n0\r\n\r\n"],
    ["a transfer coding after chunked", "Transfer-Encoding: chunked, gzip\r\n\r\n2\r\nhi\r\n0\r\n\r\n"],
    ["a chunk without a size", "Transfer-Encoding: chunked\r\n\r\nxyz\r\nhi\r\n0\r\n\r\n"],
  ])("refuses %s in words, and not before its turn", async (_, rest) => {
    const primary = await answering(hello);
    const started = await startGateway(primary.port);
    for (const [before, answered] of [
      ["", []],
      [get, ["200"]],
    ] as const) {
      const asked = await client(started, `${before}POST / HTTP/1.1\r\nHost: x\r\n${rest}`);
      expect(await asked.ended).toBe("fin");
      asked.socket.end();
      const statuses = [...asked.text().matchAll(/HTTP\/1\.1 (\d+)/g)].map((match) => match[1]);
      expect(statuses).toEqual([...answered, "400"]);
    }
    expect(await settle(started)).toMatchObject({ seen: 3, captured: 1 });
  });

  it("passes a large body both ways through a slow reader", async () => {
    const size = 3_000_000;
    const primary = await raw((socket) => {
      let length = 0;
      let isAnswered = false;
      socket.on("data", (chunk: Buffer) => {
        length += chunk.length;
        if (isAnswered || length < size) return;
        isAnswered = true;
        socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${size}\r\n\r\n`);
        socket.write(Buffer.alloc(size, "y"));
      });
    });
    const started = await startGateway(primary.port);
    const { socket, text } = await client(started, `POST / HTTP/1.1\r\nHost: x\r\nContent-Length: ${size}\r\n\r\n${"x".repeat(size)}`);
    socket.pause();
    await until(() => started.sidecar.ledger.snapshot().open === 1);
    socket.resume();
    await until(() => text().length > size);
    await until(() => text().endsWith("y".repeat(1000)) && text().length >= size + text().indexOf("\r\n\r\n") + 4);
    expect(text().slice(text().indexOf("\r\n\r\n") + 4)).toBe("y".repeat(size));
    expect(await settle(started)).toMatchObject({ captured: 1 });
  });

  it("answers a HEAD without a body and goes on with the connection", async () => {
    const primary = await raw((socket) =>
      socket.on("data", (chunk: Buffer) =>
        socket.write(chunk.toString().startsWith("HEAD") ? "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n" : hello),
      ),
    );
    const started = await startGateway(primary.port);
    const { text } = await client(started, `HEAD / HTTP/1.1\r\nHost: x\r\n\r\n${get}`);
    await until(() => text().endsWith("hello"));
    expect(text().match(/Content-Length: 5/g)).toHaveLength(2);
    expect(await settle(started)).toMatchObject({ captured: 2 });
  });

  it("lets a client read an early answer to a body that its primary does not want", async () => {
    const primary = await raw((socket) =>
      socket.once("data", () => socket.end("HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\nConnection: close\r\n\r\nbig")),
    );
    const started = await startGateway(primary.port);
    const { socket, text } = await client(started, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 300000\r\n\r\nabc");
    await until(() => text().endsWith("big"));
    socket.write("x".repeat(299_997));
    socket.write(get);
    await until(() => text().split("HTTP/1.1 413").length === 3);
    const snapshot = await settle(started);
    expect(snapshot.seen).toBe(2);
  });

  it("counts what is not sampled, and copies nothing of it", async () => {
    const primary = await answering(hello);
    const started = await startGateway(primary.port, { sampling: { rate: ratio(0), enabled: true } });
    await ask(started, get, "hello");
    expect(await settle(started)).toMatchObject({ seen: 1, unsampled: 1, captured: 0 });
  });

  it("keeps serving when the tap fails, and its ledger still adds up", async () => {
    const primary = await answering(hello);
    const broken = await startGateway(primary.port);
    const fault = new Error("a fault of the tap");
    let reads = 0;
    broken.sidecar.setSampling({
      enabled: true,
      // The first reading sets the threshold; the tap is the next to ask.
      get rate(): Ratio {
        if (reads++ > 0) throw fault;
        return ratio(1);
      },
    });
    await ask(broken, get, "hello");
    expect(broken.events).toContainEqual({ name: "scan.fault", error: fault });
    const snapshot = await settle(broken);
    expect(snapshot).toMatchObject({ seen: 1, captured: 0 });
    expect(snapshot.dropped.scan_error).toBe(1);
  });
});
