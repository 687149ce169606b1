import { expect, it } from "vitest";
import { closedAddress } from "../../target/servers.ts";
import { LivePipe } from "./live-pipe.ts";
import { answering, observerOptions, place, shadowOf } from "./targets.ts";

it("a target to which no connection comes about is told when the mirror begins, with what to do", async () => {
  const here = place();
  const told: unknown[] = [];
  const [away, plain] = [await closedAddress(), await answering({ build: "old" })];
  const candidate = plain.replace("http:", "https:");
  const log = { info: () => {}, warn: (event: string, fields: object) => void told.push([event, fields]) };
  const live = new LivePipe(observerOptions(here, { shadow: shadowOf(here, { candidate, controls: [away, plain] }) }), log);
  await expect.poll(() => told).toHaveLength(2);
  expect(told).toEqual(
    expect.arrayContaining([
      [
        "mirror.target-unreachable",
        { target: "candidate", url: candidate, problem: `TLS handshake failed: the server there speaks no TLS; try ${plain}` },
      ],
      ["mirror.target-unreachable", { target: "control", url: away, problem: "nothing listens there; start it and try again" }],
    ]),
  );
  await live.end();
});
