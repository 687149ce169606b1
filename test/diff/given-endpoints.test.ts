import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type GivenEndpoint, GivenEndpoints } from "../../diff/given-endpoints.ts";
import { isMixedMatch, readTemplate } from "../../diff/path-template.ts";

/** From "GET /pets/{id}", "* /static/**". */
function given(...lines: readonly string[]): GivenEndpoints {
  return new GivenEndpoints(lines.map(endpointOf));
}

function endpointOf(line: string): GivenEndpoint {
  const [method = "", path = ""] = line.split(" ");
  return { method: method === "*" ? null : method, paths: [path] };
}

const nameIn = (endpoints: GivenEndpoints, request: string): string | null => {
  const [method = "", target = ""] = request.split(" ");
  return endpoints.nameOf(method, target);
};

describe("GivenEndpoints", () => {
  it("names requests by the template that fits, with the names of its parameters", () => {
    const endpoints = given("GET /pets", "GET /pets/{petId}", "POST /pets/{pet}/toys/{toy-id}");
    expect(nameIn(endpoints, "GET /pets?limit=2")).toBe("GET /pets");
    expect(nameIn(endpoints, "GET /pets/rex")).toBe("GET /pets/{petId}");
    expect(nameIn(endpoints, "POST /pets/7/toys/ball")).toBe("POST /pets/{pet}/toys/{toy-id}");
    expect(
      ["GET /", "GET /dogs", "GET /pets/7/toys", "OPTIONS *", "CONNECT host:443", "GET "].map((one) => nameIn(endpoints, one)),
    ).toEqual([...Array<null>(6).fill(null)]);
    expect(nameIn(given("GET /"), "GET /?x=1")).toBe("GET /");
  });

  it("prefers literals to mixed segments, those to parameters, and those to the rest, whatever the order in the document", () => {
    const lines = [
      "GET /a/**",
      "GET /a/{id}",
      "GET /a/{id}.json",
      "GET /a/{id}.min.json",
      "GET /a/me",
      "GET /a/me/{x}/c",
      "GET /a/{id}/b/c",
    ];
    for (const each of [lines, lines.toReversed()]) {
      const endpoints = given(...each);
      const names = ["me", "7", "7.json", "7.min.json", "7/x", "", "me/b/c", "other/b/c", "me/b/d"];
      expect(names.map((name) => nameIn(endpoints, `GET /a/${name}`))).toEqual([
        ...["GET /a/me", "GET /a/{id}", "GET /a/{id}.json", "GET /a/{id}.min.json", "GET /a/**", "GET /a/**", "GET /a/me/{x}/c"],
        ...["GET /a/{id}/b/c", "GET /a/**"],
      ]);
      expect(nameIn(endpoints, "GET /a")).toBe("GET /a/**");
    }
  });

  it("prefers a template of the request's method, and takes the path of another one where there is none", () => {
    const endpoints = given("GET /posts/{id}", "POST /posts/search", "* /any/{x}");
    expect(nameIn(endpoints, "GET /posts/search")).toBe("GET /posts/{id}");
    expect(nameIn(endpoints, "POST /posts/search")).toBe("POST /posts/search");
    expect(nameIn(endpoints, "DELETE /posts/5")).toBe("DELETE /posts/{id}");
    expect(nameIn(endpoints, "PATCH /any/5")).toBe("PATCH /any/{x}");
  });

  it("reads paths however they are escaped, with parameters of their segments and a slash at the end", () => {
    const endpoints = given("GET /café/{id}", "GET /a%20b", "GET /find/{id}/x", "GET /m;v=1/{id}");
    const latin1 = Buffer.from("/café/7").toString("latin1");
    expect(["/caf%C3%A9/7", "/caf%c3%a9/7", latin1, "http://shop:80/caf%C3%A9/7"].map((target) => endpoints.nameOf("GET", target))).toEqual(
      Array<string>(4).fill("GET /café/{id}"),
    );
    expect(nameIn(endpoints, "GET /a%20b")).toBe("GET /a%20b");
    expect(nameIn(endpoints, "GET /find;jsessionid=1/5;v=2/x")).toBe("GET /find/{id}/x");
    expect(nameIn(endpoints, "GET /m;v=1/5")).toBe("GET /m;v=1/{id}");
    expect(nameIn(endpoints, "GET /find/a%2Fb/x")).toBe("GET /find/{id}/x");
    expect(nameIn(endpoints, "GET /find/7/x/")).toBe("GET /find/{id}/x/");
    expect(nameIn(endpoints, "GET /find//x")).toBe(null);
    expect(nameIn(endpoints, "GET /caf%E9/7")).toBe(null);
  });

  it("says which of them no request met: one of another method, or with a slash more, does not count", () => {
    const endpoints = new GivenEndpoints([
      { method: "GET", paths: ["/v1/pets", "/v2/pets"] },
      ...["GET /b", "POST /b", "* /c", "GET /d", "GET /d"].map(endpointOf),
    ]);
    expect(endpoints.names).toEqual(["GET /v1/pets", "GET /b", "POST /b", "* /c", "GET /d"]);
    for (const target of ["/v2/pets", "/b/", "/c"]) expect(endpoints.meet("GET", target)).toBe(true);
    expect(endpoints.meet("DELETE", "/b")).toBe(true);
    expect(endpoints.meet("GET", "/nowhere")).toBe(false);
    expect(endpoints.unmet()).toEqual(["GET /b", "GET /d", "POST /b"]);
  });

  it("finds what a search through all templates finds", () => {
    const part = fc.constantFrom("a", "b", "{x}", "{x}.a", "a{x}", "**");
    const path = fc
      .array(part, { minLength: 1, maxLength: 4 })
      .map((parts) => `/${parts.filter((one, i) => one !== "**" || i === parts.length - 1).join("/")}`);
    const target = fc.array(fc.constantFrom("a", "b", "ab", "b.a", "aa.a", "c"), { maxLength: 4 }).map((parts) => `/${parts.join("/")}`);
    fc.assert(
      fc.property(fc.uniqueArray(path, { maxLength: 8 }), target, (paths, wanted) => {
        const endpoints = given(...paths.map((each) => `GET ${each}`));
        const fitting = paths.filter((each) => asRegex(each).test(wanted)).toSorted((one, other) => (rank(one) < rank(other) ? -1 : 1));
        expect(endpoints.nameOf("GET", wanted)).toBe(fitting[0] === undefined ? null : `GET ${fitting[0]}`);
      }),
      { numRuns: 500 },
    );
  });
});

