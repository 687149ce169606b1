/** The usual way out: undici's connection pool, by `dispatch` with raw header arrays, which keeps the case, order
 * and duplicates of headers. It writes Host and Connection first and Content-Length last; nothing else moves. */

import type { Socket } from "node:net";
import { buildConnector, type Dispatcher, Pool } from "undici";
import type { HeaderList } from "../model/exchange.ts";
import { addressOf, serverNameOf } from "./address.ts";
import type { Attempt } from "./attempt.ts";
import type { Outgoing } from "./outgoing.ts";

type Sendable = Extract<Outgoing, { kind: "sendable" }>;

export interface PooledOptions {
  readonly url: URL;
  readonly connections: number;
  readonly connectTimeoutMs: number;
}

/** Large enough for every server's default; Node's own limit is 16 KiB. */
const maxHeaderBytes = 256 * 1024;
/** Interim answers (RFC 9110 §15.2) come before the final one. */
const firstFinalStatus = 200;
/** What undici accepts as a path; it writes it as it is. */
const pooledTarget = /^(?:\/|https?:\/\/)[\x21-\xff]*$/;
/** What undici accepts in a header value. */
const pooledValue = /^[\t\x20-\x7e\x80-\xff]*$/;

export class Pooled {
  readonly #pool: Pool;
  readonly #serverName: string;
  /** Bytes that the connection of a failed request had read before its last requests, to tell a stale one. */
  readonly #readBeforeFailure = new WeakMap<Error, number>();

  constructor({ url, connections, connectTimeoutMs }: PooledOptions) {
    const { host } = addressOf(url);
    // Certificates are checked against the address that was configured, not against the recorded Host header.
    this.#serverName = host;
    const connect = buildConnector({ allowH2: false, timeout: connectTimeoutMs });
    this.#pool = new Pool(url.origin, {
      connections,
      pipelining: 1,
      allowH2: false,
      // The attempt's own deadline is exact; these would be coarse.
      headersTimeout: 0,
      bodyTimeout: 0,
      maxHeaderSize: maxHeaderBytes,
      connect: (options, callback) => {
        connect({ ...options, servername: serverNameOf(host) }, (...result) => {
          const [error, socket] = result;
          if (error !== null) {
            callback(error, null);
            return;
          }
          this.#watch(socket);
          callback(null, socket);
        });
      },
    });
  }

  /** False for the few requests that undici would refuse or change. */
  accepts({ target, headers }: Sendable): boolean {
    const hosts = headers.filter(([name]) => name.toLowerCase() === "host").length;
    return pooledTarget.test(target) && hosts <= 1 && headers.every(([, value]) => pooledValue.test(value));
  }

  send({ method, target, headers, body }: Sendable, attempt: Attempt): void {
    const options: Dispatcher.DispatchOptions & { servername: string } = {
      method,
      path: target,
      headers: headers.flat(),
      body,
      servername: this.#serverName,
    };
    const failures = this.#readBeforeFailure;
    this.#pool.dispatch(options, {
      onRequestStart(controller) {
        attempt.writing();
        attempt.onCancel((reason) => controller.abort(reason));
      },
      onResponseStarted: () => attempt.firstByte(),
      onResponseStart(controller, status, _headers, reason) {
        if (status >= firstFinalStatus) attempt.head(status, latin1Reason(reason ?? ""), rawFields(controller.rawHeaders));
      },
      onResponseData: (_controller, chunk) => attempt.data(chunk),
      onResponseEnd: (controller) => attempt.ended(rawFields(controller.rawTrailers)),
      onResponseError: (_controller, error) => attempt.failed(error, (failures.get(error) ?? 0) > 0),
    });
  }

  /** Ends every connection at once. */
  close(): Promise<void> {
    return this.#pool.destroy();
  }

  #watch(socket: Socket): void {
    const atConnect = socket.bytesRead;
    // Before undici's own listener, so that the error is known when undici passes it on.
    socket.on("error", (error) => this.#readBeforeFailure.set(error, socket.bytesRead - atConnect));
  }
}

/** undici hands over name, value, name, value, … as bytes. */
function rawFields(raw: Dispatcher.DispatchController["rawHeaders"]): HeaderList {
  if (!Array.isArray(raw)) return [];
  const texts = raw.map((part) => (typeof part === "string" ? part : part.toString("latin1")));
  const fields: [string, string][] = [];
  for (let i = 0; i + 1 < texts.length; i += 2) fields.push([texts[i] ?? "", texts[i + 1] ?? ""]);
  return fields;
}

/** undici reads the reason phrase as UTF-8; the model has one character a byte. */
function latin1Reason(reason: string): string {
  return Buffer.from(reason, "utf8").toString("latin1");
}
