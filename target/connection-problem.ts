/** Why no connection to a target comes about, in words: what is wrong there, and what to do about it. One table from the codes of
 * sockets and TLS. */

export interface ConnectionProblem {
  /** "nothing listens there" */
  readonly what: string;
  /** "start it and try again" */
  readonly next: string;
}

const notTls: ReadonlySet<string> = new Set([
  "ERR_SSL_WRONG_VERSION_NUMBER",
  "ERR_SSL_PACKET_LENGTH_TOO_LONG",
  "ERR_SSL_UNKNOWN_PROTOCOL",
  "ERR_SSL_UNSUPPORTED_PROTOCOL",
  "EPROTO",
]);
/** Codes of OpenSSL's certificate check, and of Node's own for names. */
const untrusted: Readonly<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: "its certificate is self-signed",
  SELF_SIGNED_CERT_IN_CHAIN: "its certificate is signed by an authority that is not trusted here",
  UNABLE_TO_GET_ISSUER_CERT: "its certificate is signed by an authority that is not known here",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "its certificate is signed by an authority that is not known here",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "its certificate is signed by an authority that is not known here, or the chain is incomplete",
};
const outOfTime: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: "its certificate has expired",
  CERT_NOT_YET_VALID: "its certificate is not valid yet",
};
/** Node reads the file when it starts; all that use its TLS trust it then. */
const howToTrust = "set NODE_EXTRA_CA_CERTS=FILE, a PEM file with that certificate or the authority's, and try again";
const tlsCode = /^ERR_(?:SSL|TLS)_/;

/** @param url of the target
 * @param error what connecting, or the TLS handshake, ended with */
export function connectionProblem(url: URL, error: Error): ConnectionProblem {
  const code = "code" in error && typeof error.code === "string" ? error.code : error.name;
  if (url.protocol === "https:") {
    const problem = tlsProblem(url, code);
    if (problem !== null) return problem;
  }
  switch (code) {
    case "ECONNREFUSED":
      return { what: "nothing listens there", next: "start it and try again" };
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return { what: `the name ${url.hostname} cannot be resolved`, next: "check the address" };
    default:
      return { what: code, next: "start it and try again" };
  }
}

function tlsProblem(url: URL, code: string): ConnectionProblem | null {
  const failed = "TLS handshake failed";
  if (notTls.has(code)) return { what: `${failed}: the server there speaks no TLS`, next: `try ${withScheme(url, "http:")}` };
  if (code === "ECONNRESET") {
    return { what: `${failed}: the server hung up, as one may that speaks no TLS`, next: `try ${withScheme(url, "http:")}` };
  }
  const distrust = untrusted[code];
  if (distrust !== undefined) return { what: `${failed}: ${distrust}`, next: howToTrust };
  const time = outOfTime[code];
  if (time !== undefined) return { what: `${failed}: ${time}`, next: "renew it, or set this machine's clock" };
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID") {
    return {
      what: `${failed}: its certificate is not for ${url.hostname}`,
      next: "write the address with a name that is in the certificate",
    };
  }
  return tlsCode.test(code) ? { what: `${failed} (${code})`, next: "see the server's TLS settings" } : null;
}

/** Of a target at an `http:` address whose server greets with TLS. */
export function tlsWhereNoneWasAsked(url: URL): ConnectionProblem {
  return { what: "it never answered, and the server there speaks TLS", next: `try ${withScheme(url, "https:")}` };
}

function withScheme({ hostname, port }: URL, scheme: "http:" | "https:"): string {
  return `${scheme}//${hostname}${port === "" ? "" : `:${port}`}`;
}
