import { describe, expect, it } from "vitest";
import { compare, found, text } from "./answers.ts";

const html = (left: string, right: string) => found(text(left, "text/html"), text(right, "text/html"));

describe("HTML", () => {
  it.each([
    ["attribute order and quotes", '<a id=x class="b">t</a>', "<a class='b' id='x'>t</a>"],
    ["entities", "<p>a &amp; b&#x21;</p>", "<p>a &#38; b!</p>"],
    ["white space between and around", "<ul>\n  <li>a\n</li> </ul>", "<ul><li>a</li></ul>"],
    ["order of classes", '<p class="a b">x</p>', '<p class="b  a">x</p>'],
    ["comments and end tags left out", "<ul><li>a<!-- x --><li>b</ul>", "<ul><li>a</li><li>b</li></ul>"],
  ])("ignores %s", (_, left, right) => {
    expect(html(left, right)).toEqual([]);
  });

  it("reports one line for the same change in many places", () => {
    expect(html('<h1 id="a">A</h1><h2 id="b">B</h2><h2 id="c">C</h2>', "<h1>A</h1><h2>B</h2><h2>C</h2>")).toEqual([
      "h1@id markup.attribute presence present→absent",
      "h2@id markup.attribute presence present→absent",
    ]);
  });

  it("reports elements that came and went, without their neighbours", () => {
    expect(html("<p>a</p><p>b</p><p>c</p>", "<p>a</p><p>c</p>")).toEqual(["p markup.element presence present→absent"]);
    expect(html("<p>a</p>", "<p>a</p><hr>")).toEqual(["hr markup.element presence absent→present"]);
  });

  it("reports changed text and attributes at their element", () => {
    expect(html("<div><b>one text</b></div>", "<div><b>two texts</b></div>")).toEqual(["b/#text markup.text value value"]);
    expect(html('<img alt="A">', '<img alt="a">')).toEqual(["img@alt markup.attribute value case"]);
  });

  it("compares links by component", () => {
    expect(html('<a href="/users/17">x</a>', '<a href="/users/18">x</a>')).toEqual([]);
    expect(html('<a href="/users/17">x</a>', '<a href="/people/17">x</a>')).toEqual(["a@href markup.attribute value path"]);
  });

  it("keeps the white space of preformatted text", () => {
    expect(html("<pre>a  b</pre>", "<pre>a b</pre>")).toHaveLength(1);
  });

  it("compares whole pages with their head", () => {
    const page = (title: string) => `<!doctype html><html><head><title>${title}</title></head><body><p>x</p></body></html>`;
    expect(html(page("One page"), page("Another page"))).toEqual(["title/#text markup.text value value"]);
  });

  it("counts texts and attributes as leaves", () => {
    const [left, right] = [text('<p class="a">x</p><p>y</p>', "text/html"), text('<p class="a">x</p><p>z</p>', "text/html")];
    // Status and Content-Type, too.
    expect(compare(left, right).leaves).toEqual({ byValue: 5, byFormat: 0, untested: 0 });
  });
});
