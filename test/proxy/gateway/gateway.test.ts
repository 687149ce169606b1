/** The gateway with real sockets: what primary and client see of each other's messages, and what is copied. */

import { afterEach, describe, expect, it } from "vitest";
import { until } from "../live/support.ts";
import { answering, ask, closeAll, settle, startGateway } from "./support.ts";

afterEach(closeAll);

const hello = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

describe("a gateway", () => {
  it("passes a request and its answer on, and hands over what the primary was sent", async () => {
    const primary = await answering(hello);
    const started = await startGateway(primary.port);
    await ask(started, "GET //a/../b?x=1&y HTTP/1.1\r\nHoSt: x.example\r\nX-A: 1\r\nb: \r\nx-a: 2\r\nCookie: sid=1\r\n\r\n", "hello");
    const sent =
      "GET //a/../b?x=1&y HTTP/1.1\r\nHoSt: x.example\r\nX-A: 1\r\nb: \r\nx-a: 2\r\nCookie: sid=1\r\nVia: 1.1 penumbra\r\nConnection: keep-alive\r\n\r\n";
    expect(primary.received()).toBe(sent);
    expect(await settle(started)).toMatchObject({ seen: 1, captured: 1, recorded: 1 });
    await until(() => started.exchanges().length === 1);
  });
});
