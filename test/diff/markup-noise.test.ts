/** Pages with values that are new in every answer: what is still found beside them, and in them. */

import { describe, expect, it } from "vitest";
import type { Outcome } from "../../model/exchange.ts";
import { type Random, seededRandom } from "../../model/random.ts";
import type { Report } from "../../model/report.ts";
import { text } from "./compare/answers.ts";
import { judgeCases, metaOf, realFindings } from "./fabricate.ts";

type Page = (value: string, request: number) => string;

const hex = (random: Random, digits: number): string => Array.from({ length: digits }, () => random.below(16).toString(16)).join("");

/** A run in which each copy puts a value of its own into its pages.
 * @param candidate makes the candidate's pages */
function report(page: Page, candidate: Page, { type = "text/html", lanes = 40, requests = 240, copies = 1, control = page } = {}): Report {
  const random = seededRandom(5);
  const answer = (make: Page, request: number): Outcome => text(make(hex(random, 32), request), type);
  const cases = Array.from({ length: requests }, (_, i) => ({
    id: `${i}`,
    lane: `lane ${i % lanes}`,
    target: `/pages/${1000 + i}`,
    primary: answer(page, i),
    control: answer(control, i),
    candidate: answer(candidate, i),
    ...(copies > 1 ? { secondControl: answer(page, i) } : {}),
  }));
  const meta = metaOf({});
  return judgeCases(cases, copies > 1 ? { meta: { ...meta, targets: { ...meta.targets, controls: ["a", "b"] } } } : {});
}

const field = (name: string, value: string | number): string => `<input type="hidden" name="${name}" value="${value}">`;
const priced =
  (price: (request: number) => string): Page =>
  (value, request) =>
    `<p class="price">${price(request)}</p><p>request ${value}</p>`;

describe("a value that is noise", () => {
  it.each<[string, Page, Page, string]>([
    [
      "another field of the form",
      (token, n) => field("_csrf", token) + field("amount", 5 + n),
      (token) => field("_csrf", token) + field("amount", 0),
      "input[name=amount]@value",
    ],
    ["another paragraph", priced((n) => `${n} EUR`), priced(() => "Internal error"), "p.price/#text"],
  ])("does not hide %s", (_, page, candidate, path) => {
    const judged = report(page, candidate);
    expect(judged.verdict).toBe("fail");
    expect(realFindings(judged)).toMatchObject([{ path, state: "new" }]);
  });

  it("does not hide the element of that name under another one in XML", () => {
    const rates =
      (factor: number): Page =>
      (value, n) =>
        `<r><rate><amount>${value}</amount></rate><order><amount>${(n + 1) * factor}</amount></order></r>`;
    const judged = report(rates(1), rates(100), { type: "application/xml" });
    expect(realFindings(judged)).toMatchObject([{ path: "r/order/amount/#text", transition: "×100", state: "new" }]);
  });

  it.each([
    ["is empty", () => "", "hex 32→empty"],
    ["is the text of nothing", () => "[object Object]", "hex 32→text"],
    ["is shorter", (token: string) => token.slice(0, 16), "hex 32→hex 16"],
  ])("is a finding when it %s", (_, broken, transition) => {
    const page: Page = (token) => field("_csrf", token);
    const judged = report(page, (token) => page(broken(token), 0));
    expect(judged.verdict).toBe("fail");
    expect(realFindings(judged)).toMatchObject([{ path: "input[name=_csrf]@value", transition, state: "new" }]);
  });

  it("is a finding when it is gone", () => {
    const nonce = report(
      (value) => `<script nonce="${value}">f()</script>`,
      () => "<script>f()</script>",
    );
    expect(realFindings(nonce)).toMatchObject([{ path: "script@nonce", transition: "present→absent" }]);
    const shown = report(
      (value) => `<b>${value}</b>`,
      () => "<b></b>",
    );
    expect(realFindings(shown)).toMatchObject([{ path: "b/#text", transition: "present→absent" }]);
  });

  it("whose form is noise too is none by its form", () => {
    const page: Page = (value) => `<b>${value.startsWith("0") || value.startsWith("1") ? "none yet" : value}</b>`;
    const judged = report(page, page);
    expect(judged.verdict).toBe("pass");
    expect(realFindings(judged)).toEqual([]);
  });

  it("is one finding by its form beside a second control", () => {
    const judged = report(
      (value) => `<b>${value}</b>`,
      () => "<b>null</b>",
      { copies: 2 },
    );
    const [finding, ...others] = realFindings(judged);
    expect(finding).toMatchObject({ path: "b/#text", transition: "hex 32→text", state: "new" });
    expect([finding?.signatures.length, others]).toEqual([1, []]);
  });

  it("is told together where names turn out to be data", () => {
    const names = (request: number): string => `c${"aeiou"[request % 5]}r${"aeiou"[Math.floor(request / 5) % 5]}l`;
    const page: Page = (value, n) => `<div class="${names(n)}">${value}</div>`;
    const judged = report(page, page);
    expect(judged.findings).toMatchObject([{ path: "div/#text", state: "noise", count: 240 }]);
  });

  it("is no time that something took, unless a name says so", () => {
    const timed = (name: string, slower: number) => {
      const page =
        (more: number): Page =>
        (value) =>
          `<p class="${name}">${Number.parseInt(value.slice(0, 4), 16) + more}</p>`;
      return realFindings(report(page(0), page(slower))).map(({ severity }) => severity);
    };
    expect(timed("score", 20_000)).toEqual(["medium"]);
    expect(timed("elapsed", 20_000)).not.toContain("medium");
  });

  it("under one name takes what happens as rarely under another, and no more", () => {
    const stock =
      (name: string, isOther: (request: number) => boolean): Page =>
      (_, n) => {
        const names = ["lamp", "chair"].map((one) => `<td class="${one}">${one === name && isOther(n) ? "sold out" : "in stock"}</td>`);
        return `<table><tr>${names.join("")}</tr></table>`;
      };
    const judgedWith = (isOther: (request: number) => boolean) =>
      report(
        stock("", () => false),
        stock("chair", isOther),
        { control: stock("lamp", (n) => n === 7) },
      );
    expect(judgedWith((n) => n === 30).verdict).toBe("pass");
    expect(judgedWith((n) => n > 30 && n <= 37).verdict).toBe("inconclusive");
    expect(judgedWith((n) => n % 3 === 0).verdict).toBe("fail");
  });
});
