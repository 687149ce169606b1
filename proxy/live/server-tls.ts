/** TLS that is ended for clients, by either entrance. */

import type { Socket } from "node:net";
import { createSecureContext, type SecureContext, TLSSocket } from "node:tls";
import type { Clock } from "../../model/clock.ts";
import { PenumbraError } from "../../model/errors.ts";
import { type Milliseconds, milliseconds } from "../../model/units.ts";
import type { TlsIdentity } from "./entrance.ts";
import { rememberRaw } from "./sockets.ts";

const handshakeBound: Milliseconds = milliseconds(30_000);
/** `http/1.1` in the wire format of ALPN (RFC 7301 §3.1). */
const alpnHttp11 = Buffer.from("\x08http/1.1", "latin1");

/** @throws PenumbraError BAD_CERTIFICATE */
export function serverContext(tls: TlsIdentity): SecureContext {
  if (tls.cert === "" || tls.key === "") throw badCertificate(tls); // OpenSSL would take an empty one for none
  try {
    return createSecureContext({ cert: tls.cert, key: tls.key });
  } catch (error) {
    throw badCertificate(tls, error);
  }
}

function badCertificate({ source }: TlsIdentity, cause?: unknown): PenumbraError {
  const hint = "check that both are PEM, belong together and are not encrypted";
  return new PenumbraError("BAD_CERTIFICATE", `${source} cannot be used as certificate and key`, hint, cause);
}

/** Does the handshake with a client; one that fails or takes too long closes the connection. */
export function secureClient(raw: Socket, secureContext: SecureContext, clock: Clock, secured: (client: Socket) => void): void {
  const secure = new TLSSocket(raw, { isServer: true, secureContext, ALPNProtocols: alpnHttp11 as unknown as string[] });
  rememberRaw(secure, raw);
  const cancel = clock.after(handshakeBound, () => secure.destroy(), { unref: true });
  secure.on("error", () => secure.destroy()); // a bad handshake is the client's affair
  // After the handshake, a record that cannot be read is only told by this event, which only a `tls.Server` listens to.
  secure.on("_tlsError", (error: Error) => secure.destroy(error));
  secure.once("close", () => {
    cancel();
    raw.destroy();
  });
  secure.once("secure", () => {
    cancel();
    secured(secure);
  });
}
