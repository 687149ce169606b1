/** What the primary is sent for a request, and which requests are refused. */

import { describe, expect, it } from "vitest";
import type { HeaderList } from "../../../model/exchange.ts";
import { mayBecomeTunnel, planRequest, type ReceivedRequest, type RequestPlan } from "../../../proxy/gateway/request-plan.ts";
import type { Rewriting } from "../../../proxy/gateway/rewriting.ts";
import { routeTable } from "../../../proxy/gateway/routes.ts";
import { plain } from "./support.ts";

const routes = routeTable(new URL("http://main.example:8000"), [
  { prefix: "/api", primary: new URL("http://api.example") },
  { prefix: "/api/v2", primary: new URL("https://v2.example:8443") },
]);

const host: HeaderList = [["Host", "shop.example"]];

function plan(request: Partial<ReceivedRequest>, rewriting: Partial<Rewriting> = {}): RequestPlan {
  const client = { address: "192.0.2.7", isTls: false };
  return planRequest({ method: "GET", target: "/", version: "1.1", fields: host, client, isUpgrade: false, ...request }, routes, {
    ...plain,
    ...rewriting,
  });
}

/** The fields that are sent, as `Name: value`. */
function sent(fields: HeaderList, rest: Partial<ReceivedRequest> = {}, rewriting: Partial<Rewriting> = {}): string[] {
  const planned = plan({ fields, ...rest }, rewriting);
  return planned.kind === "forward" ? planned.fields.map(([name, value]) => `${name}: ${value}`) : [String(planned.status)];
}

const status = (request: Partial<ReceivedRequest>): number | string => {
  const planned = plan(request);
  return planned.kind === "answer" ? planned.status : planned.kind;
};

