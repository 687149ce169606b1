/** The observer process: everything that costs and may fail, apart from the process that holds the users.
 *
 *    pipe ──► Intake ──┬─requestComplete──► Mirror ──► candidate, control ──► ShadowLog ──► RUN
 *                      └─exchangeComplete─► TailSampling ─► Recorder ─► RECORDING
 *    pipe ◄── dispositions, heartbeat, ready
 *
 * It ends when the pipe does: no more copies, what is under way gets a bounded time, everything is flushed. */

import type { Duplex } from "node:stream";
import { EndpointNames } from "../../diff/endpoint-names.ts";
import { ExchangeShapes, readExchange } from "../../diff/shapes/exchange-shape.ts";
import { type Clock, systemClock } from "../../model/clock.ts";
import type { Exchange } from "../../model/exchange.ts";
import { bytes } from "../../model/units.ts";
import { freeBytes } from "../../recording/free-space.ts";
import { Redactor } from "../../recording/redaction.ts";
import type { RedactionRule } from "../../recording/redaction-rules.ts";
import type { RedactionMode } from "../../recording/secrets.ts";
import { publicKeyOf } from "../../recording/vault/vault-keys.ts";
import type { RecordingLimits } from "../../recording/writer.ts";
import { LoopGuard } from "../../target/loop-guard.ts";
import type { Disposition } from "../handover/reasons.ts";
import { Figures } from "./figures.ts";
import { type CapturedExchange, type CaptureListener, connectIntake, type IntakeConnection } from "./intake.ts";
import { type MirroredTargets, Mirroring } from "./mirroring.ts";
import { type ObserverLog, problemOf } from "./observer-log.ts";
import { Recorder } from "./recorder.ts";
import { TailSampling } from "./tail-sampling.ts";

/** What the live process tells its observer at the start; plain JSON, so that it passes through an environment variable. */
export interface ObserverOptions {
  /** Names this life of the live process; the same for every observer that it starts. */
  readonly epoch: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Bodies over it are kept as length, hash, first and last part. */
  readonly bodyCap: number;
  /** Base64. The live process has read it and hands it on, so that equal secrets become equal tokens in every observer that it
   * starts, whatever becomes of the file meanwhile. */
  readonly redactionKey: string;
  readonly redaction: RedactionMode | "off";
  /** On top of what is redacted anyway. */
  readonly redactionRules: readonly RedactionRule[];
  /** URLs of the servers that answer users: kept in the recording. */
  readonly primaries: readonly string[];
  /** Recording directory; null = nothing is recorded. */
  readonly record: string | null;
  /** Exchanges a second that are stored, about, beside errors, slow ones and new kinds; null = all copies are. */
  readonly recordRate: number | null;
  /** When segments are closed and how many are kept; absent = the writer's own, which keep everything. */
  readonly recordLimits?: Partial<RecordingLimits>;
  /** Public key (PEM) to which what tokens stand for is sealed, beside the recording's exchanges; null = it is not kept. */
  readonly vault: string | null;
  /** null = nothing is mirrored. */
  readonly shadow: MirroredTargets | null;
}

/** Observes until the pipe ends; then everything is flushed and the pipe is closed from this side.
 * A recording or run that cannot be opened turns off that part alone, and every copy's disposition says so. */
export async function runObserver(options: ObserverOptions, pipe: Duplex, log: ObserverLog, clock: Clock = systemClock): Promise<void> {
  // 1. Everything that copies go to.
  let connection: IntakeConnection | null = null;
  const dispose = (sequence: number, disposition: Disposition): void => connection?.dispose(sequence, disposition);
  const key = Buffer.from(options.redactionKey, "base64");
  const redactor = new Redactor({ key, mode: options.redaction, rules: options.redactionRules });
  const guard = new LoopGuard(key, options.epoch);
  const recording = await openPart("recorder", log, () => openRecorder(options, redactor, dispose, log, clock));
  const figures = new Figures();
  const mirroring = await openPart("mirror", log, () => openMirroring(options, redactor, guard, figures, dispose, log, clock));

  // 2. Copies come in.
  const { recordRate } = options;
  const tail = recordRate === null ? null : new TailSampling({ perSecond: recordRate, kindOf: kinds() });
  const drawn = (exchange: Exchange): number | null => (tail === null ? 1 : tail.draw(exchange, clock.monotonic()));
  connection = connectIntake(pipe, clock, {
    listener: listenerOf({ recording, mirroring, guard, drawn, dispose, arrived: (exchange) => figures.arrived(lagMs(exchange, clock)) }),
    figures: () => figures.snapshot({ probes: mirroring.kind === "open" ? mirroring.part.probes : 0, freeBytes: roomLeft(options) }),
    labels: options.labels,
    bodyCap: bytes(options.bodyCap),
    onCounters: (snapshot) => {
      if (recording.kind === "open") recording.part.counters(snapshot);
    },
  });
  const recovered = recording.kind === "open" ? recording.part.recover(options.epoch) : 0;
  // First the line: an observer that was ready and is then killed has said so.
  log.info("observer.ready", { recovered, recording: recording.kind, mirroring: mirroring.kind });
  connection.ready();
  await connection.finished;

  // 3. The live process is done: commit, let what is under way end, say what became of the rest.
  if (recording.kind === "open") recording.part.close();
  if (mirroring.kind === "open") await mirroring.part.end();
  await connection.close();
  log.info("observer.ended", {});
}