function asRegex(path: string): RegExp {
  if (path === "/") return /^\/$/;
  const source = path
    .replaceAll(".", "\\.")
    .replace(/\/\*\*$/, "(/.*)?")
    .replaceAll("{x}", "[^/]+");
  return new RegExp(`^${source === "" ? "/" : source}$`);
}

/** Segment by segment: what goes first is less. What ends goes before the rest. */
function rank(path: string): string {
  const ranks = path
    .slice(1)
    .split("/")
    .map((part) => {
      if (part === "**") return "9";
      if (part === "{x}") return "8";
      if (!part.includes("{")) return "0";
      return `1${9 - part.replace("{x}", "").length}${part}`;
    });
  return ranks.join("/");
}

describe("readTemplate", () => {
  it.each([
    ["pets", /does not begin with \//],
    ["/a b", /has a space, a \? or a #/],
    ["/a/{id", /brace without its partner/],
    ["/a/id}", /brace without its partner/],
    ["/a/{}", /parameter without a name/],
    ["/a/{x}{y}", /nothing tells two parameters apart/],
    ["/**/a", /goes on after \*\*/],
    ["/{proxy+}/a", /goes on after \{proxy\+\}/],
    [`/${"a/".repeat(70)}`, /more than 64 segments/],
  ])("refuses %s", (path, problem) => {
    const reading = readTemplate(path);
    expect(reading.kind === "wrong" ? reading.problem : "").toMatch(problem);
  });

  it("reads what gateways and frameworks write", () => {
    const kinds = (path: string): unknown => {
      const reading = readTemplate(path);
      return reading.kind === "read" ? reading.value.map(({ kind }) => kind) : reading.problem;
    };
    expect(kinds("/")).toEqual([]);
    expect(kinds("/a/{id}/*/{id}:publish/{proxy+}")).toEqual(["literal", "parameter", "parameter", "mixed", "rest"]);
    expect(kinds("/{+path}")).toEqual(["rest"]);
    expect(kinds("/a/")).toEqual(["literal", "literal"]);
  });

  it("matches mixed segments as a glob with nothing empty in it", () => {
    const literals = fc.array(fc.string({ unit: fc.constantFrom("a", "b", "."), maxLength: 2 }), { minLength: 2, maxLength: 4 });
    const text = fc.string({ unit: fc.constantFrom("a", "b", "."), maxLength: 8 });
    fc.assert(
      fc.property(literals, text, (parts, segment) => {
        const source = parts.map((part) => part.replaceAll(".", "\\.")).join(".+");
        expect(isMixedMatch(segment, parts)).toBe(new RegExp(`^${source}$`).test(segment));
      }),
      { numRuns: 500 },
    );
  });
});
