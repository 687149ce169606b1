/** Records without end and prints each committed sequence, until it is killed. Arguments: directory, epoch. */

import { systemClock } from "../../model/clock.ts";
import { RecordingWriter } from "../../recording/writer.ts";
import { plainExchange, text } from "./examples.ts";

const [, , directory = "", epoch = ""] = process.argv;
const writer = RecordingWriter.open(directory, {
  labels: {},
  epoch,
  clock: systemClock,
  redaction: "off",
  keyId: null,
  onCommitted: (sequences) => process.stdout.write(`${sequences.at(-1)}\n`),
  onDropped: (_sequences, reason) => process.stderr.write(`dropped: ${reason}\n`),
  onPaused: () => {},
  limits: { batchExchanges: 64, segmentBytes: 300_000 },
});

let sequence = 0;
function recordSome(): void {
  for (let i = 0; i < 10; i++) {
    sequence++;
    const request = { ...plainExchange().request, body: text(`body ${sequence} `.repeat(sequence % 200)) };
    writer.append(sequence, plainExchange({ id: `${epoch}-${sequence}`, request }));
  }
  setImmediate(recordSome);
}
recordSome();
