/** Encodes the observer's answers to the live process: few and small, one buffer each. */

import type { ObserverFigures } from "./figures.ts";
import { maxMessageBytes, messageTypes, prefixBytes } from "./messages.ts";
import { type Disposition, mirrorDropReasons, recordDropReasons } from "./reasons.ts";

/** Codes of the fields of a disposition; a drop reason is its place in its list, after `doneCode`. */
export const partCodes = { mirror: 0, record: 1 } as const;
export const doneCode = 0;

export function encodeReady(): Buffer {
  return encode(messageTypes.ready, 0);
}

export function encodeHeartbeat(): Buffer {
  return encode(messageTypes.heartbeat, 0);
}

/** `sequence f64 | part u8 | result u8` */
export function encodeDisposition(sequence: number, disposition: Disposition): Buffer {
  const message = encode(messageTypes.disposition, 8 + 1 + 1);
  const at = message.writeDoubleLE(sequence, prefixBytes);
  message[at] = partCodes[disposition.part];
  message[at + 1] = resultCode(disposition);
  return message;
}

/** `JSON`; null when it is more than a message may hold. */
export function encodeFigures(figures: ObserverFigures): Buffer | null {
  const json = Buffer.from(JSON.stringify(figures));
  if (json.length + 1 > maxMessageBytes) return null;
  const message = encode(messageTypes.figures, json.length);
  json.copy(message, prefixBytes);
  return message;
}

function resultCode(disposition: Disposition): number {
  if (disposition.result === "done") return doneCode;
  switch (disposition.part) {
    case "mirror":
      return 1 + mirrorDropReasons.indexOf(disposition.result);
    case "record":
      return 1 + recordDropReasons.indexOf(disposition.result);
    default:
      return disposition satisfies never;
  }
}

function encode(type: number, fieldBytes: number): Buffer {
  const message = Buffer.allocUnsafe(prefixBytes + fieldBytes);
  message.writeUInt32LE(1 + fieldBytes, 0);
  message[4] = type;
  return message;
}
