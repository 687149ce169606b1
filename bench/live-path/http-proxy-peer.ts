/** The peer from npm: `node http-proxy-peer.ts PORT PRIMARY_PORT` forwards with a keep-alive agent, its fastest setting. */

import { Agent } from "node:http";
import httpProxy from "http-proxy";

/** As its README uses it; the package brings no types, and ours name only what the gateway uses. */
interface Peer {
  createProxyServer(options: { readonly target: { readonly host: string; readonly port: number | undefined }; readonly agent: Agent }): {
    listen(port: number | undefined, host: string): void;
  };
}

const loopback = "127.0.0.1";
const [port, primary] = process.argv.slice(2).map(Number);
const peer = httpProxy as unknown as Peer;
peer.createProxyServer({ target: { host: loopback, port: primary }, agent: new Agent({ keepAlive: true }) }).listen(port, loopback);
