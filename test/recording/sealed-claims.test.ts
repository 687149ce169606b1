import { describe, expect, it } from "vitest";
import type { Exchange } from "../../model/exchange.ts";
import { Redactor } from "../../recording/redaction.ts";
import { sealedClaimsOf } from "../../recording/sealed-claims.ts";
import { plainExchange } from "./examples.ts";

const key = new Uint8Array(32).fill(7);
const redactor = new Redactor({ key, mode: "token" });
const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");
const jwt = `${part({ alg: "HS256" })}.${part({ sub: "alice@shop.test", desk: "8a1b-22c0", level: 3, exp: 1_795_702_479, roles: ["x"] })}.c2ln`;

/** Answers with the token in its body; asks with it as well. */
function exchangeWith(body: string): Exchange {
  const exchange = plainExchange({});
  const headers = [
    ["Content-Type", "application/json"],
    ["Authorization", `Bearer ${jwt}`],
  ] as const;
  const answer = { status: 200, reason: "", headers: [headers[0]], body: { kind: "whole", bytes: Buffer.from(body) } } as const;
  const { outcome } = exchange;
  return {
    ...exchange,
    request: { ...exchange.request, headers },
    outcome: outcome.kind === "answered" ? { ...outcome, answer } : outcome,
  };
}

describe("the claims of a JSON Web Token that was replaced in an answer", () => {
  const redacted = redactor.exchange(exchangeWith(JSON.stringify({ access_token: jwt })));

  it("are kept as the tokens of their values, without times and without what is no plain value", () => {
    expect(sealedClaimsOf(redacted)).toEqual({
      [redactor.tokenOf(jwt)]: {
        sub: redactor.tokenOf("alice@shop.test"),
        desk: redactor.tokenOf("8a1b-22c0"),
        level: redactor.tokenOf("3"),
      },
    });
    expect(redactor.tokenOf("8a1b-22c0")).toMatch(/^tok_[\w-]{22}$/);
  });

  it("cannot be read", () => {
    expect(JSON.stringify(redacted)).not.toMatch(/alice|8a1b|eyJ/);
  });

  it("stay when the exchange is redacted again", () => {
    expect(redactor.exchange(redacted)).toEqual(redacted);
  });

  it("are not kept where the answer holds none, secrets are not kept apart, or nothing is redacted", () => {
    expect(sealedClaimsOf(redactor.exchange(exchangeWith("{}")))).toEqual({});
    for (const mode of ["mask", "drop", "off"] as const) {
      expect(sealedClaimsOf(new Redactor({ key, mode }).exchange(exchangeWith(JSON.stringify({ token: jwt }))))).toEqual({});
    }
    expect(new Redactor({ key, mode: "mask" }).tokenOf("8a1b-22c0")).toBe("8a1b-22c0");
  });

  it.each([{ claims: 1 }, { claims: { tok: 1 } }, { claims: { tok: { a: 1 } } }, {}])("are none in %j", (extra) => {
    expect(sealedClaimsOf({ ...redacted, extra })).toEqual({});
  });
});
