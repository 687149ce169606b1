/** The trace of a mirrored request: a new one, linked to production's, so that shadow work never shows up among users' spans.
 *
 *    production   traceparent: 00-A-…     stays as it is on its way to the primary
 *    mirrored     traceparent: 00-B-…     tracestate: penumbra=A-SPAN      (the link, for whoever reads the candidate's traces)
 *                       └─ a span of ours with a link to A, where an OpenTelemetry SDK is registered
 *
 * Without an SDK, B is made from A: candidate and controls get the same, so that an echo of it is no difference between them.
 * W3C Trace Context §3 (traceparent, tracestate). */

import { createHash } from "node:crypto";
import { isSpanContextValid, ROOT_CONTEXT, type Span, type SpanContext, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import type { HeaderList, HttpRequest, Outcome } from "../../model/exchange.ts";

const traceparent = /^(?!ff)[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?:-.*)?$/;
const traceIdDigits = 32;
const spanIdDigits = 16;
const hexadecimal = 16;
const traceHeaders: ReadonlySet<string> = new Set(["traceparent", "tracestate"]);
/** Separates this use of a trace id from others. */
const derivation = "penumbra mirrored trace 1\n";

/** One mirrored request and its span; `ended` once its outcome is known. */
export interface MirroredTrace {
  readonly request: HttpRequest;
  ended(outcome: Outcome): void;
}

/** @param target candidate or control */
export function mirroredTrace(request: HttpRequest, target: string): MirroredTrace {
  const production = contextOf(request.headers);
  const span = trace.getTracer("penumbra").startSpan(
    "penumbra.mirror",
    {
      kind: SpanKind.CLIENT,
      root: true,
      links: production === null ? [] : [{ context: production }],
      attributes: { "penumbra.target": target, "http.request.method": request.method },
    },
    ROOT_CONTEXT,
  );
  const ours = isSpanContextValid(span.spanContext()) ? span.spanContext() : null;
  const shown = ours ?? (production === null ? null : derived(production));
  return {
    request: shown === null ? request : { ...request, headers: withTrace(request.headers, shown, production) },
    ended: (outcome) => end(span, outcome),
  };
}

/** The trace that a request belongs to; null = none, or more than one. */
function contextOf(headers: HeaderList): SpanContext | null {
  const values = headers.filter(([name]) => name.toLowerCase() === "traceparent").map(([, value]) => value.trim());
  const [, traceId = "", spanId = "", flags = ""] = values.length === 1 ? (traceparent.exec(values[0] ?? "") ?? []) : [];
  const context = { traceId, spanId, traceFlags: Number.parseInt(flags, hexadecimal), isRemote: true };
  return isSpanContextValid(context) ? context : null;
}

function derived({ traceId, spanId, traceFlags }: SpanContext): SpanContext {
  const digits = createHash("sha256").update(`${derivation}${traceId}-${spanId}`).digest("hex");
  return { traceId: digits.slice(0, traceIdDigits), spanId: digits.slice(traceIdDigits, traceIdDigits + spanIdDigits), traceFlags };
}

function withTrace(headers: HeaderList, { traceId, spanId, traceFlags }: SpanContext, production: SpanContext | null): HeaderList {
  const flags = traceFlags.toString(hexadecimal).padStart(2, "0");
  return [
    ...headers.filter(([name]) => !traceHeaders.has(name.toLowerCase())),
    ["traceparent", `00-${traceId}-${spanId}-${flags}`],
    ...(production === null ? [] : [["tracestate", `penumbra=${production.traceId}-${production.spanId}`] as const]),
  ];
}

function end(span: Span, outcome: Outcome): void {
  if (outcome.kind === "answered") span.setAttribute("http.response.status_code", outcome.answer.status);
  else span.setStatus({ code: SpanStatusCode.ERROR, message: outcome.kind });
  span.end();
}
