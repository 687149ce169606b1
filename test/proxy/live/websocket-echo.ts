/** The server side of a WebSocket, as small as RFC 6455 allows: echoes messages, pings once, answers pings and the close. */

import { createHash } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { Duplex } from "node:stream";

/** RFC 6455 §1.3. */
const handshakeKey = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
const opcodes = { text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;
const finalFlag = 0x80;
const opcodeMask = 0x0f;
const lengthMask = 0x7f;
const sixteenBits = 126;
const sixtyFourBits = 127;
const maskBytes = 4;

export interface EchoServer {
  readonly server: Server;
  /** Payloads of pongs that came back. */
  readonly pongs: string[];
  /** Codes of closes that clients sent. */
  readonly closeCodes: number[];
}

export function createEchoServer(ping: string): EchoServer {
  const pongs: string[] = [];
  const closeCodes: number[] = [];
  const server = createServer();
  server.on("upgrade", (request, socket, first: Buffer) => {
    const accept = createHash("sha1").update(`${request.headers["sec-websocket-key"]}${handshakeKey}`).digest("base64");
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
    );
    socket.write(frame(opcodes.ping, Buffer.from(ping)));
    readFrames(socket, first, (opcode, payload) => {
      if (opcode === opcodes.text || opcode === opcodes.binary) socket.write(frame(opcode, payload));
      if (opcode === opcodes.pong) pongs.push(payload.toString());
      if (opcode === opcodes.ping) socket.write(frame(opcodes.pong, payload));
      if (opcode !== opcodes.close) return;
      closeCodes.push(payload.readUInt16BE(0));
      socket.end(frame(opcodes.close, payload));
    });
  });
  return { server, pongs, closeCodes };
}

/** One unmasked frame, as servers send them (RFC 6455 §5.2). */
function frame(opcode: number, payload: Buffer): Buffer {
  const header = Buffer.alloc(10);
  header[0] = finalFlag | opcode;
  if (payload.length < sixteenBits) {
    header[1] = payload.length;
    return Buffer.concat([header.subarray(0, 2), payload]);
  }
  if (payload.length < 2 ** 16) {
    header[1] = sixteenBits;
    header.writeUInt16BE(payload.length, 2);
    return Buffer.concat([header.subarray(0, 4), payload]);
  }
  header[1] = sixtyFourBits;
  header.writeBigUInt64BE(BigInt(payload.length), 2);
  return Buffer.concat([header, payload]);
}

/** Reports every frame of a client, unmasked; the messages of this test come in one frame each. */
function readFrames(socket: Duplex, first: Buffer, report: (opcode: number, payload: Buffer) => void): void {
  let held = Buffer.alloc(0);
  const take = (chunk: Buffer): void => {
    held = Buffer.concat([held, chunk]);
    for (;;) {
      const found = parseFrame(held);
      if (found === null) return;
      held = held.subarray(found.bytes);
      report(found.opcode, found.payload);
    }
  };
  socket.on("data", take);
  socket.on("error", () => undefined);
  take(first);
}

function parseFrame(bytes: Buffer): { readonly opcode: number; readonly payload: Buffer; readonly bytes: number } | null {
  const [first, second] = bytes;
  if (first === undefined || second === undefined) return null;
  const short = second & lengthMask;
  const lengthEnd = short === sixtyFourBits ? 10 : short === sixteenBits ? 4 : 2;
  if (bytes.length < lengthEnd + maskBytes) return null;
  const length = short === sixtyFourBits ? Number(bytes.readBigUInt64BE(2)) : short === sixteenBits ? bytes.readUInt16BE(2) : short;
  const end = lengthEnd + maskBytes + length;
  if (bytes.length < end) return null;
  const mask = bytes.subarray(lengthEnd, lengthEnd + maskBytes);
  const payload = Buffer.from(bytes.subarray(lengthEnd + maskBytes, end));
  for (let at = 0; at < payload.length; at++) payload[at] = (payload[at] as number) ^ (mask[at % maskBytes] as number);
  return { opcode: first & opcodeMask, payload, bytes: end };
}
