import { describe, expect, it } from "vitest";
import { EndpointNames } from "../../diff/endpoint-names.ts";
import { requestRecord } from "../../diff/request-shape.ts";
import type { HeaderList, HttpRequest } from "../../model/exchange.ts";
import { answered, judgeCases } from "./fabricate.ts";

const named = (request: HttpRequest): string => new EndpointNames([]).of(request);
const withBody = (body: string, headers: HeaderList, target: string): HttpRequest => ({
  ...{ method: "POST", target, version: "1.1", headers },
  body: { kind: "whole", bytes: new TextEncoder().encode(body) },
});
const posted = (json: unknown, target: string = "/api"): string =>
  named(withBody(JSON.stringify(json), [["Content-Type", "application/json"]], target));
const got = (target: string): string => named({ method: "GET", target, version: "1.1", headers: [], body: { kind: "none" } });

const sha256 = "0123456789abcdef".repeat(4);
const persisted = { persistedQuery: { version: 1, sha256Hash: sha256 } };

describe("the operation of a GraphQL request", () => {
  it("is the name that the client gives, else that of the document, else its outermost fields", () => {
    expect(posted({ operationName: "B", query: "query A { a } query B { b }" })).toBe("POST /api B");
    expect(posted({ operationName: null, query: "query A { a }", variables: {} })).toBe("POST /api A");
    expect(posted({ query: "{ orders user orders }" })).toBe("POST /api (orders,user)");
    expect(posted({ query: "mutation { addUser { id } ...More }" })).toBe("POST /api mutation(...More,addUser)");
    expect(posted({ query: "{ a b c d e f g }" })).toBe("POST /api (a,b,c,d,e,+2)");
    expect(named(withBody("query A { a }", [["Content-Type", "application/graphql"]], "/api"))).toBe("POST /api A");
  });

  it("of a persisted query is the same with and without its document", () => {
    expect(posted({ extensions: persisted })).toBe("POST /api sha256:0123456789ab");
    expect(posted({ query: "{ user }", extensions: persisted })).toBe("POST /api sha256:0123456789ab");
    expect(posted({ operationName: "A", extensions: persisted })).toBe("POST /api A");
    expect(posted({ documentId: `sha256:${sha256}` })).toBe("POST /api sha256:0123456789ab");
  });

  it("is read from a query string too", () => {
    expect(got(`/graphql?query=${encodeURIComponent("query A { a }")}`)).toBe("GET /graphql A");
    expect(got(`/graphql?operationName=B&extensions=${encodeURIComponent(JSON.stringify(persisted))}`)).toBe("GET /graphql B");
    expect(got(`/graphql?extensions=${encodeURIComponent(JSON.stringify(persisted))}`)).toBe("GET /graphql sha256:0123456789ab");
  });

  it("is none of what only resembles one", () => {
    const others = [
      ...[{ query: "shoes" }, { query: "{broken" }, { query: { match: {} } }, { operationName: "A" }, { documentId: "contract-2026-11" }],
      ...[{ operationName: "A", query: "shoes" }, [], [{ query: "{ a }" }, 7], 7, "x", { extensions: { persistedQuery: {} } }],
    ];
    for (const json of others) expect(posted(json)).toBe("POST /api");
    expect(got("/search?query=shoes")).toBe("GET /search");
    expect(got("/search?query=%7Bshoes")).toBe("GET /search");
    expect(posted({ operationName: "a b{c}", query: "{ x }" })).toBe("POST /api (x)");
  });
});

describe("the operation of other calls", () => {
  it("of JSON-RPC 2.0 is its method", () => {
    expect(posted({ jsonrpc: "2.0", id: 1, method: "eth_getBalance", params: [] })).toBe("POST /api eth_getBalance");
    expect(posted({ jsonrpc: "2.0", id: 1, method: "tools/call" }, "/rpc/7?x=1")).toBe("POST /rpc/{id} tools/call");
    for (const method of ["", "a b", "{x}", "x\u0007", "x".repeat(201), 7]) expect(posted({ jsonrpc: "2.0", method })).toBe("POST /api");
    expect(posted({ method: "get" })).toBe("POST /api");
  });

  it("of a batch is what is in it, each once and whatever the order", () => {
    const call = (method: string): unknown => ({ jsonrpc: "2.0", method });
    expect(posted([call("b"), call("a"), call("b")])).toBe("POST /api [a,b]");
    expect(posted([{ query: "query A { a }" }, { operationName: "B", query: "query B { b }" }])).toBe("POST /api [A,B]");
    expect(posted(["a", "b", "c", "d", "e", "f", "g"].map(call))).toBe("POST /api [a,b,c,d,e,+2]");
  });

  it("of SOAP is its action", () => {
    const soap = (...headers: HeaderList): string => named(withBody("<x/>", headers, "/stock"));
    expect(soap(["SOAPAction", '"urn:stock#GetPrice"'])).toBe("POST /stock urn:stock#GetPrice");
    expect(soap(["Content-Type", 'application/soap+xml; charset=utf-8; action="urn:stock#GetPrice"'])).toBe(
      "POST /stock urn:stock#GetPrice",
    );
    expect([soap(["SOAPAction", '""']), soap(["Content-Type", "text/xml"]), soap()]).toEqual(Array<string>(3).fill("POST /stock"));
  });
});

describe("operations in a run", () => {
  it("are what names the record, even where the path has a parameter", () => {
    const [one, other] = ["A", "B"].map((body) => withBody(body, [], "/graphql/7")) as [HttpRequest, HttpRequest];
    expect(requestRecord("POST /graphql/{id} GetUser", one)).not.toBe(requestRecord("POST /graphql/{id} GetUser", other));
    for (const endpoint of ["POST /graphql/{id}", "POST /graphql/*"])
      expect(requestRecord(endpoint, one)).toBe(requestRecord(endpoint, other));
  });

  it("are endpoints of their own", () => {
    const cases = Array.from({ length: 40 }, (_, index) => {
      const operation = index % 2 === 0 ? "GetUser" : "GetOrders";
      const price = (build: number): number => (operation === "GetOrders" ? build : 0);
      return {
        ...{ id: `e${index}`, lane: `lane ${index}`, method: "POST", target: "/graphql/7" },
        body: { operationName: operation, query: `query ${operation}($n: Int) { x(n: $n) }`, variables: { n: index } },
        ...{ primary: answered({ price: price(1) }), candidate: answered({ price: price(2) }) },
      };
    });
    const report = judgeCases(cases);
    expect(report.endpoints.map(({ endpoint, compared, different }) => [endpoint, compared, different])).toEqual([
      ["POST /graphql/{id} GetOrders", 20, 20],
      ["POST /graphql/{id} GetUser", 20, 0],
    ]);
    expect(report.findings.map(({ endpoint }) => endpoint)).toEqual(["POST /graphql/{id} GetOrders"]);
  });

  it("stay bounded when clients make their names up", () => {
    const names = new EndpointNames([]);
    const call = (method: string): string =>
      names.of(withBody(JSON.stringify({ jsonrpc: "2.0", method }), [["Content-Type", "application/json"]], "/rpc"));
    expect(call("known")).toBe("POST /rpc known");
    const seen = new Set(Array.from({ length: 6_000 }, (_, index) => call(`made-up-${index}`)));
    expect(seen.size).toBe(5_000);
    expect([call("known"), call("one more")]).toEqual(["POST /rpc known", "POST /rpc"]);
  });
});
