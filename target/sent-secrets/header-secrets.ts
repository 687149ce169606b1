/** Which parts of header fields are secrets, each under a name for its part, so that two requests' can be set side by side.
 *
 *    Authorization: Basic dXNl…     authorization → dXNl…     authorization/pair → user:word     authorization/password → word
 *    Cookie: sid=abc; theme=dark    cookie/sid → abc          cookie/theme → dark                                      */

import { parseCookieHeader } from "../../model/cookies.ts";
import type { HeaderList } from "../../model/exchange.ts";
import { isSurprising } from "../surprise.ts";
import type { PutIn } from "./sent-secrets.ts";

/** As the run's redaction has them. */
export interface SecretRules {
  /** What takes the place of a secret; null = nothing is redacted. */
  substituteFor(secret: string): string | null;
  /** Whether a name promises a secret. */
  namesSecret(name: string): boolean;
}

/** Everybody may know these. */
const harmless: ReadonlySet<string> = new Set(["host", "x-forwarded-host"]);
/** In Authorization any word may be one. */
const anyScheme = /^[A-Za-z][\w-]* +(\S.*)$/s;
const knownScheme = /^(?:basic|bearer|token|api-?key|key|digest|dpop|oauth|hawk|negotiate|privatetoken) +(\S.*)$/is;
const base64 = /^[A-Za-z0-9+/_-]{4,}={0,2}$/;
/** RFC 7617 §2, as far as it is text. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these show that it is none
const userAndPassword = /^[^\0-\x1f:\x7f]*:[^\0-\x1f\x7f]+$/;

/** A field whose name promises nothing holds a secret when its value is one that nobody guesses. */
export function secretsOf(headers: HeaderList, rules: SecretRules): Map<string, string> {
  const secrets = new Map<string, string>();
  const add = (part: string, secret: string): void => {
    const written = secret.replace(/^"(.*)"$/s, "$1");
    if (written === "" || secrets.has(part)) return;
    secrets.set(part, written);
    const decoded = percentDecoded(written);
    if (decoded !== written) secrets.set(`${part}/decoded`, decoded);
  };
  for (const [header, value] of headers) {
    const name = header.toLowerCase();
    if (name === "cookie") for (const [cookie, content] of parseCookieHeader(value)) add(`cookie/${cookie}`, content);
    else if (rules.namesSecret(name)) {
      const credential = (name.endsWith("authorization") ? anyScheme : knownScheme).exec(value)?.[1] ?? value;
      add(name, credential);
      const [pair, password] = basicParts(credential);
      if (pair !== undefined) add(`${name}/pair`, pair);
      if (password !== undefined) add(`${name}/password`, password);
    } else if (!harmless.has(name) && isSurprising(value)) add(name, value);
  }
  return secrets;
}

/** The same for every request and target, and each its own. */
export function putInBy(headers: HeaderList, rules: SecretRules): PutIn[] {
  return [...secretsOf(headers, rules).values()].flatMap((secret) => {
    const stands = rules.substituteFor(secret);
    return stands === null ? [] : [{ secret, stands }];
  });
}

/** User and password, and the password, of what Basic carries; nothing of anything else. */
export function basicParts(credential: string): readonly string[] {
  if (!base64.test(credential)) return [];
  const pair = Buffer.from(credential, "base64").toString("latin1");
  return userAndPassword.test(pair) ? [pair, pair.slice(pair.indexOf(":") + 1)] : [];
}

function percentDecoded(text: string): string {
  return text.replace(/%([0-9a-f]{2})/gi, (_all, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}
