/** The part of http-proxy 1.18.1 that is used; the package brings no types. */

declare module "http-proxy" {
  import type { Agent, ClientRequest, IncomingMessage } from "node:http";

  interface WebOptions {
    readonly target: { readonly protocol: "http:"; readonly host: string; readonly hostname: string; readonly port: number };
    readonly agent: Agent;
    /** The object that becomes the options of the outgoing `http.request`. */
    readonly ssl: object;
    /** Stands in for the request when its body is piped. */
    readonly buffer: { pipe(outgoing: ClientRequest): void };
  }

  interface HttpProxy {
    web(
      request: IncomingMessage,
      answer: { readonly headersSent: true; readonly finished: true },
      options: WebOptions,
      failed: (error: Error) => void,
    ): void;
  }

  const httpProxy: {
    createProxyServer(options: { readonly selfHandleResponse: true; readonly toProxy: true; readonly prependPath: false }): HttpProxy;
  };
  export default httpProxy;
}
