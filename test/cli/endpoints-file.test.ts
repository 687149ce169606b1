import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { endpointsFile } from "../../cli/endpoints-file.ts";
import type { GivenEndpoint } from "../../diff/given-endpoints.ts";
import { PenumbraError } from "../../model/errors.ts";
import { temporaryDirectories } from "../recording/temporary-directory.ts";

const directory = temporaryDirectories();

function read(text: string | Buffer): readonly GivenEndpoint[] {
  const path = join(directory(), "endpoints");
  writeFileSync(path, text);
  return endpointsFile(path, "--endpoints");
}

/** "GET /a|/v2/a" */
const lines = (text: string): string[] => read(text).map(({ method, paths }) => `${method ?? "*"} ${paths.join("|")}`);

/** What is complained of, without the name of the directory. */
function complaint(text: string | Buffer): string {
  try {
    read(text);
  } catch (error) {
    if (error instanceof PenumbraError) return `${error.message}; ${error.hint}`.replace(/ in \S*endpoints /, " in FILE ");
    throw error;
  }
  return "";
}

describe("a routes list", () => {
  it("is a method and a path a line, in the styles of several frameworks", () => {
    const list = `
# what the shop answers
GET    /posts/{id}      # one post
GET /posts/:id/comments/:comment_id
PUT /flights/:from-:to.json
POST /docs:batchGet
* /health
ANY /any/*
/static/**\r
M-SEARCH /device
`;
    expect(lines(list)).toEqual([
      ...["GET /posts/{id}", "GET /posts/{id}/comments/{comment_id}", "PUT /flights/{from}-{to}.json", "POST /docs:batchGet"],
      ...["* /health", "* /any/*", "* /static/**", "M-SEARCH /device"],
    ]);
  });

  it.each([
    ["GET /a\nget /b", /^the endpoints in FILE cannot be used: line 2, "get \/b", is no route; write METHOD \/path/],
    ["GET /a\nGET b", /line 2, "GET b", is no route/],
    ["GET /a\nGET /b c", /line 2, "GET \/b c", is no route/],
    ["GET /a/:id?", /line 1, "GET \/a\/:id\?", has an optional or constrained part; write a line for each form/],
    ["GET /a/:id(\\d+)", /line 1, "GET \/a\/:id\(\\d\+\)", has an optional or constrained part/],
    ["GET /**/a", /line 1: the path "\/\*\*\/a" goes on after \*\*; what stands for any number/],
    ["GET /a/{x}{y}", /line 1: the path "\/a\/\{x\}\{y\}" is not understood: in "\{x\}\{y\}" nothing tells two/],
  ])("is refused in one line: %j", (text, expected) => {
    expect(complaint(text)).toMatch(expected);
    expect(complaint(text)).not.toContain("\n");
  });
});

const petstore = `
openapi: 3.1.0
info: { title: pets, version: "1" }
servers:
  - url: https://{region}.example.com/{base}/
    variables:
      region: { default: eu }
      base: { default: v1, enum: [v1, v2] }
paths:
  /pets:
    summary: all of them
    parameters: []
    get: { responses: {} }
    post: &create { responses: {} }
  /pets/{petId}.json:
    servers: [{ url: "/other/" }]
    get: { responses: {} }
    put: { servers: [{ url: "https://x.example.com" }] }
  /again: { $ref: "#/paths/~1pets" }
  /named: { $ref: "#/components/pathItems/Named" }
  /elsewhere: { $ref: "elsewhere.yaml#/x" }
  /circle: { $ref: "#/paths/~1circle" }
  /searched#x:
    query: {}
    additionalOperations: { COPY: {}, LINK: null }
  x-notes: { any: thing }
  /nothing:
components:
  pathItems:
    Named: { delete: *create }
`;

