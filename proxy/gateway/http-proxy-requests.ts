/** Opens requests to the primary with npm http-proxy: the only file that imports it. Another library of the same interface
 * (`web(request, answer, options, failed)`) can take its place here.
 *
 * http-proxy 1.18.1 has faults that could not be lived with; `test/proxy/gateway/bare-http-proxy.test.ts` shows each of them.
 * This is how they are closed:
 *
 *  - It rebuilds the head from Node's parsed headers: lower case, merged, in another order, and for a chunked DELETE or OPTIONS
 *    with `content-length: 0` before the raw body (CVE-2026-29057). It also joins slashes in paths. Here the options of the outgoing
 *    request have a target and a head of their own, and what http-proxy assigns to them is ignored.
 *  - It pipes body and answer without trailers, 1xx and truncation, and does not stop when the client does. Here it gets
 *    a body that only tells which request was opened, and an answer that it takes for finished: both are passed on by
 *    the gateway (`gateway-exchange.ts`).
 *  - It calls `util._extend`, for which Node prints a deprecation warning to the operator. It gets `Object.assign`. */

import type { ClientRequest } from "node:http";
import util from "node:util";
import type { HeaderList } from "../../model/exchange.ts";
import { maxHeadBytes } from "./fields.ts";
import type { OpenRequest } from "./open-request.ts";

/** Loads http-proxy; called only where a gateway was asked for. */
export async function loadHttpProxy(): Promise<OpenRequest> {
  const { default: httpProxy } = await withPlainExtend(() => import("http-proxy"));
  const proxy = httpProxy.createProxyServer({ selfHandleResponse: true, toProxy: true, prependPath: false });
  return ({ client, method, target, fields, agent, dial }) => {
    let opened: ClientRequest | null = null;
    const buffer = {
      pipe(outgoing: ClientRequest): void {
        opened = outgoing;
      },
    };
    const ssl = Object.assign(fixedOptions(method, target, fields), { dial });
    proxy.web(client, finishedAnswer, { target: anywhere, agent, ssl, buffer }, toldElsewhere);
    if (opened === null) throw new Error("http-proxy opened no request");
    return opened;
  };
}

/** The agent alone knows where the primary is and whether TLS is spoken with it. */
const anywhere = { protocol: "http:", host: "primary", hostname: "primary", port: 80 } as const;

const finishedAnswer = { headersSent: true, finished: true } as const;

/** Failures are heard from the requests themselves; without a listener http-proxy would throw them. */
const toldElsewhere = (): void => undefined;

/** Options of `http.request` that keep their method, target and head whatever is assigned to them. They are properties of
 * the object itself because Node copies those only. */
function fixedOptions(method: string, target: string, fields: HeaderList): object {
  return {
    insecureHTTPParser: false,
    maxHeaderSize: maxHeadBytes,
    get method(): string {
      return method;
    },
    set method(_: string) {
      // ours stays
    },
    get path(): string {
      return target;
    },
    set path(_: string) {
      // ours stays
    },
    get headers(): string[] {
      return fields.flat();
    },
    set headers(_: unknown) {
      // ours stay
    },
  };
}

/** http-proxy takes `util._extend` when it is loaded. It is handed a function that does the same without the warning;
 * everybody else finds the original again. */
async function withPlainExtend<T>(load: () => Promise<T>): Promise<T> {
  const deprecated = Object.getOwnPropertyDescriptor(util, "_extend");
  if (deprecated === undefined) return await load();
  Object.defineProperty(util, "_extend", { ...deprecated, value: Object.assign });
  try {
    return await load();
  } finally {
    Object.defineProperty(util, "_extend", deprecated);
  }
}
