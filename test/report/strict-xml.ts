/** A small strict reader of XML 1.0 without DTDs: enough to prove that a document is well-formed. It throws
 * on the first character that a conforming parser would refuse. */

export interface XmlElement {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly XmlElement[];
  readonly text: string;
}

const illegal = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u;
const startTag = /^<([A-Za-z_][\w.-]*)((?:\s+[A-Za-z_][\w.-]*="[^"<]*")*)\s*(\/?)>/;
const endTag = /^<\/([A-Za-z_][\w.-]*)\s*>/;
const declaration = '<?xml version="1.0" encoding="UTF-8"?>\n';
const named: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

interface OpenElement {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: XmlElement[];
  text: string;
}

export function parseStrictXml(source: string): XmlElement {
  if (!source.startsWith(declaration)) throw new Error("no XML declaration");
  const bad = illegal.exec(source);
  if (bad !== null) throw new Error(`illegal character at ${bad.index}`);
  const root: OpenElement = { name: "", attributes: new Map(), children: [], text: "" };
  const open: OpenElement[] = [root];
  let position = declaration.length;
  while (position < source.length) {
    const current = open.at(-1) ?? root;
    if (source[position] !== "<") {
      const end = source.indexOf("<", position);
      const text = source.slice(position, end === -1 ? source.length : end);
      if (text.includes("]]>")) throw new Error("]]> in character data");
      current.text += unescaped(text);
      position += text.length;
      continue;
    }
    const rest = source.slice(position, position + 200_000);
    const end = endTag.exec(rest);
    if (end !== null) {
      if (current.name !== end[1] || open.length === 1) throw new Error(`</${end[1]}> closes <${current.name}>`);
      open.pop();
      (open.at(-1) ?? root).children.push(current);
      position += end[0].length;
      continue;
    }
    const start = startTag.exec(rest);
    if (start === null) throw new Error(`malformed tag: ${rest.slice(0, 80)}`);
    const element: OpenElement = { name: start[1] ?? "", attributes: attributesOf(start[2] ?? ""), children: [], text: "" };
    if (start[3] === "/") current.children.push(element);
    else open.push(element);
    position += start[0].length;
  }
  const [only, ...others] = root.children;
  if (open.length !== 1 || only === undefined || others.length > 0 || root.text.trim() !== "")
    throw new Error("not one closed root element");
  return only;
}

function attributesOf(source: string): Map<string, string> {
  const attributes = new Map<string, string>();
  for (const [, name = "", value = ""] of source.matchAll(/([A-Za-z_][\w.-]*)="([^"]*)"/g)) {
    if (attributes.has(name)) throw new Error(`attribute ${name} twice`);
    attributes.set(name, unescaped(value));
  }
  return attributes;
}

function unescaped(text: string): string {
  if (/&(?!(?:amp|lt|gt|quot|apos|#\d+|#x[0-9a-f]+);)/.test(text)) throw new Error(`bare & in ${text.slice(0, 80)}`);
  return text.replace(/&(?:(amp|lt|gt|quot|apos)|#(\d+));/g, (_, name: string | undefined, code: string | undefined) =>
    name === undefined ? String.fromCodePoint(Number(code)) : (named[name] ?? ""),
  );
}

/** Every element with this name, in document order. */
export function elementsNamed(element: XmlElement, name: string): XmlElement[] {
  const below = element.children.flatMap((child) => elementsNamed(child, name));
  return element.name === name ? [element, ...below] : below;
}
