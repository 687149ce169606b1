import { Buffer } from "node:buffer";
import { execFileSync } from "node:child_process";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { HttpRequest } from "../../../model/exchange.ts";
import { curlCommand } from "../../../report/page/curl.ts";
import { requestOf } from "../fixture.ts";

const base = "http://127.0.0.1:4002";

/** The words that a shell would hand to curl, and what it would pipe into it. */
function wordsOf(command: string): string[] {
  const script = `curl() { printf '%s\\0' "$@"; }\n${command}`;
  return execFileSync("bash", ["-c", script]).toString("latin1").split("\0").slice(0, -1);
}

function request(parts: Partial<HttpRequest>): HttpRequest {
  return { ...requestOf("GET", "/x"), headers: [], ...parts };
}

describe("copy as cURL", () => {
  it("reads as a person would have written it", () => {
    const command = curlCommand(
      requestOf(
        "POST",
        "/posts",
        [
          ["Content-Type", "application/json"],
          ["Content-Length", "20"],
          ["X-Empty", ""],
        ],
        '{"title":"it\'s new"}',
      ),
      `${base}/base?x`,
    );
    expect(command).toMatchInlineSnapshot(`
      "curl \\
        -X 'POST' \\
        'http://127.0.0.1:4002/posts' \\
        -H 'Accept: application/json' \\
        -H 'Content-Type: application/json' \\
        -H 'X-Empty;' \\
        --data-raw '{"title":"it'\\''s new"}'"
    `);
  });

  it("sends to this machine when the candidate's address is not one of HTTP", () => {
    expect(curlCommand(requestOf("GET", "/x"), "recording.ndjson")).toContain("'http://localhost/x'");
    expect(curlCommand(requestOf("GET", "/x"), "javascript:alert(1)")).toContain("'http://localhost/x'");
  });

  it("keeps braces, dots and foreign forms of the target as recorded", () => {
    expect(curlCommand(request({ target: "/a/../b?x[]={1}" }), base)).toContain("--globoff \\\n  --path-as-is");
    expect(curlCommand(request({ target: "*", method: "OPTIONS" }), base)).toContain("--request-target '*'");
    expect(curlCommand(request({ method: "HEAD" }), base)).toContain("--head");
  });

  it("pipes a body that is no text", () => {
    const bytes = new Uint8Array([0, 255, 10, 39]);
    const command = curlCommand(request({ method: "PUT", body: { kind: "whole", bytes } }), base);
    expect(command).toMatch(/^printf %s [\w+/=]+ \| base64 -d \| curl/);
    expect(Buffer.from(execFileSync("bash", ["-c", `curl() { cat; }\n${command}`]))).toEqual(Buffer.from(bytes));
  });

  it("leaves a body out that no shell takes, and says so", () => {
    expect(curlCommand(request({ body: { kind: "whole", bytes: new Uint8Array(70_000) } }), base)).toMatch(/^# the body is left out/);
  });

  it("cannot be made to read a file or to run another command, and holds no control character", () => {
    const nasty = fc.oneof(
      fc.constantFrom("@/etc/passwd", "'; touch x; '", "$(id)", "`id`", "a\nb", "\u001b[201~id\r", "\\'", "!!", "-o x"),
      fc.string({ unit: "binary", maxLength: 20 }),
    );
    fc.assert(
      fc.property(nasty, nasty, nasty, (target, value, text) => {
        const body = text.replaceAll("\0", "").replace(/\p{Cs}/gu, "");
        const clean = (part: string): string => part.replaceAll("\0", "").replace(/\p{Cs}/gu, "");
        const recorded = request({
          method: "POST",
          target: `/${clean(target)}`,
          headers: [
            ["X-A", `v${clean(value)}`],
            ["@/etc/passwd", "x"],
          ],
          body: { kind: "whole", bytes: Buffer.from(body) },
        });
        const command = curlCommand(recorded, base);
        expect(command.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
        const words = wordsOf(command);
        const latin1 = (part: string): string => Buffer.from(part).toString("latin1");
        expect(words).toContain(latin1(`${base}/${clean(target)}`));
        expect(words[words.indexOf("--data-raw") + 1]).toBe(latin1(body));
        expect(words.filter((word) => word === "-H")).toHaveLength(1);
      }),
      { numRuns: 40 },
    );
  });
});
