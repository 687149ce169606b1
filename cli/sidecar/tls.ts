/** Certificates and keys, read from the files that the options name. */

import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { PenumbraError } from "../../model/errors.ts";
import type { TlsIdentity } from "../../proxy/live/entrance.ts";
import { serverContext } from "../../proxy/live/server-tls.ts";
import { reasonOf } from "../../recording/atomic-file.ts";
import type { OptionValues } from "../options.ts";

/** With what TLS is ended for users. Null when TLS is not ended here.
 * @throws PenumbraError for one file without the other, one that cannot be read, or two that do not belong together */
export function tlsIdentity(given: OptionValues<"tls-cert" | "tls-key">): TlsIdentity | null {
  const cert = given["tls-cert"];
  const key = given["tls-key"];
  if (cert === null && key === null) return null;
  if (cert === null || key === null)
    throw new PenumbraError("TLS_INCOMPLETE", "--tls-cert and --tls-key belong together", "give both or neither");
  const identity: TlsIdentity = { source: `${cert} with ${key}`, cert: readPem(cert), key: readPem(key) };
  serverContext(identity);
  return identity;
}

/** Certificates to trust.
 * @throws PenumbraError for a file that cannot be read, holds no certificate or a broken one: it would be trusted in nothing, silently */
export function trustedCertificates(path: string): string {
  const pem = readPem(path);
  const certificates = pem.split(/(?=-----BEGIN [A-Z0-9 ]*CERTIFICATE-----)/).filter((part) => part.startsWith("-----BEGIN "));
  const hint = "give certificates in PEM form";
  if (certificates.length === 0) throw new PenumbraError("BAD_CERTIFICATE", `${path} holds no certificate`, hint);
  const broken = certificates.findIndex((part) => !isCertificate(part));
  if (broken >= 0) throw new PenumbraError("BAD_CERTIFICATE", `certificate ${broken + 1} of ${path} cannot be read`, hint);
  return pem;
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).raw.length > 0;
  } catch {
    return false; // it says so by throwing
  }
}

function readPem(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    throw new PenumbraError("TLS_UNREADABLE", `${path} cannot be read: ${reasonOf(cause)}`, "check the path and its permissions", cause);
  }
}
