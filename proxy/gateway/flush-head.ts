/** Sends the head of a message before its body. Not by Node's `flushHeaders`, which writes bytes over 0x7F as UTF-8. */

import type { OutgoingMessage } from "node:http";

const nothing = Buffer.alloc(0);

export function flushHead(message: OutgoingMessage): void {
  message.write(nothing);
}
