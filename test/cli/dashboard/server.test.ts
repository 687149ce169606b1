/** The dashboard's server against those who mean it harm, and those who do not read what they asked for. */

import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { connect, type Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import type { Door } from "../../../cli/dashboard/access.ts";
import { createDashboard, type DashboardServer, type DashboardSubject } from "../../../cli/dashboard/server.ts";
import { pageBundle } from "../../../cli/page-bundle.ts";
import { systemClock } from "../../../model/clock.ts";
import { type MonotonicMs, monotonicMs } from "../../../model/units.ts";
import { livePage } from "../../../report/html.ts";
import { ask, sendRaw } from "../../support/dashboard-client.ts";
import { EventReader } from "../../support/event-source.ts";
import { until } from "../../support/processes.ts";

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

const token = "a-token-for-tests";
const loopback: Door = { host: "127.0.0.1", names: [] };

/** How much later than in truth it is. */
let skipped = 0;
const clock = { ...systemClock, monotonic: (): MonotonicMs => monotonicMs(systemClock.monotonic() + skipped) };

async function serve(door: Door = loopback, changes: Partial<DashboardSubject> = {}): Promise<DashboardServer & { url: string }> {
  skipped = 0;
  const subject: DashboardSubject = {
    page: livePage(pageBundle(), token),
    token,
    whyNoAccepting: "",
    sample: (id) => Promise.resolve(JSON.stringify({ id })),
    isBusy: () => false,
    accept: ({ findings }) => Promise.resolve({ accepted: findings.length, file: "accepted.yaml" }),
    ...changes,
  };
  const server = createDashboard(door, subject, clock);
  server.http.listen(0, "127.0.0.1");
  await once(server.http, "listening");
  closing.push(() => {
    server.http.close();
    server.http.closeAllConnections();
  });
  const { port } = server.http.address() as AddressInfo;
  return { ...server, url: `http://127.0.0.1:${port}/` };
}

describe("what the dashboard's server answers", () => {
  it("is a page that nobody may embed, keep or guess the type of, under the policy of its document", async () => {
    const { url } = await serve();
    const { status, headers, text } = await ask(url, "/");
    expect(status).toBe(200);
    expect(text).toContain(`<meta name="penumbra-token" content="${token}">`);
    const [, policy = ""] = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(text) ?? [];
    expect(policy).toContain("default-src 'none'");
    expect(headers["content-security-policy"]).toBe(`${policy}; frame-ancestors 'none'`);
    expect(headers).toMatchObject({
      "content-type": "text/html; charset=utf-8",
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
      "x-frame-options": "DENY",
      "cross-origin-resource-policy": "same-origin",
    });
    const head = await ask(url, "/", { method: "HEAD" });
    expect([head.status, head.text, head.headers["content-length"]]).toEqual([200, "", String(Buffer.byteLength(text))]);
  });

  it("never has an allowance for other origins, whatever they ask", async () => {
    const { url } = await serve();
    const foreign = { origin: "http://evil.example" };
    for (const path of ["/", "/api/events", "/api/samples/e1", "/api/accept", "/nothing"]) {
      for (const method of ["GET", "HEAD", "POST", "OPTIONS", "PUT", "DELETE", "PATCH", "TRACE", "PROPFIND"]) {
        const { status, headers } = await ask(url, path, { method, headers: foreign });
        const granted = Object.keys(headers).filter((name) => name.startsWith("access-control-"));
        expect([path, method, granted]).toEqual([path, method, []]);
        const isPage = path === "/" && (method === "GET" || method === "HEAD");
        expect([path, method, status]).toEqual([path, method, isPage ? 200 : path === "/" ? 405 : 403]);
      }
    }
  });

  it.each(["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])("is 405 for %s where one only reads", async (method) => {
    const { url } = await serve();
    for (const path of ["/", "/api/events", "/api/samples/e1"]) {
      const { status, headers } = await ask(url, path, { method });
      expect([status, headers.allow]).toEqual([405, "GET, HEAD"]);
    }
    expect((await ask(url, "/api/accept")).headers.allow).toBe("POST");
  });

  it.each(["/index.html", "//", "/api", "/api/", "/api/events/", "/api/samples/", "/api/samples/a/b", "/../etc/passwd", "/api/sample/e1"])(
    "is 404 for %s",
    async (path) => {
      const { url } = await serve();
      expect((await ask(url, path)).status).toBe(404);
    },
  );
});

describe("a name that leads to the dashboard", () => {
  const askAs = async (door: Door, host: string): Promise<number> => {
    const { url } = await serve(door);
    return (await ask(url, "/", { headers: { host } })).status;
  };

  it.each(["localhost", "localhost:1234", "LOCALHOST:80", "127.0.0.1", "127.0.0.1:9", "[::1]:80", "[::1]"])("may be %s", async (host) => {
    expect(await askAs(loopback, host)).toBe(200);
  });

  it.each([
    ...["evil.example", "127.0.0.1.evil.example", "localhost.evil.example", "localhost.", "10.0.0.1", "localhost:x"],
    ...["user@localhost", "localhost/", "localhost evil", "[::1].evil", "127.0.0.1:80:80", "[localhost]"],
  ])("may not be %j", async (host) => {
    expect(await askAs(loopback, host)).toBe(403);
  });

  it("may be any address, and no other name, where it listens on more than loopback", async () => {
    const open: Door = { host: "0.0.0.0", names: ["shadow.example"] };
    expect(await askAs(open, "10.1.2.3:8090")).toBe(200);
    expect(await askAs(open, "Shadow.example")).toBe(200);
    expect(await askAs(open, "evil.example")).toBe(403);
  });

  it("has to be the one that the page came from", async () => {
    const { url } = await serve({ host: "127.0.0.1", names: ["shadow.example"] });
    const { host } = new URL(url);
    const status = async (headers: Readonly<Record<string, string>>): Promise<number> =>
      (await ask(url, "/api/samples/e1", { headers })).status;
    expect(await status({})).toBe(200);
    expect(await status({ origin: `http://${host}`, "sec-fetch-site": "same-origin" })).toBe(200);
    expect(await status({ origin: "https://shadow.example" })).toBe(200);
    expect(await status({ origin: "http://localhost:1" })).toBe(403);
    expect(await status({ origin: "null" })).toBe(403);
    expect(await status({ origin: "file://" })).toBe(403);
    expect(await status({ origin: `ftp://${host}` })).toBe(403);
    expect(await status({ "sec-fetch-site": "cross-site" })).toBe(403);
    expect(await status({ "sec-fetch-site": "same-site" })).toBe(403);
  });
});

describe("a hostile client", () => {
  it("gets a refusal for bytes that are no request, and nobody else notices", async () => {
    const { url } = await serve();
    const answers = await Promise.all(
      [
        "nonsense\r\n\r\n",
        "GET / HTTP/1.1\r\n\r\n",
        "GET / HTTP/9.9\r\nHost: localhost\r\n\r\n",
        `GET /${"x".repeat(40_000)} HTTP/1.1\r\nHost: localhost\r\n\r\n`,
        `GET / HTTP/1.1\r\nHost: localhost\r\n${"a: b\r\n".repeat(20_000)}\r\n`,
        "POST /api/accept HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\nConnection: close\r\n\r\n",
        "GET / HTTP/1.1\r\nHost:\r\nConnection: close\r\n\r\n",
        "GET / HTTP/1.0\r\n\r\n",
        "CONNECT localhost:22 HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "GET http://localhost/api/samples/e1 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
      ].map((bytes) => sendRaw(url, bytes)),
    );
    expect(answers.map((answer) => answer.split("\r\n")[0] ?? "").filter((line) => / 2\d\d /.test(line))).toEqual([]);
    expect((await ask(url, "/")).status).toBe(200);
  });

  it("cannot send a body without end", async () => {
    const { url } = await serve();
    const { port } = new URL(url);
    const head = ["POST /api/accept HTTP/1.1", "Host: localhost", `X-Penumbra-Token: ${token}`, "Content-Type: application/json"];
    const socket = connect(Number(port), "127.0.0.1");
    let text = "";
    socket.setEncoding("latin1").on("data", (chunk: string) => {
      text += chunk;
    });
    socket.on("error", () => undefined);
    socket.write(`${head.join("\r\n")}\r\nContent-Length: 100000000\r\n\r\n`);
    const sending = setInterval(() => socket.write("x".repeat(100_000)), 1);
    closing.push(() => clearInterval(sending));
    await new Promise((resolve) => socket.on("close", resolve));
    expect(text).toMatch(/^HTTP\/1\.1 413 /);
  });

  it("learns nothing of a fault within", async () => {
    const { url } = await serve(loopback, { sample: () => Promise.reject(new Error("a secret of the run")) });
    const answer = await ask(url, "/api/samples/e1");
    expect([answer.status, answer.text]).toEqual([500, '{"error":"internal error"}\n']);
  });
});

describe("many clients of the event stream", () => {
  it("get the latest at once, and every change; the one over the bound is refused", async () => {
    const { url, streams } = await serve();
    streams.report('{"n":1}');
    streams.state('{"observer":"running"}');
    const readers = Array.from({ length: 200 }, () => new EventReader(url));
    closing.push(() => readers.map((reader) => reader.close()));
    await Promise.all(readers.map((reader) => reader.first<{ n: number }>("report", ({ n }) => n === 1)));
    expect(streams.size).toBe(200);
    expect(await ask(url, "/api/events")).toMatchObject({ status: 503 });
    streams.report('{"n":1}');
    streams.report('{"n":2}');
    await Promise.all(readers.map((reader) => reader.first<{ n: number }>("report", ({ n }) => n === 2)));
    for (const { events } of readers) {
      const ids = events.map(({ id }) => id);
      expect(events.filter(({ event }) => event === "report").map(({ data }) => data)).toEqual([{ n: 1 }, { n: 2 }]);
      expect(ids.every((id, index) => index === 0 || id > (ids[index - 1] ?? 0))).toBe(true);
    }
  });

  it("get what was seen beside the report, each the latest, in the order in which it came", async () => {
    const { url, streams } = await serve();
    for (const n of [1, 2, 2]) streams.report(JSON.stringify({ n }));
    for (const s of [1, 2]) streams.seen(JSON.stringify({ s }));
    const reader = new EventReader(url);
    closing.push(() => reader.close());
    await reader.first("seen", () => true);
    streams.report('{"n":3}');
    await reader.first<{ n: number }>("report", ({ n }) => n === 3);
    expect(reader.events.map(({ event, data }) => [event, data])).toEqual([
      ["report", { n: 2 }],
      ["seen", { s: 2 }],
      ["report", { n: 3 }],
    ]);
    const late = new EventReader(url);
    closing.push(() => late.close());
    await late.first("report", () => true);
    expect(late.events.map(({ event, data }) => [event, data])).toEqual([
      ["seen", { s: 2 }],
      ["report", { n: 3 }],
    ]);
    expect(late.events.map(({ id }) => id)).toEqual(reader.events.slice(1).map(({ id }) => id));
  });

  it("are dropped when they read nothing, and do not keep others from theirs", async () => {
    const { url, streams } = await serve();
    const { port } = new URL(url);
    const deaf: Socket[] = Array.from({ length: 20 }, () => {
      const socket = connect(Number(port), "127.0.0.1");
      socket.on("error", () => undefined);
      socket.pause();
      socket.write("GET /api/events HTTP/1.1\r\nHost: localhost\r\n\r\n");
      return socket;
    });
    closing.push(() => deaf.map((socket) => socket.destroy()));
    const reader = new EventReader(url);
    closing.push(() => reader.close());
    await until(() => streams.size === 21);
    const before = process.memoryUsage().arrayBuffers;
    const padding = "x".repeat(2_000_000);
    for (let n = 0; n < 30; n++) {
      streams.report(JSON.stringify({ n, padding }));
      streams.state("{}");
      await reader.first<{ n: number }>("report", (data) => data.n === n);
      reader.forget();
    }
    // What waits for the deaf is the few frames that they were being sent, not what came since.
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(30 * padding.length);
    skipped += 20_000;
    streams.state("{}");
    await until(() => streams.size === 1);
  });
});