describe("the plan for a request", () => {
  it.each<[string, Partial<ReceivedRequest>, number]>([
    ["two Hosts", { fields: [...host, ...host] }, 400],
    ["no Host", { fields: [] }, 400],
    ["two Hosts beside an absolute target", { target: "http://a/", fields: [...host, ...host] }, 400],
    ["an empty Host", { fields: [["Host", ""]] }, 400],
    ["a Host with a path", { fields: [["Host", "a/b"]] }, 400],
    ["a Host with a user", { fields: [["Host", "u@a"]] }, 400],
    ["an absolute target with a user", { target: "http://u@a/" }, 400],
    ["a target of another scheme", { target: "ftp://a/" }, 400],
    ["a fragment", { target: "/a#b" }, 400],
    ["* for GET", { target: "*" }, 400],
    ["another version", { version: "2.0" }, 505],
    ["TRACE", { method: "TRACE" }, 405],
    ["CONNECT", { method: "CONNECT", target: "a:443" }, 405],
    ["a second transfer coding", { fields: [...host, ["Transfer-Encoding", "gzip, chunked"]] }, 501],
    ["transfer codings in two lines", { fields: [...host, ["Transfer-Encoding", "gzip"], ["transfer-encoding", "chunked"]] }, 501],
    ["Transfer-Encoding in HTTP/1.0", { version: "1.0", fields: [["Transfer-Encoding", "chunked"]] }, 400],
    ["Connection: Content-Length", { fields: [...host, ["Connection", "close, content-length"], ["Content-Length", "3"]] }, 400],
    ["Connection: Host", { fields: [...host, ["Connection", "Host"]] }, 400],
    ["an unknown expectation", { fields: [...host, ["Expect", "200-ok"]] }, 417],
    ["Max-Forwards that is no number", { method: "OPTIONS", fields: [...host, ["Max-Forwards", "x"]] }, 400],
    ["an upgrade with a body", { fields: [...host, ["Upgrade", "websocket"], ["Content-Length", "3"]], isUpgrade: true }, 400],
    ["an upgrade to HTTP/2", { fields: [...host, ["Upgrade", "h2c"]], isUpgrade: true }, 501],
  ])("refuses %s", (_, request, expected) => {
    expect(status(request)).toBe(expected);
  });

  it("announces no trailers where none can come", () => {
    expect(sent([...host, ["Trailer", "Sum"]])).toEqual(["Host: shop.example", "Via: 1.1 penumbra", "Connection: keep-alive"]);
    expect(sent([...host, ["Trailer", "Sum"], ["Transfer-Encoding", "chunked"]])).toContain("Trailer: Sum");
  });

  it("says which methods there are when it refuses one", () => {
    expect(plan({ method: "TRACE" })).toMatchObject({ fields: [["Allow", "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"]] });
  });

  it("removes what is meant for one connection, and what Connection names", () => {
    const fields: HeaderList = [
      ["Connection", "close, X-Secret"],
      ...host,
      ["x-secret", "1"],
      ["Keep-Alive", "5"],
      ["Proxy-Connection", "a"],
      ["Proxy-Authorization", "b"],
      ["TE", "gzip"],
      ["Upgrade", "h2c"],
      ["X-Kept", "2"],
    ];
    expect(sent(fields)).toEqual(["Host: shop.example", "X-Kept: 2", "Via: 1.1 penumbra", "Connection: keep-alive"]);
  });

  it("adds to Via in a line of its own", () => {
    expect(sent([...host, ["Via", "1.0 edge"]])).toEqual([
      "Host: shop.example",
      "Via: 1.0 edge",
      "Via: 1.1 penumbra",
      "Connection: keep-alive",
    ]);
  });

  it("takes the host of an absolute target in place of Host", () => {
    const planned = plan({ target: "http://other.example:81?q" });
    expect(planned).toMatchObject({ kind: "forward", target: "/?q" });
    expect(sent(host, { target: "HTTP://other.example:81/x" })[0]).toBe("Host: other.example:81");
    expect(plan({ method: "OPTIONS", target: "http://a.example" })).toMatchObject({ target: "*" });
  });

  it("gives HTTP/1.0 requests a Host and no expectation", () => {
    expect(sent([["Expect", "100-continue"]], { version: "1.0" })).toEqual([
      "Host: main.example:8000",
      "Via: 1.0 penumbra",
      "Connection: keep-alive",
    ]);
  });

  it("counts Max-Forwards down for OPTIONS and answers at 0", () => {
    const options = (hops: string): string[] => sent([...host, ["max-forwards", hops]], { method: "OPTIONS", target: "*" });
    expect(options("7")).toContain("max-forwards: 6");
    expect(options("0")).toEqual(["200"]);
    expect(sent([...host, ["Max-Forwards", "0"]])).toContain("Max-Forwards: 0");
  });

  it("says that there is no body where the method lets expect one", () => {
    expect(sent(host, { method: "POST" })).toContain("Content-Length: 0");
    expect(sent(host, { method: "DELETE" })).not.toContain("Content-Length: 0");
  });

  it("keeps the first lines of bytes that Node would encode again", () => {
    const fields: HeaderList = [...host, ["Content-Length", "3"], ["Content-Disposition", "\xe9"]];
    expect(sent(fields, { method: "POST" })[0]).toBe("Content-Disposition: \xe9");
  });

  it("sends the longest prefix's primary what is asked under it", () => {
    const primaryOf = (target: string): string => {
      const planned = plan({ target });
      return planned.kind === "forward" ? planned.route.primary.host : planned.kind;
    };
    expect(["/", "/apis", "/api", "/api?x", "/api/v2/x", "/api/v22", "/API"].map(primaryOf)).toEqual([
      "main.example:8000",
      "main.example:8000",
      "api.example",
      "api.example",
      "v2.example:8443",
      "api.example",
      "main.example:8000",
    ]);
  });

  it("takes a prefix off and puts another before", () => {
    const targetOf = (target: string): string => {
      const planned = plan({ method: "OPTIONS", target }, { stripPrefix: "/shop", addPrefix: "/v1" });
      return planned.kind === "forward" ? planned.target : planned.kind;
    };
    expect(["/shop", "/shop/a?b", "/shop?b", "/shops", "/", "*"].map(targetOf)).toEqual([
      "/v1/",
      "/v1/a?b",
      "/v1/?b",
      "/v1/shops",
      "/v1/",
      "*",
    ]);
  });

  it("writes the Host that was asked for", () => {
    expect(sent(host, {}, { host: { kind: "primary" } })[0]).toBe("Host: main.example:8000");
    expect(sent(host, { target: "/api" }, { host: { kind: "primary" } })[0]).toBe("Host: api.example");
    expect(sent([["hOST", "a"]], {}, { host: { kind: "fixed", host: "b:1" } })[0]).toBe("hOST: b:1");
  });

  it("adds the client to X-Forwarded-For, and scheme and host where nobody did", () => {
    const before: HeaderList = [
      ...host,
      ["X-Forwarded-For", "203.0.113.1"],
      ["x-forwarded-for", "203.0.113.2"],
      ["X-Forwarded-Proto", "https"],
    ];
    expect(
      sent(before, { client: { address: "::ffff:192.0.2.7", isTls: false } }, { forwarded: "append", host: { kind: "primary" } }),
    ).toEqual([
      "Host: main.example:8000",
      "X-Forwarded-Proto: https",
      "X-Forwarded-For: 203.0.113.1, 203.0.113.2, 192.0.2.7",
      "X-Forwarded-Host: shop.example",
      "Via: 1.1 penumbra",
      "Connection: keep-alive",
    ]);
  });

  it("drops its spellings with underscores as well when told to replace", () => {
    const spellings: HeaderList = [...host, ["X_Forwarded_For", "1"], ["x-forwarded_Proto", "2"], ["X_FORWARDED_PORT", "3"]];
    expect(sent(spellings, {}, { forwarded: "replace" })).toEqual([
      "Host: shop.example",
      "X-Forwarded-For: 192.0.2.7",
      "X-Forwarded-Proto: http",
      "X-Forwarded-Host: shop.example",
      "Via: 1.1 penumbra",
      "Connection: keep-alive",
    ]);
  });

  it("believes nothing of it when told to replace", () => {
    const before: HeaderList = [...host, ["X-Forwarded-For", "203.0.113.1"], ["X-Forwarded-Port", "1"], ["Forwarded", "for=x"]];
    expect(sent(before, { client: { address: "2001:db8::1", isTls: true } }, { forwarded: "replace" })).toEqual([
      "Host: shop.example",
      "X-Forwarded-For: 2001:db8::1",
      "X-Forwarded-Proto: https",
      "X-Forwarded-Host: shop.example",
      "Via: 1.1 penumbra",
      "Connection: keep-alive",
    ]);
  });

  it("lets WebSocket through, and no protocol that hides requests", () => {
    const asks = (protocol: string): boolean => mayBecomeTunnel([["Upgrade", protocol]]);
    expect(["websocket", "WebSocket", "spdy/3.1", "h2c", "HTTP/2.0", "TLS/1.2", "websocket, h2c"].map(asks)).toEqual([
      true,
      true,
      true,
      false,
      false,
      false,
      false,
    ]);
  });
});
