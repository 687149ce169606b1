/** A service that shows users their own credentials, in as many places and spellings as services do. */

import type { IncomingMessage, ServerResponse } from "node:http";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { type Service, startService } from "./service.ts";

export interface EchoingOptions {
  /** What differs between builds whatever is echoed. */
  readonly version?: number;
  readonly echoes?: boolean;
}

type Route = (request: IncomingMessage, secrets: readonly string[], response: ServerResponse) => void;

/** GET /json /text /page /redirect /trailers /refused /plain, POST /json; Authorization, a cookie `sid` and X-Api-Key are echoed, and the
 * password of a JSON body. */
export function startEchoing({ version = 1, echoes = true }: EchoingOptions = {}): Promise<Service> {
  return startService((request, response, body) => {
    const secrets = echoes ? [...secretsOf(request), ...passwordOf(body)] : [];
    const path = /^[^?]*/.exec(request.url ?? "")?.[0].replace(/^\/welcome.*/, "/welcome") ?? "";
    const route = Object.hasOwn(routes, path) ? routes[path] : undefined;
    response.setHeader("x-version", String(version));
    if (route === undefined) response.writeHead(404).end();
    else route(request, secrets, response);
  });
}

/** Values alone, and user and password of Basic. */
function secretsOf({ headers }: IncomingMessage): string[] {
  const [, scheme = "", credential = ""] = /^(\w+) (.+)$/.exec(headers.authorization ?? "") ?? [];
  const pair = scheme === "Basic" ? [Buffer.from(credential, "base64").toString("latin1")] : [];
  const sid = /sid=([^;]+)/.exec(headers.cookie ?? "")?.[1] ?? "";
  const all = [credential, ...pair, ...pair.map((text) => text.slice(text.indexOf(":") + 1)), sid, String(headers["x-api-key"] ?? "")];
  return all.filter((secret) => secret !== "");
}

function passwordOf(body: string): string[] {
  return body === "" ? [] : [(JSON.parse(body) as { password: string }).password];
}

const routes: Readonly<Record<string, Route>> = {
  "/json": (_, secrets, response) => {
    const texts = secrets.map((secret) => ({
      note: `hello ${secret}!`,
      inside: JSON.stringify(JSON.stringify({ deep: secret })),
      link: `/next?to=${encodeURIComponent(`/a?b=${encodeURIComponent(secret)}`)}`,
      markup: escapedMarkup(secret),
      coded: Buffer.from(`{"who":"${secret}","at":1}`).toString("base64"),
      urlCoded: Buffer.from(`x:${secret}`).toString("base64url"),
    }));
    const json = JSON.stringify({ texts, ok: true }).slice(0, -1);
    // As PHP and .NET write JSON.
    const php = JSON.stringify(secrets).replaceAll("/", "\\/");
    const dotnet = JSON.stringify(secrets).replaceAll("+", "\\u002B").replaceAll("=", "\\u003d");
    response.writeHead(200, { "content-type": "application/json" }).end(`${json},"php":${php},"dotnet":${dotnet}}`);
  },
  "/text": (_, secrets, response) => {
    const bytes = gzipSync(`you are ${secrets.join(" or ")}\n`);
    response.writeHead(200, { "content-type": "text/plain", "content-encoding": "gzip", "content-length": bytes.length }).end(bytes);
  },
  "/page": (_, secrets, response) => {
    const page = `<p>${secrets.map(escapedMarkup).join("</p><p>")}</p>`;
    response.writeHead(200, { "content-type": "text/html", "content-encoding": "br" }).end(brotliCompressSync(page));
  },
  "/wide": (_, secrets, response) => {
    response.writeHead(200, { "content-type": "text/plain; charset=utf-16le" }).end(Buffer.from(`\ufeff${secrets.join("\n")}`, "utf16le"));
  },
  "/redirect": (_, secrets, response) => {
    const location = `/welcome/${secrets.map(encodeURIComponent).join("/")}?coded=${encodeURIComponent(Buffer.from(secrets.join(":")).toString("base64"))}`;
    response
      .writeHead(302, { location, "set-cookie": secrets.map((secret, index) => `last${index}=x; Path=/${encodeURIComponent(secret)}`) })
      .end();
  },
  // Where the redirect leads to.
  "/welcome": (_, __, response) => void response.writeHead(200, { "content-type": "text/plain" }).end("welcome\n"),
  "/trailers": (_, secrets, response) => {
    response.writeHead(200, { "content-type": "text/plain", trailer: "x-who", "x-echo": secrets.join(", ") });
    response.write("see below\n");
    response.addTrailers({ "x-who": secrets.join(" ") });
    response.end();
  },
  "/refused": (_, secrets, response) => {
    response.writeHead(500, `cannot serve ${secrets.join(" ")}`, { "content-type": "text/plain" }).end(`no: ${secrets.join(" ")}`);
  },
};

/** Where something is echoed. */
export const echoingPaths: readonly string[] = Object.keys(routes).filter((path) => path !== "/welcome");

function escapedMarkup(text: string): string {
  return text.replace(/[&<>"'+/=]/g, (character) => `&#${character === "+" ? "x2B" : character.charCodeAt(0)};`);
}
