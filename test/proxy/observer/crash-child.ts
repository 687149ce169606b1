/** The observer's recorder under load, made to be killed. It tells its parent, which plays the live process, what a live process knows:
 *
 *    captured ──► "c 17" ──► redact ──► write ──COMMIT──► "d 17 done"
 *
 * One line each, on its way before anything else happens. It ends in order when its input does.
 * Arguments: directory, epoch, first sequence, seed of the load. */

import { writeSync } from "node:fs";
import { systemClock } from "../../../model/clock.ts";
import { seededRandom } from "../../../model/random.ts";
import { Recorder } from "../../../proxy/observer/recorder.ts";
import { Redactor } from "../../../recording/redaction.ts";
import { plainExchange, text } from "../../recording/examples.ts";

const [, , directory = "", epoch = "", first = "1", seed = "0"] = process.argv;
/** Not `process.stdout`: what that still holds when the pipe is full would die with this process. */
const tell = (line: string): void => void writeSync(1, `${line}\n`);
const random = seededRandom(Number(seed));
tell("opening");

const redactor = new Redactor({ key: new Uint8Array(32).fill(1), mode: "token" });
const recorder = new Recorder({
  directory,
  writer: {
    labels: {},
    epoch,
    clock: systemClock,
    redaction: redactor.description,
    keyId: redactor.keyId,
    // Small, so that closing one segment and making the next is hit as well.
    limits: { segmentBytes: 200_000 },
  },
  redaction: redactor,
  dispose: (sequence, result) => tell(`d ${sequence} ${result}`),
  onPaused: (reason) => tell(`paused ${reason}`),
  onResumed: () => tell("resumed"),
});
recorder.recover(epoch);

let sequence = Number(first);
/** Mostly a burst, so that batches fill; at times a single exchange and a pause, so that the timer ends the batch. */
const bursts = [1, 1, 20, 60];
const mostWords = 150;
const longestPauseMs = 4;
let isEnding = false;

function recordSome(): void {
  if (isEnding) return;
  const burst = bursts[random.below(bursts.length)] ?? 1;
  for (let i = 0; i < burst; i++) record(sequence++);
  if (burst === 1) setTimeout(recordSome, random.below(longestPauseMs));
  else setImmediate(recordSome);
}

function record(number: number): void {
  tell(`c ${number}`);
  const body = text(JSON.stringify({ number, password: `secret ${number % 7}`, words: `word ${number} `.repeat(random.below(mostWords)) }));
  const request = { ...plainExchange().request, headers: [["Content-Type", "application/json"]] as const, body };
  const exchange = plainExchange({ id: `${epoch}-${number}`, request });
  recorder.exchangeComplete({ sequence: number, exchange, endedAt: systemClock.now() });
}

process.stdin.on("end", () => {
  isEnding = true;
  recorder.close();
});
process.stdin.resume();
recordSome();
