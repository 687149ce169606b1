import { execFile, execFileSync } from "node:child_process";
import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { HttpRequest } from "../../model/exchange.ts";
import { milliseconds } from "../../model/units.ts";
import { curlCommand, quoted, renderExchange } from "../../recording/curl.ts";
import { plainExchange, text } from "./examples.ts";
import { temporaryDirectories } from "./temporary-directory.ts";

const directory = temporaryDirectories();
const withRequest = (changes: Partial<HttpRequest>) => plainExchange({ request: { ...plainExchange().request, ...changes } });

/** What a shell makes of a command: the arguments of `curl` and its input, as bytes. */
function run(command: string): { readonly words: readonly string[]; readonly input: string } {
  const place = directory();
  writeFileSync(
    join(place, "curl"),
    `#!/bin/sh\nfor word in "$@"; do printf '%s\\000' "$word"; done > '${place}/words'\ncase " $* " in *" @- "*) cat > '${place}/input';; esac\n`,
  );
  chmodSync(join(place, "curl"), 0o755);
  writeFileSync(join(place, "script"), Buffer.from(command, "latin1"));
  execFileSync("/bin/sh", [join(place, "script")], { env: { PATH: `${place}:/usr/bin:/bin`, LC_ALL: "C" }, cwd: place });
  const read = (name: string): string => (existsSync(join(place, name)) ? readFileSync(join(place, name), "latin1") : "");
  return { words: read("words").split("\0").slice(0, -1), input: read("input") };
}

describe("a curl command", () => {
  it("sends the request as it was", () => {
    const command = curlCommand(
      withRequest({
        method: "PUT",
        target: "/a?x=[1]&y='",
        headers: [
          ["Host", "shop"],
          ["Content-Type", "text/plain"],
          ["X-Empty", ""],
          ["Content-Length", "3"],
        ],
        body: text("it's\n@me"),
      }),
    );
    expect(run(command).words).toEqual([
      ...["--path-as-is", "--globoff", "-X", "PUT", "-H", "Host: shop", "-H", "Content-Type: text/plain", "-H", "X-Empty;"],
      ...["-H", "User-Agent:", "-H", "Accept:", "--data-raw", "it's\n@me", "http://shop/a?x=[1]&y='"],
    ]);
  });

  it("says that it sends no trailers", () => {
    const command = curlCommand(withRequest({ method: "POST", body: text("a"), trailers: [["X-Sum", "1"]] }));
    expect(command).toMatch(/^# the trailers are left out: curl sends none\ncurl /);
    expect(run(command).words.join(" ")).not.toContain("X-Sum");
  });

  it("goes where it is told", () => {
    expect(run(curlCommand(withRequest({}), "https://10.0.0.1:8443")).words.at(-1)).toBe("https://10.0.0.1:8443/");
    expect(run(curlCommand(withRequest({ method: "HEAD" }))).words).toContain("--head");
  });

  it("reaches the server as it was recorded where curl has its own mind: HEAD with a body, *, and bytes that no URL has", async () => {
    const lines: string[] = [];
    const server = createServer((connection) => {
      connection.once("data", (bytes) => {
        lines.push(bytes.toString("latin1").split("\r\n")[0] ?? "");
        connection.end("HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n");
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    const base = `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`;
    const requests = [
      { method: "HEAD", target: "/a", body: text("x") },
      { method: "OPTIONS", target: "*" },
      { method: "GET", target: "/a b?c=\u001b[2J" },
    ];
    for (const request of requests) {
      await promisify(execFile)("/bin/sh", ["-c", curlCommand(withRequest(request), base)], { timeout: 10_000 });
    }
    server.close();
    expect(lines).toEqual(["HEAD /a HTTP/1.1", "OPTIONS * HTTP/1.1", "GET /a b?c=\u001b[2J HTTP/1.1"]);
    expect(curlCommand(withRequest({ method: "HEAD", body: text("x") }))).toMatch(
      /^# the body is left out: curl sends none with HEAD\ncurl /,
    );
  });

  it("pipes a binary or long body", () => {
    for (const bytes of [Uint8Array.of(0, 255, 10, 13), new Uint8Array(200_000).fill(97)]) {
      const { words, input } = run(curlCommand(withRequest({ method: "POST", body: { kind: "whole", bytes } })));
      expect(words).toContain("@-");
      expect(input).toBe(Buffer.from(bytes).toString("latin1"));
    }
  });

  it("is one shell word for each value and printable, whatever the traffic holds", { timeout: 30_000 }, () => {
    const characters = fc.integer({ min: 1, max: 255 }).map((code) => String.fromCharCode(code));
    // A shell's $(…) takes newlines off the end, and no header can have one.
    const value = fc
      .string({ unit: fc.oneof(characters, fc.constantFrom("'", '"', "$", "`", "\\", "%", ";", "!")), maxLength: 20 })
      .filter((content) => !content.endsWith("\n"));
    fc.assert(
      fc.property(value, (content) => {
        const word = quoted(content);
        expect(word).toMatch(/^[ -~]+$/);
        expect(run(`curl ${word}`).words).toEqual([content]);
      }),
      { numRuns: 60 },
    );
  });

  it("says when the body is not all there", () => {
    const body = { kind: "capped" as const, length: 9, sha256: "0".repeat(64), head: new Uint8Array(), tail: new Uint8Array() };
    expect(curlCommand(withRequest({ method: "POST", body }))).toMatch(/^# the body was capped: 9 bytes/);
  });
});

describe("an exchange as text", () => {
  it("reads as HTTP", () => {
    const outcome = plainExchange().outcome;
    expect(
      renderExchange(
        plainExchange({
          outcome: outcome.kind === "answered" ? { ...outcome, answer: { ...outcome.answer, body: text("hé\n") } } : outcome,
        }),
      ),
    ).toBe("GET / HTTP/1.1\nHost: shop\n\n\n\nHTTP/1.1 200 OK\n\nhé\n");
    expect(renderExchange(plainExchange({ outcome: { kind: "reset", tookMs: milliseconds(3), detail: "a\u001bb" } }))).toContain(
      "(no answer: reset, a\\x1bb after 3 ms)",
    );
  });

  it("shows trailers after the body, as safe as headers", () => {
    const hostile = "\u001b]0;x\u0007\r\nX-Forged: 1";
    const rendered = renderExchange(
      withRequest({
        body: text("hi"),
        trailers: [
          ["X-Sum", "1"],
          ["A", hostile],
        ],
      }),
    );
    expect(rendered).toContain("hi\n\n(trailers)\nX-Sum: 1\nA: \\x1b]0;x\\x07\\x0d\\x0aX-Forged: 1\n\nHTTP/1.1 200 OK");
  });

  it("cannot drive the terminal, nor pretend to have more lines", () => {
    const hostile = "\u001b]0;x\u0007\u009b2J\r\nX-Forged: 1";
    const rendered = renderExchange(
      withRequest({ target: `/${hostile}`, headers: [["A", hostile]], body: text(`${hostile}\u202e\u2028`) }),
    );
    expect(rendered).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u202e]/);
    expect(rendered.split("\n").filter((line) => line.startsWith("X-Forged")).length).toBe(1);
    expect(rendered).toContain("\\x1b]0;x\\x07\\x9b2J\\x0d\\x0aX-Forged");
  });
});
