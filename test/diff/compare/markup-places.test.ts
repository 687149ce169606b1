/** What places in pages and XML are called: by names that are there on every page, and never by data. */

import { describe, expect, it } from "vitest";
import { spellingsOf } from "../../../diff/compare/markup-places.ts";
import { compare, text } from "./answers.ts";

function paths(left: string, right: string, type = "text/html"): string[] {
  return compare(text(left, type), text(right, type)).differences.map(({ path }) => path);
}

/** The place of a text that differs. */
function placeOf(page: (value: string) => string, type?: string): string[] {
  return paths(page("one text"), page("two texts"), type);
}

describe("places in pages", () => {
  it.each([
    ["a field by its name", '<input name="_csrf" value="$">', "input[name=_csrf]@value"],
    ["a field of one of many things", '<input name="items[3][note]" value="$">', "input[name=items[*][note]]@value"],
    ["what the head says", '<meta property="og:title" content="$">', "meta[property=og:title]@content"],
    ["an item property", '<span itemprop="price">$</span>', "span[itemprop=price]/#text"],
    ["a thing there is one of", "<div id=balance>$</div>", "div#balance/#text"],
    ["a class", '<span class="price">$</span>', "span.price/#text"],
    ["the first class that is a name", '<b class="active p-4 mb-2 total">$</b>', "b.total/#text"],
    ["a class within something with a name", "<div id=cart><i><b class=total>$</b></i></div>", "div#cart/b.total/#text"],
    ["no name of its own", "<div class=cart><b>$</b></div>", "div.cart/b/#text"],
    ["nothing near that has one", "<main id=m><i><i><i><i><i><b>$</b></i></i></i></i></i></main>", "b/#text"],
    ["a column of a table", "<table><tr><td>x</td><td>y</td><td>$</td></tr></table>", "td[3]/#text"],
  ])("are told by %s", (_, page, path) => {
    expect(placeOf((value) => page.replace("$", value))).toEqual([path]);
  });

  it.each([
    ["ids of things", "<div id=order-4711>$</div>"],
    ["random ids", "<div id=k3f9Qz81bXw0>$</div>"],
    ["classes that a build makes", '<div class="sc-bdVaJa">$</div>'],
    ["hashes of style sheets", '<div class="card__xKzQp css-1q2w3e">$</div>'],
    ["states of the day", '<div class="active">$</div>'],
    ["random field names", '<div itemprop="f_8c1e02d9a7b34c55">$</div>'],
  ])("are not told by %s", (_, page) => {
    expect(placeOf((value) => page.replace("$", value))).toEqual(["div/#text"]);
  });

  it("are not told by headings' ids, which say what the heading says", () => {
    expect(placeOf((value) => `<h2 id="opening-hours">${value}</h2>`)).toEqual(["h2/#text"]);
  });

  it("do not depend on what is compared: the left side's names count", () => {
    expect(paths('<b class="price">one text</b>', '<b class="cost">two texts</b>')).toEqual(["b@class", "b.price/#text"]);
  });

  it("belong together by name first, so that a field that is gone takes nothing from the others", () => {
    const field = (name: string, value: string) => `<input name=${name} value="${value}">`;
    const left = field("token", "one") + field("amount", "12") + field("currency", "EUR");
    const right = field("token", "two") + field("currency", "USD");
    expect(paths(left, right)).toEqual(["input[name=amount]", "input[name=token]@value", "input[name=currency]@value"]);
  });
});

describe("places in XML", () => {
  it("are told by the two elements around", () => {
    const page = (value: string) => `<e><Body><order><amount a="${value}">${value}</amount></order></Body></e>`;
    expect(placeOf(page, "application/xml")).toEqual(["Body/order/amount@a", "Body/order/amount/#text"]);
  });

  it("are not told by elements that are named after data", () => {
    const page = (value: string) => `<days><f81d4fae-7dec-11d0-a765-00a0c91e6bf6>${value}</f81d4fae-7dec-11d0-a765-00a0c91e6bf6></days>`;
    expect(placeOf(page, "application/xml")).toEqual(["days/*/#text"]);
  });
});

describe("rules", () => {
  it.each([
    ["div#cart/b.total/#text", ["div#cart/b.total/#text", "b.total/#text", "b/#text"]],
    ["input[name=items[*][note]]@value", ["input[name=items[*][note]]@value", "input[name=items[*][note]]@value", "input@value"]],
    ["Body/order/amount@a", ["Body/order/amount@a", "amount@a", "amount@a"]],
    ["td[3]/#text", ["td[3]/#text", "td[3]/#text", "td/#text"]],
    ["/json/pointer", ["/json/pointer", "pointer", "pointer"]],
  ])("may write %s in full, without what is around it, or bare", (path, spellings) => {
    expect(spellingsOf(path)).toEqual(spellings);
  });
});
