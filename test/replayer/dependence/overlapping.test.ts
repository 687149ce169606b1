import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { type Exchange, noBody } from "../../../model/exchange.ts";
import { epochMs, milliseconds } from "../../../model/units.ts";
import { type Sending, withoutFollowers } from "../../../replayer/dependence/overlapping.ts";
import { densePlan, type Plan, retimed, serialPlan } from "../../../replayer/dependence/plan.ts";
import { shellLines } from "../../../replayer/dependence/shell-lines.ts";
import { temporaryDirectories } from "../../recording/temporary-directory.ts";

const directory = temporaryDirectories();
const tookMs = milliseconds(20);
const causal: Sending = { order: "causal", writeScope: "segment" };

function exchange(id: string, at: number, method: string, target: string, bodyText?: string): Exchange {
  const body = bodyText === undefined ? noBody : ({ kind: "whole", bytes: new TextEncoder().encode(bodyText) } as const);
  return {
    ...{ id, at: epochMs(at), lane: `lane ${id}`, labels: {} },
    request: { method, target, version: "1.1", headers: [["Host", "bank"]], body },
    outcome: { kind: "answered", answer: { status: 200, reason: "OK", headers: [], body: noBody }, firstByteMs: tookMs, tookMs },
  };
}

const first = exchange("first", 0, "POST", "/accounts/7");
const second = exchange("second", 5, "POST", "/accounts/7");
const after = exchange("after", 100, "GET", "/accounts/7");
const elsewhere = exchange("elsewhere", 100, "GET", "/quotes/7");

const idsOf = (plan: Plan): string[][] => plan.map((group) => group.map(({ exchange: { id } }) => id));

describe("a plan as people read it", () => {
  it("sets apart what the order holds back until all before it are answered", () => {
    expect(idsOf(withoutFollowers(densePlan([first, second, after]), causal))).toEqual([["first", "second"], ["after"]]);
  });

  it("keeps together what nothing holds back, and what overlaps with anything before", () => {
    expect(idsOf(withoutFollowers(densePlan([first, second, elsewhere]), causal))).toEqual([["first", "second", "elsewhere"]]);
    expect(idsOf(withoutFollowers(densePlan([first, second, after, elsewhere]), causal))).toEqual([
      ["first", "second", "after", "elsewhere"],
    ]);
    expect(idsOf(withoutFollowers(densePlan([first, second, after]), { ...causal, order: "none" }))).toEqual([
      ["first", "second", "after"],
    ]);
    expect(idsOf(withoutFollowers(retimed([[first, second], [after]], milliseconds(13)), causal))).toEqual([
      ["first", "second"],
      ["after"],
    ]);
  });
});

describe("shell commands of a plan", () => {
  const base = "http://new:1";

  it("are one for each request of a serial plan", () => {
    expect(shellLines(serialPlan([first, after]), base)).toEqual([
      expect.stringMatching(/^curl .*-X POST .*http:\/\/new:1\/accounts\/7$/),
      expect.stringMatching(/^curl .*http:\/\/new:1\/accounts\/7$/),
    ]);
  });

  it("start what has to overlap at its distances, in a line that a shell runs overlapped", () => {
    const lines = shellLines(retimed([[first, second], [exchange("after", 100, "GET", "/after")]], milliseconds(13)), base);
    expect(lines).toHaveLength(2);
    expect(lines[0]).toMatch(/^\(curl .* & sleep 0\.013; curl .* & wait\)$/);
    // The first one ends only when the second one has begun; run one after the other they would stand still.
    const curl = `curl() {
      case "$*" in
        *after) echo after ;;
        *) if mkdir one 2>/dev/null; then until [ -e two ]; do sleep 0.01; done; else mkdir two; fi; echo write ;;
      esac
    }`;
    const output = execFileSync("sh", ["-c", [curl, ...lines].join("\n")], { cwd: directory(), timeout: 10_000, encoding: "utf8" });
    expect(output).toBe("write\nwrite\nafter\n");
  });

  it("keep bodies that need a pipe, and remarks, out of each other's way", () => {
    const binary = exchange("binary", 0, "POST", "/x", "\u0000binary");
    const withTrailers: Exchange = { ...second, request: { ...second.request, trailers: [["Sum", "1"]] } };
    const [line = ""] = shellLines(densePlan([binary, withTrailers]), base);
    expect(line).toMatch(
      /^# the trailers are left out: curl sends none\n\(printf .* \| base64 -d \| curl .* & sleep 0\.001; curl .* & wait\)$/,
    );
    execFileSync("sh", ["-nc", line]);
  });

  it("end where there are more than anybody pastes", () => {
    const many = Array.from({ length: 30 }, (_, index) => exchange(`e${index}`, index, "GET", `/${index}`));
    expect(shellLines(serialPlan(many), base)).toHaveLength(21);
    expect(shellLines(densePlan(many), base)).toEqual(["# more requests than can be shown: replay the recording"]);
    const long = exchange("long", 0, "POST", "/x", "y".repeat(5000));
    expect(shellLines(densePlan([long, second]), base)).toEqual(["# too long to show: penumbra inspect RECORDING long --curl"]);
  });
});