describe("an OpenAPI document", () => {
  it("gives its paths by method, below the paths of the servers", () => {
    expect(lines(petstore)).toEqual([
      ...["GET /v1/pets|/v2/pets", "POST /v1/pets|/v2/pets"],
      ...["GET /other/pets/{petId}.json", "PUT /pets/{petId}.json", "GET /v1/again|/v2/again", "POST /v1/again|/v2/again"],
      ...["DELETE /v1/named|/v2/named", "* /v1/elsewhere|/v2/elsewhere", "* /v1/circle|/v2/circle"],
      ...["QUERY /v1/searched|/v2/searched", "COPY /v1/searched|/v2/searched"],
    ]);
  });

  it("may be JSON, with a byte order mark, and Swagger 2", () => {
    const document = { swagger: "2.0", basePath: "/api/", paths: { "/a/{id}": { get: {}, "x-y": {}, parameters: [] }, "/": { head: {} } } };
    expect(lines(`\uFEFF${JSON.stringify(document)}`)).toEqual(["GET /api/a/{id}", "HEAD /api/"]);
    expect(lines("swagger: 2.0\npaths: { /a: { get: {} } }")).toEqual(["GET /a"]);
    expect(lines('{ "openapi": "3.0.3", "servers": [], "paths": { "/a": { "get": {} } } }')).toEqual(["GET /a"]);
    expect(lines("{ openapi: 3.0.3, servers: [{ url: v1 }, { url: . }], paths: { /a: { get: {} } } }")).toEqual(["GET /v1/a|/a"]);
  });

  it.each([
    [
      "",
      /^the endpoints in FILE cannot be used: it is neither an OpenAPI document nor a list of routes; give an OpenAPI document or a list/,
    ],
    ["# nothing\n", /neither an OpenAPI document nor a list of routes/],
    ["- /a\n- /b", /neither an OpenAPI document nor a list of routes/],
    ["fail-on: high", /has neither "openapi" nor "swagger"/],
    ["openapi: 3.0.0", /has no "paths"/],
    ["openapi: 3.0.0\npaths: {}", /names no endpoint/],
    ["openapi: 3.0.0\npaths: { /a: { parameters: [] } }", /names no endpoint/],
    ["openapi: 4.0.0\npaths: {}", /is written in OpenAPI 4\.0\.0; give OpenAPI 3\.x/],
    ['swagger: "1.2"\npaths: {}', /is written in Swagger 1\.2/],
    ["openapi: 3.0.0\npaths: { a: { get: {} } }", /the path "a" does not begin with \/|the path "a" /],
    ["openapi: 3.0.0\npaths: { /a: [] }", /what stands under the path "\/a" is no path item/],
    ["openapi: 3.0.0\npaths: { '/a/{b': { get: {} } }", /the path "\/a\/\{b" is not understood/],
    ["openapi: 3.0.0\npaths:\n  /a: {}\n  /a: {}", /neither JSON nor YAML \(Map keys must be unique at line 4, column 3\)/],
    ['{ "openapi": "3.0.0", ', /neither JSON nor YAML \(.*at line 1/],
    [Buffer.from([0xff, 0xfe, 0x00, 0x41]), /neither/],
  ])("is refused in one line: %j", (text, expected) => {
    expect(complaint(text)).toMatch(expected);
    expect(complaint(text)).not.toContain("\n");
  });

  it("cannot blow up by its aliases, its size or its number", () => {
    const doubling = Array.from({ length: 30 }, (_, index) => `a${index + 1}: &a${index + 1} [*a${index}, *a${index}]`).join("\n");
    expect(complaint(`openapi: 3.0.0\na0: &a0 [x]\n${doubling}\npaths: {}`)).toMatch(/neither JSON nor YAML \(Excessive alias count/);
    expect(complaint(Buffer.alloc(17 * 2 ** 20, "#\n"))).toMatch(/it is larger than 16 MiB; leave its schemas out/);
    expect(complaint(Array.from({ length: 20_001 }, (_, index) => `GET /a${index}`).join("\n"))).toMatch(
      /names 20001 endpoints; give at most/,
    );
  });
});

it("is named when it is not there or no file", () => {
  expect(() => endpointsFile(join(directory(), "none"), "--endpoints")).toThrow(/^--endpoints \S+none cannot be read \(ENOENT/);
  expect(() => endpointsFile(directory(), "endpoints in penumbra.yaml")).toThrow(
    /^endpoints in penumbra\.yaml \S+ cannot be read \(EISDIR/,
  );
});
