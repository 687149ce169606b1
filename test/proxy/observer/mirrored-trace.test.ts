/** Mirrored requests are in traces of their own, which name the trace of production. */

import { trace } from "@opentelemetry/api";
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-base";
import { afterEach, describe, expect, it } from "vitest";
import type { HeaderList, HttpRequest } from "../../../model/exchange.ts";
import { milliseconds } from "../../../model/units.ts";
import { mirroredTrace } from "../../../proxy/observer/mirrored-trace.ts";

const [traceId, spanId] = ["0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"];
const production: HeaderList = [
  ["Host", "shop"],
  ["TraceParent", `00-${traceId}-${spanId}-01`],
  ["tracestate", "vendor=1"],
];

function request(headers: HeaderList): HttpRequest {
  return { method: "GET", target: "/orders/7?token=secret", version: "1.1", headers, body: { kind: "none" } };
}

function sent(headers: HeaderList, target = "candidate"): Record<string, string> {
  return Object.fromEntries(mirroredTrace(request(headers), target).request.headers.map(([name, value]) => [name.toLowerCase(), value]));
}

afterEach(() => trace.disable());

describe("without an SDK", () => {
  it("a mirrored request is in another trace, the same for all targets, and names production's", () => {
    const headers = sent(production);
    expect(headers["traceparent"]).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
    expect(headers["traceparent"]).not.toContain(traceId);
    expect(headers["tracestate"]).toBe(`penumbra=${traceId}-${spanId}`);
    expect(sent(production, "control")).toEqual(headers);
  });

  const parent: HeaderList[number] = ["traceparent", `00-${traceId}-${spanId}-01`];
  const unusable: readonly (readonly [string, HeaderList])[] = [
    ["none", []],
    ["one that is no traceparent", [["traceparent", "00-xyz"]]],
    ["an empty id", [["traceparent", `00-${"0".repeat(32)}-${spanId}-01`]]],
    ["two", [parent, parent]],
  ];
  it.each(unusable)("a request with %s stays as it is", (_, headers) => {
    const asked = request(headers);
    expect(mirroredTrace(asked, "candidate").request).toBe(asked);
  });
});

describe("with an SDK that the user has registered", () => {
  it("each mirrored request is a root span, linked to production's, without target, headers or bodies", () => {
    const exporter = new InMemorySpanExporter();
    trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }));
    const mirrored = mirroredTrace(request(production), "candidate");
    mirrored.ended({ kind: "timed-out", tookMs: milliseconds(3) });
    const [span] = exporter.getFinishedSpans();
    const { traceId: own = "", spanId: ownSpan = "" } = span?.spanContext() ?? {};
    expect(own).not.toBe(traceId);
    expect(span?.parentSpanContext).toBeUndefined();
    expect(span?.links).toHaveLength(1);
    expect(span?.links[0]?.context).toMatchObject({ traceId, spanId });
    expect(span?.attributes).toEqual({ "penumbra.target": "candidate", "http.request.method": "GET" });
    expect(span?.status.message).toBe("timed-out");
    expect(mirrored.request.headers).toContainEqual(["traceparent", `00-${own}-${ownSpan}-01`]);
  });
});