/** What a copy is an example of. Endpoints go by the class of their segments, and what is data is learnt on the way. */
function kinds(): (exchange: Exchange) => { readonly route: string; readonly shape: string } {
  const endpoints = new EndpointNames([]);
  const shapes = new ExchangeShapes();
  return (exchange) => {
    const route = endpoints.of(exchange.request);
    const read = readExchange(exchange, route);
    shapes.learn(read);
    return { route, shape: shapes.of(read).shape };
  };
}

/** How long ago the exchange ended. */
function lagMs({ at, outcome }: Exchange, clock: Clock): number {
  return clock.now() - at - outcome.tookMs;
}

/** By what is kept there. */
function roomLeft({ record, shadow }: ObserverOptions): Readonly<Record<string, number>> {
  const places = [["recording", record] as const, ["run", shadow?.run.directory ?? null] as const];
  const room: Record<string, number> = {};
  for (const [name, path] of places) {
    const free = path === null ? null : freeBytes(path);
    if (free !== null) room[name] = free;
  }
  return room;
}

/** A part of the observer that may be off, or broken without taking the others with it. */
type Part<T> = { readonly kind: "off" } | { readonly kind: "failed" } | { readonly kind: "open"; readonly part: T };

interface Destinations {
  readonly recording: Part<Recorder>;
  readonly mirroring: Part<Mirroring>;
  readonly guard: LoopGuard;
  /** The probability with which a copy is stored, if it is. */
  readonly drawn: (exchange: Exchange) => number | null;
  readonly dispose: (sequence: number, disposition: Disposition) => void;
  /** Told of every exchange that came whole. */
  readonly arrived: (exchange: Exchange) => void;
}

function listenerOf({ recording, mirroring, guard, drawn, dispose, arrived }: Destinations): CaptureListener {
  const store = (recorder: Recorder, completed: CapturedExchange): void => {
    const { sequence, exchange } = completed;
    const probability = drawn(exchange);
    if (probability === null) dispose(sequence, { part: "record", result: "not_kept" });
    else recorder.exchangeComplete({ ...completed, exchange: { ...exchange, inclusion: (exchange.inclusion ?? 1) * probability } });
  };
  return {
    requestComplete: (captured) => {
      if (mirroring.kind === "open") mirroring.part.mirror.requestComplete(captured);
      else dispose(captured.sequence, { part: "mirror", result: mirroring.kind === "off" ? "off" : "mirror_error" });
    },
    exchangeComplete: (completed) => {
      arrived(completed.exchange);
      // A recording is of production's traffic; replayed, what a candidate asked would be asked twice.
      const isLoop = recording.kind === "open" && guard.recognises(completed.exchange.request.headers);
      if (isLoop) dispose(completed.sequence, { part: "record", result: "loop" });
      else if (recording.kind === "open") store(recording.part, completed);
      else dispose(completed.sequence, { part: "record", result: recording.kind === "off" ? "off" : "recorder_error" });
      if (mirroring.kind === "open") mirroring.part.mirror.exchangeComplete(completed);
    },
    abandoned: (abandoned) => {
      if (mirroring.kind === "open") mirroring.part.mirror.abandoned(abandoned);
    },
  };
}

async function openPart<T>(name: string, log: ObserverLog, open: () => T | null | Promise<T | null>): Promise<Part<T>> {
  try {
    const part = await open();
    return part === null ? { kind: "off" } : { kind: "open", part };
  } catch (error) {
    log.warn(`${name}.failed`, { problem: problemOf(error) });
    return { kind: "failed" };
  }
}

function openRecorder(
  { record, recordLimits = {}, vault, epoch, labels, primaries }: ObserverOptions,
  redactor: Redactor,
  dispose: (sequence: number, disposition: Disposition) => void,
  log: ObserverLog,
  clock: Clock,
): Recorder | null {
  if (record === null) return null;
  return new Recorder({
    directory: record,
    writer: {
      labels,
      primaries,
      epoch,
      clock,
      redaction: redactor.description,
      redactionRules: redactor.rules,
      keyId: redactor.keyId,
      vault: vault === null ? null : publicKeyOf(vault),
      limits: recordLimits,
    },
    redaction: redactor,
    dispose: (sequence, result) => dispose(sequence, { part: "record", result }),
    onPaused: (reason) => log.warn("recorder.paused", { reason }),
    onResumed: () => log.warn("recorder.resumed", {}),
  });
}

function openMirroring(
  { shadow, labels, bodyCap }: ObserverOptions,
  redaction: Redactor,
  guard: LoopGuard,
  figures: Figures,
  dispose: (sequence: number, disposition: Disposition) => void,
  log: ObserverLog,
  clock: Clock,
): Promise<Mirroring> | null {
  if (shadow === null) return null;
  return Mirroring.open({
    shadow,
    labels,
    bodyCap,
    redaction,
    guard,
    figures,
    dispose: (sequence, result) => dispose(sequence, { part: "mirror", result }),
    log,
    clock,
  });
}
