/** Reads the trials' requests from one connection, for servers that answer by hand. */

import type { Socket } from "node:net";
import { type Form, forms } from "./traffic.ts";

export interface ReadRequest {
  readonly number: number;
  readonly form: Form;
  /** As they came. */
  readonly bytes: Buffer;
}

const headEnd = Buffer.from("\r\n\r\n");
const none = Buffer.alloc(0);

/** Calls back with each request that is complete, in order; null for one that is none of ours. */
export function readRequests(socket: Socket, receive: (request: ReadRequest | null) => void): void {
  let held: Buffer = none;
  socket.on("data", (chunk: Buffer) => {
    held = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
    for (let length = requestLength(held); length !== null; length = requestLength(held)) {
      receive(parsed(held.subarray(0, length)));
      held = held.subarray(length);
    }
  });
}

/** Bytes of the first request, or null while it is not there. */
function requestLength(held: Buffer): number | null {
  const end = held.indexOf(headEnd);
  if (end < 0) return null;
  const head = held.toString("latin1", 0, end);
  const length = end + headEnd.length + Number(/^content-length: *(\d+)/im.exec(head)?.[1] ?? 0);
  return held.length < length ? null : length;
}

function parsed(bytes: Buffer): ReadRequest | null {
  const [line = ""] = bytes.toString("latin1", 0, 100).split("\r\n");
  const match = /^(?:GET|POST) \/items\/(\d+)\/([a-z]+) HTTP\/1\.1$/.exec(line);
  const form = forms.find((each) => each === match?.[2]);
  return match === null || form === undefined ? null : { number: Number(match[1]), form, bytes };
}
