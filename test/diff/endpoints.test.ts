import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { EndpointInference } from "../../diff/endpoints.ts";
import { seededRandom, shuffled } from "../../model/random.ts";

function learned(...requests: readonly string[]): EndpointInference {
  const inference = new EndpointInference();
  for (const request of requests) {
    const [method = "", target = ""] = request.split(" ");
    inference.learn(method, target);
  }
  return inference;
}

const times = (count: number, request: string): string[] => Array.from({ length: count }, () => request);

describe("EndpointInference", () => {
  it("names identifiers at once and numbers them", () => {
    const inference = learned();
    expect(inference.endpointOf("GET", "/users/7/orders/0b5a2c1e-6d7f-4a3b-9c8d-1e2f3a4b5c6d?x=1")).toBe("GET /users/{id}/orders/{id2}");
  });

  it("leaves out the query and the parameters of a segment, and keeps the rest of the path as it is", () => {
    expect(learned().endpointOf("GET", "/search;page=4?q=1")).toBe("GET /search");
    expect(learned().endpointOf("GET", "/products/1/")).toBe("GET /products/{id}/");
  });

  it("turns five like leaves into a parameter, but never the first segment", () => {
    const names = ["welcome", "contact", "guide", "code", "table"];
    const pages = learned(...names.map((name) => `GET /pages/${name}`), ...names.map((name) => `GET /${name}`));
    expect(pages.endpointOf("GET", "/pages/guide")).toBe("GET /pages/{id}");
    expect(pages.endpointOf("GET", "/guide")).toBe("GET /guide");
  });

  it("keeps four leaves, unlike leaves, and a position that one leaf dominates", () => {
    const four = ["a", "b", "c", "d"].map((name) => `GET /x/${name}`);
    expect(learned(...four).endpointOf("GET", "/x/a")).toBe("GET /x/a");
    expect(learned(...four, "POST /x/e").endpointOf("GET", "/x/a")).toBe("GET /x/a");
    expect(learned(...four, ...times(9, "GET /x/e")).endpointOf("GET", "/x/e")).toBe("GET /x/e");
  });

  it("takes a random token without digits for an identifier beside identifiers", () => {
    const inference = learned("GET /todos/RCgs9u4cTCI", "GET /todos/a1B2c3D4e5F", "GET /todos/QwErTyUiOpA", "DELETE /todos/RCgs9u4cTCI");
    expect(inference.endpointOf("GET", "/todos/QwErTyUiOpA")).toBe("GET /todos/{id}");
  });

  it("takes a client's rare bad identifier for one, and keeps a route that is used beside identifiers", () => {
    const ids = Array.from({ length: 20 }, (_, index) => `GET /products/${index}`);
    const inference = learned(...ids, "GET /products/abc", "GET /products/%", ...times(9, "GET /products/search"));
    expect(inference.endpointOf("GET", "/products/abc")).toBe("GET /products/{id}");
    expect(inference.endpointOf("GET", "/products/%")).toBe("GET /products/{id}");
    expect(inference.endpointOf("GET", "/products/search")).toBe("GET /products/search");
  });

  it("reads odd targets without failing", () => {
    const odd = ["/%", "//about", "*", "http://host:8/a/1?x", "", "/", "host:443", "/a#b", "?x", "/../etc/passwd"];
    const inference = learned(...odd.map((target) => `GET ${target}`));
    expect(odd.map((target) => inference.endpointOf("GET", target))).toEqual([
      "GET /%",
      "GET //about",
      "GET *",
      "GET /a/{id}",
      "GET ",
      "GET /",
      "GET host:443",
      "GET /a",
      "GET /",
      "GET /../etc/passwd",
    ]);
  });

  it("keeps files in a folder apart until there are many", () => {
    expect(learned("GET /css/style.css", "GET /css/print.css").endpointOf("GET", "/css/style.css")).toBe("GET /css/style.css");
  });

  it("does not depend on the order of learning", () => {
    const segment = fc.constantFrom("a", "b", "c", "d", "e", "f", "7", "12", "RCgs9u4cTCI", "QwErTyUiOpA", "%", "x.css", "");
    const request = fc.tuple(
      fc.constantFrom("GET", "PUT"),
      fc.array(segment, { maxLength: 3 }).map((parts) => `/${parts.join("/")}`),
    );
    fc.assert(
      fc.property(fc.array(request, { maxLength: 40 }), fc.integer(), (requests, seed) => {
        const [one, other] = [new EndpointInference(), new EndpointInference()];
        for (const [method, target] of requests) one.learn(method, target);
        for (const [method, target] of shuffled(requests, seededRandom(seed))) other.learn(method, target);
        for (const [method, target] of requests) expect(other.endpointOf(method, target)).toBe(one.endpointOf(method, target));
      }),
      { numRuns: 60 },
    );
  });

  it("stays bounded under a flood of distinct literals", () => {
    const inference = new EndpointInference();
    const name = (index: number): string =>
      index
        .toString()
        .padStart(4, "0")
        .replace(/\d/g, (digit) => `${"bcdfghjklm".charAt(Number(digit))}o`);
    for (let index = 0; index < 5_000; index++) inference.learn("GET", `/flood/${name(index)}/x`);
    expect(inference.endpointOf("GET", `/flood/${name(4_999)}/x`)).toBe("GET /flood/{id}/x");
  });
});
