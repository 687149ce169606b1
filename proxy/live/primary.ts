/** The way to the primary: opens its connections, over TCP or TLS, and knows whether it refuses them. */

import { connect, isIP, type Socket, type TcpNetConnectOpts } from "node:net";
import { connect as connectTls, type TLSSocket } from "node:tls";
import type { CancelTimer, Clock } from "../../model/clock.ts";
import { PenumbraError } from "../../model/errors.ts";
import { shownAddress } from "../../model/shown-address.ts";
import { type Milliseconds, milliseconds } from "../../model/units.ts";
import { ByteSource } from "./byte-source.ts";
import { watchingItsEnd } from "./close-notify.ts";
import { rememberRaw, resetSocket } from "./sockets.ts";

export interface PrimaryTls {
  /** Certificates to trust instead of the system's, PEM. */
  readonly ca?: string;
  /** Name to ask for and to check; the URL's host by default. */
  readonly servername?: string;
}

export interface PrimaryAddress {
  readonly host: string;
  readonly port: number;
  readonly tls: PrimaryTls | null;
}

const defaultPorts: Readonly<Record<string, number>> = { "http:": 80, "https:": 443 };

/** Reads `http://host[:port]` or `https://…`. A path would have to be written into requests, which a splice never does.
 * @throws PenumbraError BAD_PRIMARY */
export function parsePrimary(url: URL, tls: PrimaryTls = {}): PrimaryAddress {
  const defaultPort = defaultPorts[url.protocol];
  if (defaultPort === undefined)
    throw new PenumbraError("BAD_PRIMARY", `primary ${shownAddress(url.href)} is neither http nor https`, "use http://HOST:PORT");
  if (url.pathname !== "/" || url.search !== "" || url.username !== "") {
    throw new PenumbraError(
      "BAD_PRIMARY",
      `primary ${url.host} is given with more than host and port`,
      "requests pass as they came: use http://HOST:PORT",
    );
  }
  const host = url.hostname.replace(/^\[(.*)\]$/, "$1");
  return { host, port: url.port === "" ? defaultPort : Number(url.port), tls: url.protocol === "https:" ? tls : null };
}

/** TLS over a connection that is being made; ALPN offers what the clients speak. */
function secured(raw: Socket, host: string, tls: PrimaryTls): TLSSocket {
  const servername = tls.servername ?? (isIP(host) === 0 ? host : "");
  const trusted = tls.ca === undefined ? {} : { ca: tls.ca };
  return watchingItsEnd(raw, (socket) => connectTls({ socket, host, servername, ALPNProtocols: ["http/1.1"], ...trusted }));
}

export interface DialListener<Connected> {
  /** Connected, and through the TLS handshake where there is one. */
  readonly connected: (connected: Connected) => void;
  /** `code` of the system error, e.g. ECONNREFUSED. */
  readonly failed: (code: string) => void;
}

/** Out of file descriptors or ports: this process's trouble, which says nothing about the primary. */
const ownShortage: ReadonlySet<string> = new Set(["EMFILE", "ENFILE", "EADDRNOTAVAIL", "ENOBUFS", "ENOMEM"]);
/** Connecting and the TLS handshake together; a system gives up on a connection that is not answered at all after some two minutes,
 * and on a handshake that is not answered never. */
const dialBound: Milliseconds = milliseconds(60_000);
/** While the primary refuses, it is asked again this often, so that readiness returns without traffic. */
const probeInterval: Milliseconds = milliseconds(1000);

export class Primary {
  readonly #address: PrimaryAddress;
  readonly #clock: Clock;
  readonly #changed: (refuses: boolean, code: string) => void;
  readonly #probePreamble: Uint8Array | null;
  readonly failures: Record<string, number> = {};
  #refuses = false;
  #cancelProbe: CancelTimer | null = null;
  #isClosed = false;

  /** @param probePreamble what a connection begins with that is nobody's, where the primary expects a preamble */
  constructor(
    address: PrimaryAddress,
    clock: Clock,
    changed: (refuses: boolean, code: string) => void,
    probePreamble: Uint8Array | null = null,
  ) {
    this.#address = address;
    this.#clock = clock;
    this.#changed = changed;
    this.#probePreamble = probePreamble;
  }

  /** The last attempt to connect failed. */
  get refuses(): boolean {
    return this.#refuses;
  }

  /** Opens a connection; exactly one of the listener's functions is called, unless the socket is destroyed before.
   * @param preamble goes before everything else, before the TLS handshake as well
   * @returns the socket that is being connected, to give it up */
  dial(listener: DialListener<ByteSource>, preamble: Uint8Array | null = null): Socket {
    const source = this.#openSource(preamble);
    return this.#follow(source.socket, { ...listener, connected: () => listener.connected(source) });
  }

  /** The same for those who read by a socket's own events, such as Node's HTTP client. */
  dialSocket(listener: DialListener<Socket>): Socket {
    const { tls, ...way } = this.#way;
    return this.#follow(tls === null ? connect(way) : this.#secured(way, tls, null), listener);
  }

  /** Stops asking. */
  close(): void {
    this.#isClosed = true;
    this.#cancelProbe?.();
  }

  get #way(): { host: string; port: number; noDelay: true; allowHalfOpen: true; tls: PrimaryTls | null } {
    return { ...this.#address, noDelay: true, allowHalfOpen: true };
  }

  #openSource(preamble: Uint8Array | null): ByteSource {
    const { tls, ...way } = this.#way;
    if (tls !== null) return ByteSource.of(this.#secured(way, tls, preamble));
    const source = ByteSource.connecting(way);
    if (preamble !== null) source.socket.write(preamble);
    return source;
  }

  #secured(way: TcpNetConnectOpts & { host: string }, tls: PrimaryTls, preamble: Uint8Array | null): TLSSocket {
    const raw = connect(way);
    // Written first, it is sent first: the handshake waits for the connection as this does, behind it.
    if (preamble !== null) raw.write(preamble);
    const secure = secured(raw, way.host, tls);
    rememberRaw(secure, raw);
    raw.on("error", (error) => secure.destroy(error));
    return secure;
  }

  #follow(socket: Socket, listener: DialListener<Socket>): Socket {
    const cancel = this.#clock.after(dialBound, () => socket.destroy(Object.assign(new Error("dial bound"), { code: "ETIMEDOUT" })), {
      unref: true,
    });
    socket.once("close", cancel);
    const failed = (error: NodeJS.ErrnoException): void => {
      cancel();
      resetSocket(socket);
      const code = error.code ?? "UNKNOWN";
      this.failures[code] = (this.failures[code] ?? 0) + 1;
      if (!ownShortage.has(code)) this.#note(true, code);
      listener.failed(code);
    };
    socket.once("error", failed);
    socket.once(this.#address.tls === null ? "connect" : "secureConnect", () => {
      cancel();
      socket.off("close", cancel);
      socket.off("error", failed);
      this.#note(false, "");
      listener.connected(socket);
    });
    return socket;
  }

  #note(refuses: boolean, code: string): void {
    if (refuses && this.#cancelProbe === null && !this.#isClosed) {
      this.#cancelProbe = this.#clock.after(probeInterval, () => this.#probe(), { unref: true });
    }
    if (refuses === this.#refuses) return;
    this.#refuses = refuses;
    this.#changed(refuses, code);
  }

  #probe(): void {
    this.#cancelProbe = null;
    if (this.#isClosed || !this.#refuses) return;
    this.dial({ connected: ({ socket }) => socket.destroy(), failed: () => undefined }, this.#probePreamble);
  }
}
