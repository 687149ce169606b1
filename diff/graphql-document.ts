/** Reads as much of a GraphQL document as naming its operations takes: their kinds, names and outermost fields.
 *
 *    text ─► Lexer ─► tokens ─► Reader ─► operations        one pass, no recursion: no nesting can exhaust the stack
 *
 * GraphQL specification, October 2021, §2. */

export interface GraphqlOperation {
  readonly kind: "query" | "mutation" | "subscription";
  readonly name: string | null;
  /** Without their aliases, in order of appearance; spread fragments as `...Name`. */
  readonly fields: readonly string[];
}

/** Documents of clients have a few KiB; one so long is not read at all. */
const longestDocument = 256 * 1024;
const nameToken = /[_A-Za-z]\w*/y;
const numberToken = /-?\d[\w.+-]*/y;
const comment = /#[^\n\r]*/y;
const punctuators = "!$&():=@[]{|}";
const tripleQuote = '"""';

/** @returns the document's operations; null when it is none, holds no operation, is broken off, or is longer than 256 Ki characters */
export function readGraphql(document: string): readonly GraphqlOperation[] | null {
  if (document.length > longestDocument || !document.includes("{")) return null;
  const lexer = new Lexer(document);
  const reader = new Reader();
  for (;;) {
    const token = lexer.next();
    if (token.kind === "end") return reader.finished();
    if (token.kind === "fault" || !reader.take(token)) return null;
  }
}

type Token =
  | { readonly kind: "name"; readonly text: string }
  | { readonly kind: "punctuator"; readonly text: string }
  /** A number or a string. */
  | { readonly kind: "value" }
  | { readonly kind: "end" }
  | { readonly kind: "fault" };

const value: Token = { kind: "value" };
const end: Token = { kind: "end" };
const fault: Token = { kind: "fault" };

class Lexer {
  private readonly text: string;
  private position = 0;

  constructor(text: string) {
    this.text = text;
  }

  next(): Token {
    this.skipIgnored();
    const { text } = this;
    const start = this.position;
    const first = text.charAt(start);
    if (first === "") return end;
    if (punctuators.includes(first)) return this.punctuator(first);
    if (text.startsWith("...", start)) return this.punctuator("...");
    if (first === '"') return text.startsWith(tripleQuote, start) ? this.blockString() : this.string();
    if (this.skip(nameToken)) return { kind: "name", text: text.slice(start, this.position) };
    return this.skip(numberToken) ? value : fault;
  }

  /** White space, commas, the byte order mark, comments. */
  private skipIgnored(): void {
    for (;;) {
      const character = this.text.charAt(this.position);
      if (character === "#") this.skip(comment);
      else if (character !== "" && " \t\n\r,\uFEFF".includes(character)) this.position++;
      else return;
    }
  }

  private punctuator(text: string): Token {
    this.position += text.length;
    return { kind: "punctuator", text };
  }

  private skip(pattern: RegExp): boolean {
    pattern.lastIndex = this.position;
    const found = pattern.test(this.text);
    if (found) this.position = pattern.lastIndex;
    return found;
  }

  /** Ends at the next quote that is not escaped, in its line. */
  private string(): Token {
    for (let at = this.position + 1; at < this.text.length; at++) {
      const character = this.text.charAt(at);
      if (character === "\n" || character === "\r") return fault;
      if (character === "\\") at++;
      else if (character === '"') {
        this.position = at + 1;
        return value;
      }
    }
    return fault;
  }

  private blockString(): Token {
    let at = this.text.indexOf(tripleQuote, this.position + tripleQuote.length);
    while (at > 0 && this.text.charAt(at - 1) === "\\") at = this.text.indexOf(tripleQuote, at + tripleQuote.length);
    if (at < 0) return fault;
    this.position = at + tripleQuote.length;
    return value;
  }
}

interface OpenDefinition {
  readonly kind: GraphqlOperation["kind"] | "fragment";
  name: string | null;
  readonly fields: string[];
}

const closings: Readonly<Record<string, string>> = { "(": ")", "[": "]", "{": "}" };

/** What the tokens so far were about. */
class Reader {
  private readonly operations: GraphqlOperation[] = [];
  /** The definition that is being read; null between two. */
  private open: OpenDefinition | null = null;
  /** Selections that are open. */
  private depth = 0;
  /** What closes the arguments, variables and types that are open; braces within them are values. */
  private readonly enclosing: string[] = [];
  /** The punctuator before this token, or the `on` of a fragment. */
  private before = "";

  /** @returns false when this cannot be an executable document */
  take(token: Token): boolean {
    const { before } = this;
    const punctuator = token.kind === "punctuator" ? token.text : "";
    this.before = punctuator;
    if (this.enclosing.length > 0 || punctuator === "(" || punctuator === "[") return this.takeEnclosed(punctuator);
    if (punctuator === "{") return this.takeOpening();
    if (punctuator === "}") return this.takeClosing();
    if (token.kind === "name") return this.takeName(token.text, before);
    return this.open !== null && punctuator !== ")" && punctuator !== "]";
  }

  finished(): readonly GraphqlOperation[] | null {
    return this.open === null && this.operations.length > 0 ? this.operations : null;
  }

  private takeEnclosed(punctuator: string): boolean {
    const closing = closings[punctuator];
    if (closing !== undefined) this.enclosing.push(closing);
    else if (Object.values(closings).includes(punctuator)) return this.enclosing.pop() === punctuator;
    return this.open !== null;
  }

  private takeOpening(): boolean {
    this.open ??= { kind: "query", name: null, fields: [] };
    this.depth++;
    return true;
  }

  private takeClosing(): boolean {
    const { open } = this;
    if (open === null || this.depth === 0) return false;
    this.depth--;
    if (this.depth > 0) return true;
    const { kind, name, fields } = open;
    if (kind !== "fragment") this.operations.push({ kind, name, fields });
    this.open = null;
    return true;
  }

  private takeName(name: string, before: string): boolean {
    if (this.open === null) {
      if (name !== "query" && name !== "mutation" && name !== "subscription" && name !== "fragment") return false;
      this.open = { kind: name, name: null, fields: [] };
    } else if (before === "..." && name === "on") this.before = "on";
    else if (before === "@" || before === "on") return true;
    else if (this.depth === 0) this.open.name ??= name;
    else if (this.depth === 1) takeField(this.open.fields, name, before);
    return true;
  }
}

function takeField(fields: string[], name: string, before: string): void {
  // Behind a colon stands the field; what was taken for one was its alias.
  if (before === ":") fields.pop();
  fields.push(before === "..." ? `...${name}` : name);
}
