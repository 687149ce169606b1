import { describe, expect, it } from "vitest";
import type { Outcome } from "../../model/exchange.ts";
import { noBody } from "../../model/exchange.ts";
import { milliseconds } from "../../model/units.ts";
import { type Patience, PrimaryPatience } from "../../target/patience.ts";
import { rawServer, request, target } from "./servers.ts";

function answeredIn(tookMs: number): Outcome {
  const answer = { status: 200, reason: "", headers: [], body: noBody };
  return { kind: "answered", answer, firstByteMs: milliseconds(tookMs), tookMs: milliseconds(tookMs) };
}

describe("the patience with a target", () => {
  it.each([
    ["the least where production was quick", answeredIn(200), 10_000],
    ["three times production's time where that is longer", answeredIn(8000), 24_000],
    ["the least where production gave no answer to compare with", { kind: "aborted", tookMs: milliseconds(9000) }, 10_000],
    ["three times the least while production has not answered, and no more", null, 30_000],
  ] satisfies [string, Outcome | null, number][])("is %s", (_what, primary, limit) => {
    const patience = new PrimaryPatience(10_000);
    if (primary !== null) patience.primaryEnded(primary);
    expect([patience.least, patience.limit()]).toEqual([10_000, limit]);
  });

  it("is asked again when its least time is over, and the answer may then come", async () => {
    const { promise: asked, resolve } = Promise.withResolvers<void>();
    const url = await rawServer((socket) => {
      socket.once("data", () => void asked.then(() => socket.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")));
    });
    const growing: Patience = {
      least: milliseconds(20),
      limit: () => {
        resolve();
        return milliseconds(20_000);
      },
    };
    expect(await target(url).send(request("GET", "/"), growing)).toMatchObject({ kind: "answered" });
  });

  it("ends for an answer that comes a byte at a time and never stops", async () => {
    const url = await rawServer((socket) => {
      socket.once("data", () => {
        socket.write("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n");
        const drip = setInterval(() => socket.write("x"), 5);
        socket.once("close", () => clearInterval(drip));
      });
    });
    expect((await target(url).send(request("GET", "/"), new PrimaryPatience(40))).kind).toBe("timed-out");
  });
});
