/** A service whose users log in: a signed JWT in Authorization beside a session cookie. Every build signs with a key of its own, so
 * that what opens one opens no other. */

import { createHmac, randomBytes } from "node:crypto";
import { type Service, startService } from "./service.ts";

export interface Accounts extends Service {
  /** `USER METHOD TARGET` of what was let in. */
  readonly letIn: readonly string[];
  readonly refused: readonly string[];
  /** What was sent by those who were let in. */
  readonly bodies: readonly string[];
}

export interface AccountsOptions {
  /** Builds with the same key and sessions accept each other's users, like copies of production's database. */
  readonly key?: string;
  /** GET /me answers the name under this key. */
  readonly nameKey?: string;
}

/** What a user was given at the login. */
export interface Ticket {
  readonly token: string;
  readonly cookie: string;
}

/** POST /login {"user", "password"} → {"token"} and a cookie; GET /me needs both. The password of U is `password-of-U`.
 * With a given key a user's cookie is the same in every build, else it is random. */
export async function startAccounts({ key, nameKey = "name" }: AccountsOptions = {}): Promise<Accounts> {
  const signingKey = key ?? randomBytes(16).toString("hex");
  const sessions = new Map<string, string>();
  const letIn: string[] = [];
  const refused: string[] = [];
  const bodies: string[] = [];
  const jsonAnswer = (status: number, value: unknown, headers: Record<string, string> = {}): [number, Record<string, string>, string] => [
    status,
    { "content-type": "application/json", ...headers },
    JSON.stringify(value),
  ];
  const service = await startService((request, response, body) => {
    const line = `${request.method} ${request.url}`;
    const answered = (): [number, Record<string, string>, string] => {
      if (line === "POST /login") {
        const { user, password } = JSON.parse(body) as { user: string; password: string };
        if (password !== `password-of-${user}`) return jsonAnswer(401, { error: "wrong password" });
        const cookie = sessionOf(user, key ?? null);
        sessions.set(cookie, user);
        return jsonAnswer(200, { token: signed({ sub: user }, signingKey) }, { "set-cookie": `sid=${cookie}; Path=/` });
      }
      const user = subjectOf(request.headers.authorization ?? "", signingKey);
      const sid = /sid=([^;]+)/.exec(request.headers.cookie ?? "")?.[1] ?? "";
      const isKnown = sessions.get(sid) === user || (key !== undefined && user !== null && sid === sessionOf(user, key));
      if (user === null || !isKnown) {
        refused.push(line);
        return jsonAnswer(401, { error: "log in first" });
      }
      letIn.push(`${user} ${line}`);
      if (body !== "") bodies.push(body);
      return jsonAnswer(200, { [nameKey]: user, length: body.length });
    };
    const [status, headers, text] = answered();
    response.writeHead(status, headers).end(text);
  });
  return { ...service, letIn, refused, bodies };
}

export async function logIn(url: string, user: string): Promise<Ticket> {
  const headers = { "content-type": "application/json" };
  const answer = await fetch(`${url}/login`, { method: "POST", headers, body: JSON.stringify({ user, password: `password-of-${user}` }) });
  const { token } = (await answer.json()) as { token: string };
  return { token, cookie: /sid=([^;]+)/.exec(answer.headers.get("set-cookie") ?? "")?.[1] ?? "" };
}

export function headersOf({ token, cookie }: Ticket): Record<string, string> {
  return { authorization: `Bearer ${token}`, cookie: `theme=dark; sid=${cookie}` };
}

function signed(claims: object, key: string): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  const content = `${part({ alg: "HS256", typ: "JWT" })}.${part(claims)}`;
  return `${content}.${createHmac("sha256", key).update(content).digest("base64url")}`;
}

function subjectOf(authorization: string, key: string): string | null {
  const [, content = "", payload = "", signature] = /^Bearer ([\w-]+\.([\w-]+))\.([\w-]+)$/.exec(authorization) ?? [];
  if (signature !== createHmac("sha256", key).update(content).digest("base64url")) return null;
  return (JSON.parse(Buffer.from(payload, "base64url").toString()) as { sub: string }).sub;
}

function sessionOf(user: string, key: string | null): string {
  return key === null ? randomBytes(16).toString("hex") : createHmac("sha256", key).update(`session of ${user}`).digest("hex").slice(0, 32);
}
