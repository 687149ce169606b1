import { describe, expect, it } from "vitest";
import type { HeaderList } from "../../model/exchange.ts";
import { LoopGuard } from "../../target/loop-guard.ts";
import { request, scriptedServer, target } from "./servers.ts";

const key = Buffer.alloc(32, 1);
const guard = new LoopGuard(key, "19a0b1-1");

describe("the loop guard", () => {
  it("knows the requests of every sidecar with the same key, whatever a proxy made of the header", () => {
    const replica = new LoopGuard(key, "19a0b1-2");
    for (const headers of [
      replica.marked(request("GET", "/")).headers,
      [["X-PENUMBRA", replica.token]],
      [["x-penumbra", `of a client, ${replica.token}`]],
      [
        ["x-penumbra", "of a client"],
        ["x-penumbra", ` ${replica.token}`],
      ],
    ] satisfies HeaderList[]) {
      expect(guard.recognises(headers)).toBe(true);
    }
  });

  it.each([
    ["none", []],
    ["one of another key", [["x-penumbra", new LoopGuard(Buffer.alloc(32, 2), "19a0b1-1").token]]],
    ["one with another name", [["x-penumbra", guard.token.replace("19a0b1-1", "19a0b1-2")]]],
    ["one with a changed mac", [["x-penumbra", guard.token.replace(/.$/, (last) => (last === "0" ? "1" : "0"))]]],
    ["one that is cut", [["x-penumbra", guard.token.slice(0, -1)]]],
    ["a name alone", [["x-penumbra", "19a0b1-1"]]],
    ["one under another name", [["x-penumbra-2", guard.token]]],
  ] satisfies [string, HeaderList][])("takes %s for an ordinary header", (_what, headers) => {
    expect(guard.recognises(headers)).toBe(false);
  });

  it.each([
    ["eight others in one field", [["x-penumbra", "a,a,a,a,a,a,a,a"]]],
    ["thousands of others", [["X-Penumbra", "a,".repeat(20_000)]]],
    ["fields of its own", Array.from({ length: 100 }, () => ["x-penumbra", "a"])],
    ["marks of another key", Array.from({ length: 100 }, (_, n) => ["x-penumbra", new LoopGuard(Buffer.alloc(32, 2), `n${n}`).token])],
    ["the name that CGI reads as the same", [["x_penumbra", "a"]]],
  ] satisfies [string, HeaderList][])("finds its mark beside %s, whatever a candidate passes on of them", (_what, fromClient) => {
    const { headers } = guard.marked(request("GET", "/", [["Host", "a"], ...fromClient]));
    const fields = headers.filter(([name]) => /^x[-_]penumbra$/i.test(name));
    const values = fields.map(([, value]) => value);
    for (const passedOn of [values, values.slice(0, 1), values.slice(-1), [values.join(",").slice(0, 200)], [`b,${values.join(",")}`]]) {
      expect(guard.recognises(passedOn.map((value) => ["X-Penumbra", value]))).toBe(true);
    }
    const behindTheirs: HeaderList = [...fromClient, ["x-penumbra", guard.token]];
    expect([guard.recognises(behindTheirs), guard.recognises(behindTheirs.toReversed())]).toEqual([true, true]);
  });

  it("leaves the sidecar although the client calls it a header of the connection", async () => {
    const server = await scriptedServer("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    const fromClient = request("GET", "/", [
      ["Host", "a"],
      ["Connection", "x-penumbra"],
    ]);
    await target(server.url).send(guard.marked(fromClient));
    expect(server.received()).toContain(`x-penumbra: ${guard.token}\r\n`);
  });
});
