/** Records with a vault without end and prints the sequences of each batch, until it is killed. Arguments: directory, public key. */

import { systemClock } from "../../../model/clock.ts";
import { Redactor } from "../../../recording/redaction.ts";
import { publicKeyOf } from "../../../recording/vault/vault-keys.ts";
import { RecordingWriter } from "../../../recording/writer.ts";
import { plainExchange } from "../examples.ts";

const [, , directory = "", key = ""] = process.argv;
const redactor = new Redactor({ key: Buffer.alloc(32, "key"), mode: "token" });
const writer = RecordingWriter.open(directory, {
  labels: {},
  epoch: "e1",
  clock: systemClock,
  redaction: redactor.description,
  keyId: redactor.keyId,
  vault: publicKeyOf(key),
  onCommitted: (sequences) => process.stdout.write(`${sequences.at(-1)}\n`),
  onDropped: (_sequences, reason) => process.stderr.write(`dropped: ${reason}\n`),
  onPaused: () => {},
  limits: { batchExchanges: 64, segmentBytes: 100_000 },
});

let sequence = 0;
function recordSome(): void {
  for (let i = 0; i < 10; i++) {
    sequence++;
    const secrets = new Map<string, string>();
    const target = `/${sequence}`;
    const request = { ...plainExchange().request, target, headers: [["Cookie", `sid=secret ${target}`] as const] };
    const exchange = redactor.exchange(plainExchange({ id: `e1-${sequence}`, request }), (token, value) => secrets.set(token, value));
    writer.append(sequence, exchange, secrets);
  }
  setImmediate(recordSome);
}
recordSome();
