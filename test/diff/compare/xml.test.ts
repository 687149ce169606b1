import { describe, expect, it } from "vitest";
import { compare, found, raw, text, uuid } from "./answers.ts";

const xml = (left: string, right: string, type = "application/xml") => found(text(left, type), text(right, type));

describe("XML", () => {
  it.each([
    ["attribute order and quotes", '<a x="1" y="2"/>', "<a y='2' x='1'></a>"],
    ["entities and CDATA", "<a>x &lt; y</a>", "<a><![CDATA[x < y]]></a>"],
    ["comments, instructions and the declaration", '<?xml version="1.0"?><a><!-- x --><b/><?pi y?></a>', "<a><b/></a>"],
    ["white space between elements", "<a>\n  <b>1</b>\n  <c/>\n</a>", "<a><b>1</b><c/></a>"],
    ["prefixes", '<s:a xmlns:s="urn:x"><s:b s:c="1"/></s:a>', '<a xmlns="urn:x" xmlns:t="urn:x"><b t:c="1"/></a>'],
  ])("ignores %s", (_, left, right) => {
    expect(xml(left, right)).toEqual([]);
  });

  it("reports elements, attributes and texts that differ", () => {
    expect(xml("<a><b>1</b><c/></a>", "<a><b>2</b></a>")).toEqual([
      "a/c markup.element presence present→absent",
      "a/b/#text markup.text value value",
    ]);
    expect(xml('<a b="x"/>', '<a c="x"/>')).toEqual([
      "a@b markup.attribute presence present→absent",
      "a@c markup.attribute presence absent→present",
    ]);
    expect(xml("<a><b>1</b></a>", "<a><b>one</b></a>")).toEqual(["a/b/#text markup.text format integer→text"]);
  });

  it("keeps the white space of texts and the case of names", () => {
    expect(xml("<a> x</a>", "<a>x</a>")).toEqual(["a/#text markup.text value trim"]);
    expect(xml("<a>  </a>", "<a/>")).toEqual(["a/#text markup.text presence present→absent"]);
    expect(xml("<a><B/></a>", "<a><b/></a>")).toEqual([
      "a/B markup.element presence present→absent",
      "a/b markup.element presence absent→present",
    ]);
  });

  it("tells namespaces, and attributes of one name in two of them", () => {
    expect(xml('<a xmlns="urn:x"/>', '<a xmlns="urn:y"/>')).toEqual(["a@xmlns markup.attribute value value"]);
    expect(xml('<a xmlns:x="urn:x" x:b="1" b="2"/>', '<a xmlns:x="urn:x" x:b="2" b="1"/>')).toEqual([
      "a@{urn:x}b markup.attribute value value",
      "a@b markup.attribute value value",
    ]);
    expect(
      xml('<a xmlns:x="urn:x"><x:b xmlns:x="urn:y"/><x:b/></a>', '<a xmlns:x="urn:x"><x:b xmlns:x="urn:y"/><x:b xmlns:x="urn:y"/></a>'),
    ).toEqual(["a/b@xmlns markup.attribute value value"]);
  });

  it("follows ids that are renamed consistently, and finds the one that is not", () => {
    const orders = (user: number, owner: number) =>
      `<shop><user><id>${uuid(user)}</id></user><order userId="${uuid(owner)}"><ref>${uuid(user)}</ref></order></shop>`;
    expect(xml(orders(1, 1), orders(2, 2))).toEqual([]);
    expect(xml(orders(1, 1), orders(2, 3))).toEqual(["shop/order@userId markup.attribute value reference"]);
    const counted = (user: number, owner: number) => `<users><user><id>${user}</id></user><post userId="${owner}"/></users>`;
    expect(xml(counted(1, 1), counted(2, 2))).toEqual([]);
    expect(xml(counted(1, 1), counted(2, 3))).toEqual(["users/post@userId markup.attribute value reference"]);
  });

  it("is read in the charset of its declaration, media type or byte order mark", () => {
    const latin = (declared: string) => raw(Buffer.from(`${declared}<a>\u00e9</a>`, "latin1"), { "content-type": "application/xml" });
    const utf8 = text("<a>\u00e9</a>", "application/xml");
    expect(found(latin('<?xml version="1.0" encoding="ISO-8859-1"?>'), utf8)).toEqual([]);
    expect(found(latin(""), utf8)).toHaveLength(1);
    const wide = raw(Buffer.from("\ufeff<a>\u00e9</a>", "utf16le"), { "content-type": "application/xml" });
    expect(found(wide, utf8)).toEqual([]);
  });

  it("is told by its media type, suffix, or first characters", () => {
    expect(xml('<a x="1" y="2"/>', '<a y="2" x="1"/>', "text/xml")).toEqual([]);
    expect(xml('<a x="1" y="2"/>', '<a y="2" x="1"/>', "image/svg+xml")).toEqual([]);
    const untyped = (body: string) => raw(`<?xml version="1.0"?>${body}`, { "content-type": null });
    expect(found(untyped('<a x="1" y="2"/>'), untyped('<a y="2" x="1"/>'))).toEqual([]);
  });

  it("that is malformed is reported, and compared as text when both sides are", () => {
    expect(xml("<a/>", "<a>")).toEqual(["body.unparseable value parsed→invalid"]);
    expect(xml("<a>x", "<a>y")).toEqual(["text.line value line"]);
  });

  it("never reads or expands entities of a DTD", () => {
    const dtd = (definitions: string, use: string) => `<!DOCTYPE a [${definitions}]><a>${use}</a>`;
    const file = dtd('<!ENTITY x SYSTEM "file:///etc/passwd">', "&x;");
    const texts = (left: string, right: string): unknown[] =>
      compare(text(left, "application/xml"), text(right, "application/xml")).differences.filter(({ kind }) => kind === "markup.text");
    expect(texts(file, "<a>other</a>")).toMatchObject([{ from: "&x;" }]);
    const laughs = Array.from({ length: 20 }, (_, n) => `<!ENTITY l${n + 1} "${`&l${n};`.repeat(10)}">`).join("");
    const bomb = dtd(`<!ENTITY l0 "lol">${laughs}`, "&l20;");
    expect(texts(bomb, "<a>other</a>")).toMatchObject([{ from: "&l20;" }]);
  });

  it("compares what the entities stand for that a document declares", () => {
    const dtd = (definitions: string) => `<!DOCTYPE a [${definitions}]><a>&x;</a>`;
    expect(xml(dtd('<!ENTITY x "one">'), dtd('<!ENTITY x "two">'))).toEqual(["!DOCTYPE@x markup.attribute value one→two"]);
    expect(xml(dtd('<!ENTITY x SYSTEM "a.txt">'), dtd('<!ENTITY x SYSTEM "b.txt">'))).toHaveLength(1);
    expect(xml(dtd('<!ENTITY x "one">'), "<a>&x;</a>")).toEqual(["!DOCTYPE markup.element presence present→absent"]);
    expect(xml(dtd('<!ENTITY x "one"><!ENTITY y "1">'), dtd("<!ENTITY y '1'>\n<!ENTITY x 'one'><!ENTITY x 'late'>"))).toEqual([]);
    expect(xml("<!DOCTYPE a><a/>", "<a/>")).toEqual([]);
  });

  it("beyond the bounds is untested", { timeout: 60_000 }, () => {
    const deep = (inner: string) => text("<a>".repeat(600) + inner + "</a>".repeat(600), "application/xml");
    for (const answer of [deep, (inner: string) => text(`<a>${"<b/>".repeat(200_001)}${inner}</a>`, "application/xml")]) {
      const { differences, leaves } = compare(answer("x"), answer("y"));
      expect(differences.map(({ kind, transition }) => `${kind} ${transition}`)).toEqual(["body.opaque over-limit"]);
      expect(leaves.untested).toBe(1);
    }
    // What hides its depth, or has no end.
    for (const unit of ["<a>/>", "<a b='/>'>", "<!--", "<![CDATA[", "<?", "<a '", "<!", "</"]) {
      expect(xml(`${unit.repeat(100_000)}x`, `${unit.repeat(100_000)}y`)).toHaveLength(1);
    }
    const scopes = (last: string) =>
      `<a ${Array.from({ length: 20_000 }, (_, n) => `xmlns:p${n}="u"`).join(" ")}>${'<b xmlns:q="v"/>'.repeat(20_000)}${last}</a>`;
    expect(xml(scopes("x"), scopes("y"))).toEqual(["a/#text markup.text value x→y"]);
  });
});
