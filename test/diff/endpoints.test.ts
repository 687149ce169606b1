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

/** An invented word. */
const invented = (index: number): string =>
  index
    .toString()
    .padStart(4, "0")
    .replace(/\d/g, (digit) => `${"bcdfghjklm".charAt(Number(digit))}o`);

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

  it("leaves a route that stands apart from names as it is, and two of them", () => {
    const names = ["a", "b", "c", "d", "e"].map((name) => `GET /pages/${name}`);
    const one = learned(...names, ...times(9, "GET /pages/home"));
    expect(["home", "a"].map((name) => one.endpointOf("GET", `/pages/${name}`))).toEqual(["GET /pages/home", "GET /pages/{id}"]);
    const two = learned(...names, ...times(16, "GET /pages/home"), ...times(17, "GET /pages/news"));
    expect(["home", "news", "a"].map((name) => two.endpointOf("GET", `/pages/${name}`))).toEqual([
      ...["GET /pages/home", "GET /pages/news", "GET /pages/{id}"],
    ]);
    const popular = learned(...names, ...times(15, "GET /pages/home"), ...times(16, "GET /pages/news"));
    expect(popular.endpointOf("GET", "/pages/home")).toBe("GET /pages/{id}");
  });

  it("takes names for parameters by what is below them, and what is below them together", () => {
    const people = ["alice", "bob", "carol", "dave", "erin"];
    const notes = ["milk", "bread", "eggs", "salt", "rice"];
    const inference = learned(
      ...people.map((name) => `GET /people/${name}/orders`),
      ...people.map((name, index) => `GET /people/${name}/notes/${notes[index] ?? ""}`),
      "GET /people/zed",
    );
    expect(["bob/orders", "bob/notes/eggs", "zed", "never/seen"].map((path) => inference.endpointOf("GET", `/people/${path}`))).toEqual([
      ...["GET /people/{id}/orders", "GET /people/{id}/notes/{id2}", "GET /people/{id}", "GET /people/{id}/seen"],
    ]);
  });

  it("looks two segments on, and does not mind a slash at the end", () => {
    const owners = ["acme", "beta", "corp", "dyna", "ever"];
    const repos = learned(...owners.flatMap((owner) => ["web", "api"].map((part) => `GET /repos/${owner}/${owner}-${part}/issues`)));
    expect(repos.endpointOf("GET", "/repos/beta/beta-api/issues")).toBe("GET /repos/{id}/{id2}/issues");
    const pages = learned(...owners.map((page) => `GET /pages/${page}/`));
    expect(["/pages/acme/", "/pages/"].map((target) => pages.endpointOf("GET", target))).toEqual(["GET /pages/{id}/", "GET /pages/"]);
  });

  it("keeps collections side by side, although each has the same below it, and what is below only one of them", () => {
    const collections = ["users", "orders", "carts", "reviews", "stores", "coupons"];
    const api = learned(...collections.flatMap((name) => [`GET /api/${name}/search`, `GET /api/${name}/7`, `GET /api/${name}`]));
    expect(api.endpointOf("GET", "/api/users/search")).toBe("GET /api/users/search");
    const unlike = learned(...collections.map((name) => `GET /app/${name}/only-${name}`));
    expect(unlike.endpointOf("GET", "/app/users/only-users")).toBe("GET /app/users/only-users");
    const pages = ["login", "logout", "me", "ping", "health"].map((name) => `GET /api/${name}`);
    expect(learned(...pages, "GET /api/users/7").endpointOf("GET", "/api/login")).toBe("GET /api/login");
  });

  it("takes more of a name for a parameter too when others have the same", () => {
    const slugs = ["one", "two", "three", "four", "five"];
    const articles = learned(
      ...slugs.map((slug) => `GET /articles/${slug}`),
      "GET /articles/six/comments",
      "GET /articles/one/comments",
      "GET /articles/two/comments",
    );
    expect(articles.endpointOf("GET", "/articles/one/comments")).toBe("GET /articles/{id}/comments");
    expect(articles.endpointOf("GET", "/articles/six/comments")).toBe("GET /articles/{id}/comments");
    const pages = ["login", "logout", "me", "ping", "health", "users/search", "orders/search"].map((page) => `GET /api/${page}`);
    expect(learned(...pages).endpointOf("GET", "/api/users/search")).toBe("GET /api/users/search");
  });

  it("tells names that are seldom written from actions", () => {
    const slugs = Array.from({ length: 40 }, (_, index) => `GET /pages/${invented(index)}`);
    const written = learned(
      ...slugs,
      ...slugs,
      ...slugs,
      "PUT /pages/fresh",
      "PUT /pages/newer",
      "PUT /pages/latest",
      "PUT /pages/a",
      "PUT /pages/b",
    );
    expect(written.endpointOf("PUT", "/pages/fresh")).toBe("PUT /pages/{id}");
    const actions = ["create", "update", "delete", "search", "export", "import"].map((action) => `POST /rpc/${action}`);
    expect(learned(...actions).endpointOf("POST", "/rpc/create")).toBe("POST /rpc/create");
    const many = Array.from({ length: 60 }, (_, index) => `POST /hooks/${invented(index)}`);
    expect(learned(...many).endpointOf("POST", `/hooks/${invented(3)}`)).toBe("POST /hooks/{id}");
  });

  it("reads one path however it is written", () => {
    const latin1 = Buffer.from("/café/x").toString("latin1");
    const inference = learned("GET /caf%C3%A9/x");
    for (const target of ["/caf%c3%a9/x", "/caf%C3%A9/%78", latin1, "https://shop:8/caf%C3%A9/x?y#z", "/caf%C3%A9;v=1/x;w=2"])
      expect(inference.endpointOf("GET", target)).toBe("GET /caf%C3%A9/x");
    expect(learned().endpointOf("GET", "/;jsessionid=1")).toBe("GET /");
    expect(learned().endpointOf("GET", "/files/dGhpcyBpcyBhIHRva2Vu1A%3D%3D")).toBe("GET /files/{id}");
    expect(learned().endpointOf("OPTIONS", "*")).toBe("OPTIONS *");
  });

  it("never takes what a request says for a parameter of its own", () => {
    const inference = learned("GET /x/{}", "GET /x/{id}", "GET /x/7", "GET /x/a b");
    expect(["/x/{}", "/x/{id}", "/x/%7Bid%7D", "/x/7", "/x/a b"].map((target) => inference.endpointOf("GET", target))).toEqual([
      ...["GET /x/%7B%7D", "GET /x/%7Bid%7D", "GET /x/%7Bid%7D", "GET /x/{id}", "GET /x/a%20b"],
    ]);
  });

  it("looks at 32 segments", () => {
    const path = "/a".repeat(33);
    expect(learned(`GET ${path}`).endpointOf("GET", path)).toBe(`GET ${"/a".repeat(32)}/**`);
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
    for (let index = 0; index < 5_000; index++) inference.learn("GET", `/flood/${invented(index)}/x`);
    expect(inference.endpointOf("GET", `/flood/${invented(4_999)}/x`)).toBe("GET /flood/{id}/x");
  });
});
