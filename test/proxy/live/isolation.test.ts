/** I2, I3, I6: what goes wrong on the observing side stays there. */

import { ChildProcess } from "node:child_process";
import type { Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { systemClock } from "../../../model/clock.ts";
import { bytes, milliseconds, ratio } from "../../../model/units.ts";
import { ConnectionWatch, noneUnobserved, type WatchContext } from "../../../proxy/live/connection-watch.ts";
import { HandOver } from "../../../proxy/live/hand-over.ts";
import { HeadView } from "../../../proxy/live/head-view.ts";
import { conservationFaults, Ledger } from "../../../proxy/live/ledger.ts";
import { Sampler } from "../../../proxy/live/sampling.ts";
import { collect, connectTo, startRawPrimary, startTestSidecar, testKey, until } from "./support.ts";

const cleanUp: (() => unknown)[] = [];
afterEach(async () => {
  for (const each of cleanUp.splice(0)) await each();
});

const request = Buffer.from("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 6\r\n\r\nabcdef");
const answer = Buffer.from("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");

function watched(break_: Partial<Sampler> = {}): {
  watch: ConnectionWatch;
  ledger: Ledger;
  handOver: HandOver;
  shared: WatchContext;
  faults: unknown[];
  written: Buffer[];
} {
  const ledger = new Ledger("e");
  const written: Buffer[] = [];
  const handOver = new HandOver(ledger, bytes(100_000), systemClock);
  handOver.attach({ write: (chunk) => written.push(chunk) > 0, writableLength: 0, writable: true });
  handOver.ready();
  const sampler = new Sampler({ key: testKey, epoch: "e", laneKey: { kind: "usual" }, sampling: { rate: ratio(1), enabled: true } });
  const faults: unknown[] = [];
  const shared: WatchContext = {
    clock: systemClock,
    ledger,
    sampler: Object.assign(sampler, break_),
    handOver,
    view: new HeadView(),
    unobserved: noneUnobserved(),
    fault: (error) => faults.push(error),
  };
  return { watch: new ConnectionWatch(shared, 1, "192.0.2.1"), ledger, handOver, shared, faults, written };
}

describe("a fault of the observation", () => {
  it("ends the observation of that connection only, and is counted", () => {
    const broken = watched({
      learn: () => {
        throw new Error("planted");
      },
    });
    broken.watch.fromClient(request);
    broken.watch.fromPrimary(answer);
    broken.watch.fromClient(request);
    expect(broken.faults).toHaveLength(1);
    expect(broken.shared.unobserved.scan_error).toBe(1);
    const snapshot = broken.ledger.snapshot();
    expect(conservationFaults(snapshot)).toEqual([]);
    expect(snapshot).toMatchObject({ seen: 1, open: 0 });
    expect(snapshot.dropped.scan_error).toBe(1);
  });

  it("does not stop even when giving the copy up fails as well", () => {
    const broken = watched();
    broken.watch.fromClient(request);
    Object.assign(broken.handOver, {
      answerHead: () => {
        throw new Error("planted");
      },
      drop: () => {
        throw new Error("planted too");
      },
    });
    expect(() => broken.watch.fromPrimary(answer)).not.toThrow();
    expect(broken.faults).toHaveLength(2);
    expect(broken.ledger.snapshot()).toMatchObject({ open: 0, captured: 0 });
    expect(broken.ledger.snapshot().dropped.scan_error).toBe(1);
  });
});

describe("a watch", () => {
  it("matches pipelined requests with answers in order, cut at every byte", () => {
    const requests = Buffer.from("HEAD /1 HTTP/1.1\r\n\r\nPOST /2 HTTP/1.1\r\nContent-Length: 2\r\n\r\nabGET /3 HTTP/1.1\r\n\r\n");
    const answers = Buffer.from(
      "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nHTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhiHTTP/1.1 304 Same\r\n\r\n",
    );
    for (let cut = 1; cut < answers.length; cut++) {
      const one = watched();
      one.watch.fromClient(requests.subarray(0, cut % requests.length));
      one.watch.fromClient(requests.subarray(cut % requests.length));
      expect(one.watch.isIdle).toBe(false);
      one.watch.fromPrimary(answers.subarray(0, cut));
      one.watch.fromPrimary(answers.subarray(cut));
      expect(one.watch.isIdle, `cut at ${cut}`).toBe(true);
      expect(one.ledger.snapshot()).toMatchObject({ seen: 3, captured: 3, open: 0 });
    }
  });

  it("counts what is not sampled without opening it", () => {
    const one = watched({ draw: () => null });
    one.watch.fromClient(request);
    expect(one.ledger.snapshot()).toMatchObject({ seen: 1, unsampled: 1, open: 0 });
    expect(one.watch.isIdle).toBe(false);
    one.watch.fromPrimary(answer);
    expect(one.watch.isIdle).toBe(true);
  });

  it("drops a copy whose request stays unfinished and keeps one whose answer is cut", () => {
    const cut = watched();
    cut.watch.fromClient(request);
    cut.watch.fromClient(request.subarray(0, request.length - 1));
    cut.watch.closed("client_abort");
    const snapshot = cut.ledger.snapshot();
    expect(snapshot).toMatchObject({ seen: 2, captured: 1, open: 0 });
    expect(snapshot.dropped.client_abort).toBe(1);
  });

  it("goes on with HTTP/1 when an upgrade is declined", () => {
    const one = watched();
    one.watch.fromClient(Buffer.from("GET / HTTP/1.1\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n\r\n"));
    one.watch.fromPrimary(answer);
    one.watch.fromClient(request);
    one.watch.fromPrimary(answer);
    expect(one.ledger.snapshot()).toMatchObject({ seen: 2, captured: 2 });
  });
});

describe("the hand-over", () => {
  it("drops copies whole while the pipe is over its budget, and says why in the middle of one", () => {
    const ledger = new Ledger("e");
    const pipe = { write: () => false, writableLength: 0, writable: true };
    const handOver = new HandOver(ledger, bytes(1000), systemClock);
    handOver.attach(pipe);
    handOver.ready();
    const view = new HeadView();
    view.parse(request, 0, request.length, "request");
    const copy = { connection: 1, index: 0, at: systemClock.now(), monotonic: systemClock.monotonic(), inclusion: ratio(1), lane: "l" };
    const begun = handOver.begin(copy, view);
    expect(begun).toBe(1);
    pipe.writableLength = 2000;
    handOver.requestData(begun, request, 0, 5);
    handOver.requestData(begun, request, 0, 5);
    expect(handOver.begin(copy, view)).toBe(0);
    const snapshot = ledger.snapshot();
    expect(snapshot.dropped.budget).toBe(2);
    expect(snapshot.open).toBe(0);
    pipe.writableLength = 0;
    expect(handOver.begin(copy, view)).toBe(2);
    handOver.detach();
    expect(handOver.begin(copy, view)).toBe(0);
    expect(ledger.snapshot().dropped.observer_absent).toBe(1);
  });
});

describe("a stopped observer", () => {
  it("costs copies over the budget, no user bytes, and is replaced", async () => {
    const size = 200_000;
    const primary = await startRawPrimary((socket) =>
      socket.on("data", () => socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${size}\r\n\r\n${"z".repeat(size)}`)),
    );
    const started = await startTestSidecar(primary.port, { budget: bytes(1_000_000) });
    cleanUp.push(
      () => started.sidecar.drain({ bound: milliseconds(200) }),
      () => primary.server.close(),
    );
    const socket = await connectTo(started.sidecar.address.port);
    cleanUp.unshift(() => socket.destroy());
    const received = collect(socket);
    const pid = started.sidecar.observerPid() ?? 0;
    started.children[0]?.kill("SIGSTOP");
    const answerBytes = size + `HTTP/1.1 200 OK\r\nContent-Length: ${size}\r\n\r\n`.length;
    for (let round = 1; round <= 30; round++) {
      socket.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
      await until(() => received.length() === round * answerBytes);
    }
    const backlog = started.sidecar.counters().backlogBytes;
    expect(backlog).toBeLessThan(1_200_000);
    expect(started.sidecar.ledger.snapshot().dropped.budget).toBeGreaterThan(0);
    await until(() => started.sidecar.counters().observer.state === "ready" && started.sidecar.observerPid() !== pid);
    expect(started.events.map((event) => event.name)).toContain("observer.silent");
    expect(conservationFaults(started.sidecar.ledger.snapshot())).toEqual([]);
  }, 30_000);
});

describe("backpressure", () => {
  it.each(["client", "primary"] as const)(
    "of a %s that does not read holds the other side back, and ends when it reads",
    async (slow) => {
      const total = 60_000_000;
      const sockets: Socket[] = [];
      const primary = await startRawPrimary((socket) => sockets.push(socket));
      const started = await startTestSidecar(primary.port, { sampling: { rate: ratio(0), enabled: true } });
      cleanUp.push(
        () => started.sidecar.drain({ bound: milliseconds(200) }),
        () => primary.server.close(),
      );
      const socket = await connectTo(started.sidecar.address.port);
      await until(() => sockets.length === 1);
      const accepted = sockets[0] as Socket;
      const [reader, writer] = slow === "client" ? [socket, accepted] : [accepted, socket];
      reader.pause();
      const piece = Buffer.alloc(100_000);
      let sent = 0;
      const writeOn = (): void => {
        sent += piece.length;
        if (sent < total) writer.write(piece, writeOn);
      };
      writer.write(piece, writeOn);
      let unchanged = 0;
      let before = 0;
      await until(() => {
        unchanged = sent === before ? unchanged + 1 : 0;
        before = sent;
        return unchanged > 100;
      });
      expect(sent).toBeLessThan(total);
      const received = collect(reader);
      reader.resume();
      await until(() => received.length() === total);
      socket.destroy();
      accepted.destroy();
      await until(() => started.sidecar.counters().connections.open === 0);
    },
    20_000,
  );

  it("does not hide that a client has reset an upload that the primary does not read", async () => {
    const primary = await startRawPrimary((socket) => socket.pause());
    const started = await startTestSidecar(primary.port, { sampling: { rate: ratio(0), enabled: true } });
    cleanUp.push(
      () => started.sidecar.drain({ bound: milliseconds(200) }),
      () => primary.server.close(),
    );
    const socket = await connectTo(started.sidecar.address.port);
    socket.write("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100000000\r\n\r\n");
    socket.write(Buffer.alloc(50_000_000));
    let unchanged = 0;
    let before = -1;
    await until(() => {
      unchanged = socket.writableLength === before ? unchanged + 1 : 0;
      before = socket.writableLength;
      return unchanged > 100; // every buffer on the way is full
    });
    expect(started.sidecar.counters().connections.open).toBe(1);
    socket.resetAndDestroy();
    await until(() => started.sidecar.counters().connections.open === 0);
  });

  it("does not hide that a client has gone while it held the primary back", async () => {
    const sockets: Socket[] = [];
    const ends: Promise<string>[] = [];
    const primary = await startRawPrimary((socket) => {
      sockets.push(socket);
      ends.push(collect(socket).ended);
    });
    const started = await startTestSidecar(primary.port, { sampling: { rate: ratio(0), enabled: true } });
    cleanUp.push(
      () => started.sidecar.drain({ bound: milliseconds(200) }),
      () => primary.server.close(),
    );
    const socket = await connectTo(started.sidecar.address.port);
    await until(() => sockets.length === 1);
    socket.pause();
    sockets[0]?.write(Buffer.alloc(20_000_000));
    await until(() => (sockets[0]?.writableLength ?? 0) > 0);
    socket.resetAndDestroy();
    expect(await ends[0]).toBe("reset");
    await until(() => started.sidecar.counters().connections.open === 0);
  });
});

describe("an observer that cannot be started", () => {
  it("is started again, also when there was no file descriptor left for its pipes", async () => {
    const primary = await startRawPrimary(() => undefined);
    let starts = 0;
    const started = await startTestSidecar(primary.port, {
      wrapSpawn: (spawn) => () => {
        if (++starts > 1) return spawn();
        // This is how `spawn` ends with EMFILE: no process, no pipes, and the error on the next turn.
        const child = new ChildProcess();
        setImmediate(() => child.emit("error", new Error("spawn EMFILE")));
        return child;
      },
    });
    cleanUp.push(
      () => started.sidecar.drain({ bound: milliseconds(200) }),
      () => primary.server.close(),
    );
    await until(() => started.sidecar.counters().observer.state === "ready");
    expect(starts).toBe(2);
    expect(started.events.map((event) => event.name)).toContain("observer.not-started");
  });
});
