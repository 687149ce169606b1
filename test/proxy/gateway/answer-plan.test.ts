/** What the client is sent for an answer, and which answers are not passed on. */

import { describe, expect, it } from "vitest";
import type { HeaderList } from "../../../model/exchange.ts";
import { type AnswerPlan, type AnswerSurroundings, planAnswer } from "../../../proxy/gateway/answer-plan.ts";

function plan(fields: HeaderList, surroundings: Partial<AnswerSurroundings & { status: number; version: string }> = {}): AnswerPlan {
  const { status = 200, version = "1.1", ...rest } = surroundings;
  return planAnswer({ status, version, fields }, { clientVersion: "1.1", isHead: false, isLast: false, ...rest });
}

const chunked: HeaderList = [
  ["Trailer", "Sum"],
  ["Transfer-Encoding", "chunked"],
];

describe("the plan for an answer", () => {
  it("removes what is meant for one connection, and what Connection names", () => {
    const fields: HeaderList = [
      ["Connection", "X-Hop"],
      ["X-Hop", "1"],
      ["Keep-Alive", "timeout=5"],
      ["Set-Cookie", "a"],
      ["Set-Cookie", "b"],
    ];
    expect(plan(fields)).toMatchObject({
      fields: [
        ["Set-Cookie", "a"],
        ["Set-Cookie", "b"],
        ["Via", "1.1 penumbra"],
      ],
    });
  });

  it.each([
    ["gzip", "1.1"],
    ["gzip, chunked", "1.1"],
    ["chunked", "1.0"],
  ])("does not pass on %s in HTTP/%s", (coding, version) => {
    expect(plan([["Transfer-Encoding", coding]], { version }).kind).toBe("unreadable");
  });

  it("does not pass on a status that is none", () => {
    expect(plan([], { status: 99 }).kind).toBe("unreadable");
  });

  it("announces trailers only where they can come", () => {
    expect(plan(chunked)).toMatchObject({
      takesTrailers: true,
      fields: [
        ["Trailer", "Sum"],
        ["Via", "1.1 penumbra"],
      ],
    });
    for (const other of [{ clientVersion: "1.0" }, { isHead: true }, { status: 204 }, { status: 304 }])
      expect(plan(chunked, other)).toMatchObject({ takesTrailers: false, fields: [["Via", "1.1 penumbra"]] });
  });

  it("gives a 204 no length and ends a connection that is drained", () => {
    expect(plan([["Content-Length", "0"]], { status: 204, isLast: true })).toMatchObject({
      fields: [
        ["Via", "1.1 penumbra"],
        ["Connection", "close"],
      ],
    });
  });
});
