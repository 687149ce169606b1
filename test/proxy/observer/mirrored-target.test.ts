/** What candidate and control are asked, and what is made of their answers, through a whole observer. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Observation } from "../../../model/observation.ts";
import { httpServer } from "../../target/servers.ts";
import { LivePipe, logged } from "./live-pipe.ts";
import { json, observerOptions, place, shadowOf } from "./targets.ts";

async function observed(run: string): Promise<Observation[]> {
  return (await logged(run)).flatMap((entry) => (entry.kind === "observation" ? [entry.observation] : []));
}

/** Answers with the header fields that it was asked with, as they came. */
function echo(): Promise<string> {
  return httpServer(({ rawHeaders }, response) => {
    const fields = rawHeaders.flatMap((name, index) => (index % 2 === 0 ? [[name, rawHeaders[index + 1]]] : []));
    json(response, 200, { headers: fields.filter(([name]) => !/^(?:connection|host)$/i.test(name ?? "")) });
  });
}

describe("a mirrored request", () => {
  it("is in a trace of its own that names production's, while the run keeps production's", async () => {
    const here = place();
    const seen: unknown[] = [];
    const noting = (): Promise<string> =>
      httpServer(({ headers }, response) => {
        seen.push([headers["traceparent"], headers["tracestate"]]);
        json(response, 200, {});
      });
    const [traceId, spanId] = ["0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"];
    const live = new LivePipe(observerOptions(here, { shadow: shadowOf(here, { candidate: await noting(), controls: [await noting()] }) }));
    live.exchange(1, `GET / HTTP/1.1\r\nHost: shop\r\ntraceparent: 00-${traceId}-${spanId}-01`, "{}");
    await live.end();
    expect(seen).toHaveLength(2);
    expect(seen[0]).toEqual(seen[1]);
    expect(seen[0]).toEqual([expect.stringMatching(/^00-(?!0af76519)[0-9a-f]{32}-[0-9a-f]{16}-01$/), `penumbra=${traceId}-${spanId}`]);
    const [observation] = await observed(here.run);
    expect(observation?.exchange.request.headers).toContainEqual(["traceparent", `00-${traceId}-${spanId}-01`]);
  });

  it("bears the mark of the mirror, which no answer that repeats it is compared with", async () => {
    const here = place();
    const seen: (string | string[] | undefined)[] = [];
    const candidate = await httpServer((request, response) => {
      seen.push(request.headers["x-penumbra"]);
      json(response, 200, { headers: { accept: request.headers.accept, "x-penumbra": request.headers["x-penumbra"] } });
    });
    const live = new LivePipe(observerOptions(here, { shadow: shadowOf(here, { candidate, controls: [await echo()] }) }));
    live.exchange(1, "GET /echo HTTP/1.1\r\nHost: shop\r\naccept: text/html", '{"headers":{"accept":"text/html"}}');
    await live.end();
    expect(seen[0]).toMatch(/^e1\.[0-9a-f]{32}$/);
    const [observation] = await observed(here.run);
    const bodies = [observation?.candidate, ...(observation?.controls ?? [])].map((trial) =>
      trial?.outcome.kind === "answered" && trial.outcome.answer.body.kind === "whole"
        ? Buffer.from(trial.outcome.answer.body.bytes).toString()
        : "",
    );
    expect(bodies).toEqual(['{"headers":{"accept":"text/html"}}', '{"headers":[["accept","text/html"]]}']);
  });

  it("is not mirrored again when a candidate passes its header on to the sidecar, whatever the user put into it", async () => {
    const here = place();
    const received: string[] = [];
    const candidate = await httpServer(({ rawHeaders }, response) => {
      received.push(rawHeaders.flatMap((name, index) => (index % 2 === 0 ? [`${name}: ${rawHeaders[index + 1] ?? ""}`] : [])).join("\r\n"));
      json(response, 200, {});
    });
    const live = new LivePipe(observerOptions(here, { shadow: shadowOf(here, { candidate }) }));
    live.exchange(1, "GET /evil HTTP/1.1\r\nHost: shop\r\nx-penumbra: a,a,a,a,a,a,a,a", "{}");
    await live.hears(/1 mirror done/);
    live.exchange(2, `GET /evil HTTP/1.1\r\n${received[0]}`, "{}");
    await live.hears(/2 mirror/);
    expect(live.said).toContain("2 mirror loop");
    await live.end();
  });

  it.each([
    ["drop", { kind: "drop" } as const, "no_credentials", undefined],
    ["replace", { kind: "replace", headers: [["Authorization", "Bearer test-user"]] } as const, "no_credentials", "Bearer test-user"],
    ["pass", { kind: "pass" } as const, undefined, "Bearer live"],
  ])("without its user's credentials (%s) is not compared where the control lets nobody in", async (_how, credentials, reason, sent) => {
    const here = place();
    const seen: (string | undefined)[] = [];
    const locked = (): Promise<string> =>
      httpServer(({ headers }, response) => {
        seen.push(headers.authorization);
        json(response, 401, {});
      });
    const shadow = shadowOf(here, { candidate: await locked(), controls: [await locked()], credentials });
    const live = new LivePipe(observerOptions(here, { shadow }));
    live.exchange(1, "GET /me HTTP/1.1\r\nHost: shop\r\nAuthorization: Bearer live", "{}");
    live.exchange(2, "GET /public HTTP/1.1\r\nHost: shop", "{}");
    await live.end();
    expect((await observed(here.run)).map(({ exchange, notComparable }) => [exchange.id, notComparable])).toEqual([
      ["e1-1", reason],
      ["e1-2", undefined],
    ]);
    expect(new Set(seen)).toEqual(new Set([sent, undefined]));
  });

  it("that is given the operator's credentials is stored without them, wherever a target shows them", async () => {
    const here = place();
    const secret = "k9Zq/7+vTt3bLm0P";
    const showing = (): Promise<string> =>
      httpServer(({ headers }, response) => json(response, 200, { note: `you sent ${headers.authorization?.slice("Bearer ".length)}` }));
    const credentials = { kind: "replace", headers: [["Authorization", `Bearer ${secret}`]] } as const;
    const shadow = shadowOf(here, { candidate: await showing(), controls: [await showing()], credentials });
    const live = new LivePipe(observerOptions(here, { shadow }));
    live.exchange(1, "GET /me HTTP/1.1\r\nHost: shop\r\nAuthorization: Bearer live", "{}");
    await live.end();
    const stored = readFileSync(join(here.run, "entries.ndjson"), "utf8");
    expect(stored.match(/you sent tok_[\w-]{22}/g)).toHaveLength(2);
    expect(stored).not.toContain(secret);
  });

  it("gets as long for its answer as production's own slowness allows, and its answer is cut at the cap", async () => {
    const here = place();
    const { promise: slowAnswered, resolve } = Promise.withResolvers<void>();
    const [leastMs, slowMs] = [400, 600];
    const slow = await httpServer((_request, response) => {
      setTimeout(() => {
        json(response, 200, {});
        resolve();
      }, slowMs);
    });
    const endless = await httpServer((_request, response) => {
      const more = (): void => {
        if (!response.destroyed) response.write("x".repeat(10_000), more);
      };
      more();
    });
    const shadow = shadowOf(here, { candidate: slow, controls: [endless], timeoutMs: leastMs, answerCap: 50_000 });
    const live = new LivePipe(observerOptions(here, { shadow }));
    // The primary has not answered when the least time is over, so that three times as much is fair.
    live.request(1, "GET /slow HTTP/1.1\r\nHost: shop");
    await slowAnswered;
    live.answer(1, "{}");
    await live.hears(/1 mirror done/);
    await live.end();
    const [observation] = await observed(here.run);
    expect([observation?.candidate?.outcome.kind, observation?.controls[0]?.outcome.kind]).toEqual(["answered", "too-large"]);
  });
});
