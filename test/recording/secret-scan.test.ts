/** What looks like a secret in what was stored, and what only looks so. */

import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import type { Answer } from "../../model/exchange.ts";
import { milliseconds } from "../../model/units.ts";
import { SecretScan, suspectsIn } from "../../recording/secret-scan.ts";
import { plainExchange, text } from "./examples.ts";

/** Put together here, so that no scanner takes this file for a leak. */
const made = (...parts: readonly string[]): string => parts.join("");
const jwt = ["eyJhbGciOiJIUzI1NiJ9", "eyJzdWIiOiIxMjM0NTY3ODkwIn0", "dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U"].join(".");
const letters = "abcdefghijklmnopqrstuvwxyz0123456789";

describe("suspectsIn", () => {
  it.each([
    ["JSON Web Token", `note: ${jwt}`],
    ["private key", ["-----BEGIN RSA", "PRIVATE KEY-----"].join(" ")],
    ["access key", made("id=AK", "IAIOSFODNN7EXAMPLE")],
    ["access key", made("gh", `p_${letters}`)],
    ["access key", made("xo", "xb-123456789012-abcdef")],
    ["access key", made("sk", "_live_", letters.slice(0, 24))],
    ["payment card number", "card 4111 1111 1111 1111 of Jo"],
    ["payment card number", '{"pan":"5555555555554444"}'],
    ["payment card number", "378282246310005"],
    ["e-mail address", "to: jo.smith+shop@mail.acme.co.uk"],
  ])("finds a %s", (kind, stored) => expect(suspectsIn(stored)).toEqual([kind]));

  it.each([
    "4111 1111 1111 1112",
    "1732617600000 1732617600123",
    "id 9007199254740993",
    "3.4111111111111111",
    "tok_abcdefghijklmnopqrstuv",
    "jo@example.com and jo@host",
    "eyJ alone",
    "AKIA",
    "550e8400-e29b-41d4-a716-446655440000",
  ])("finds nothing in %s", (stored) => expect(suspectsIn(stored)).toEqual([]));

  it("counts each", () => expect(suspectsIn("a@b.de, c@d.fr; a@b.de")).toHaveLength(3));

  it("takes no longer than the text is long", () => {
    // Each would take hours if its time grew with the square.
    for (const piece of ["a", "1", "1 ", "a.", "a@", "eyJ", "eyJaaaaaaaa.", "a@b.", "%40"])
      expect(suspectsIn(piece.repeat(200_000))).toBeDefined();
  });
});

describe("SecretScan", () => {
  it("says where and how often, most first, and never what", () => {
    const scan = new SecretScan();
    const mail = "jo@acme.com";
    for (const id of ["x1", "x2"]) {
      const { request } = plainExchange();
      const answer: Answer = {
        status: 200,
        reason: "",
        headers: [
          ["Content-Encoding", "gzip"],
          ["X-Note", jwt],
        ],
        body: { kind: "whole", bytes: gzipSync(`<p>${mail}, ${mail}`) },
      };
      scan.add(
        plainExchange({
          id,
          request: { ...request, method: "POST", target: "/find?q=jo%40acme.com", body: text("4111111111111111") },
          outcome: { kind: "answered", answer, firstByteMs: milliseconds(1), tookMs: milliseconds(1) },
        }),
      );
    }
    expect(scan.suspects()).toEqual([
      { kind: "e-mail address", place: "answer body", count: 4, exchange: "x1" },
      { kind: "JSON Web Token", place: "answer header x-note", count: 2, exchange: "x1" },
      { kind: "payment card number", place: "request body", count: 2, exchange: "x1" },
      { kind: "e-mail address", place: "request target", count: 2, exchange: "x1" },
    ]);
  });
});
