/** The end of a TLS connection, with and without its close_notify, on real sockets. */

import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { connect as connectSecurely, createSecureContext, TLSSocket } from "node:tls";
import { afterEach, expect, it } from "vitest";
import { endedWithoutCloseNotify, watchingItsEnd } from "../../../proxy/live/close-notify.ts";
import { loopback, until } from "./support.ts";
import { certificate as cert, privateKey as key } from "./tls/loopback.ts";

const cleanUp: (() => unknown)[] = [];
afterEach(() => {
  for (const each of cleanUp.splice(0)) each();
});

type Ending = (secure: TLSSocket, raw: Socket, text: string) => void;
const endings: Readonly<Record<string, Ending>> = {
  said: (secure, _, text) => secure.write(text, () => secure.end()),
  "said with the last bytes": (secure, _, text) => secure.end(text),
  "not said": (secure, raw, text) => secure.write(text, () => raw.end()),
};

async function endOf(ending: Ending, maxVersion: "TLSv1.2" | "TLSv1.3", text: string, isPaused: boolean): Promise<boolean> {
  const server = createServer({ allowHalfOpen: true }, (raw) => {
    const secure = new TLSSocket(raw, { isServer: true, secureContext: createSecureContext({ cert, key, maxVersion }) });
    secure.on("error", () => undefined).once("data", () => ending(secure, raw, text));
  });
  server.listen(0, loopback);
  await once(server, "listening");
  const raw = connect({ host: loopback, port: (server.address() as AddressInfo).port, allowHalfOpen: true });
  cleanUp.push(
    () => raw.destroy(),
    () => server.close(),
  );
  const secure = watchingItsEnd(raw, (socket) => connectSecurely({ socket, ca: cert, servername: "localhost" }));
  await once(secure, "secureConnect");
  secure.write("x");
  if (isPaused) await until(() => raw.isPaused());
  let length = 0;
  secure.on("data", (chunk: Buffer) => {
    length += chunk.length;
  });
  await once(secure, "end");
  expect(length).toBe(text.length);
  return endedWithoutCloseNotify(secure);
}

const cases = (["TLSv1.2", "TLSv1.3"] as const).flatMap((version) => Object.keys(endings).map((name) => [version, name] as const));

it.each(cases)("an end of %s that is %s is told from the other", async (version, name) => {
  const ending = endings[name] ?? (() => undefined);
  expect(await endOf(ending, version, "some bytes", false)).toBe(name === "not said");
});

it.each(cases)("an end of %s that is %s is told from the other when it is read late", async (version, name) => {
  const ending = endings[name] ?? (() => undefined);
  expect(await endOf(ending, version, "z".repeat(300_000), true)).toBe(name === "not said");
});
