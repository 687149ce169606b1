/** Knows which element of XML or HTML holds what another one names: the one behind, the one below, the cell under a head.
 *
 *    <key>password</key><string>S</string>                                    the next element
 *    <name>password</name><type/><value>S</value>                             a value among those that follow
 *    <property name="password"><value>S</value></property>                    a value directly below
 *    <tr><th>user</th><th>password</th></tr><tr><td>ann</td><td>S</td></tr>   a cell of the column
 *
 * Told of each tag once, from left to right. Tags that nobody closes shift what is below what, and so hide the relation. */

/** Elements whose text names what the next element holds: XML-RPC, property lists, tables, lists of definitions. */
const namingElements: ReadonlySet<string> = new Set(["name", "key", "th", "td", "dt"]);
const valueElements: ReadonlySet<string> = new Set(["value", "val", "string", "data", "integer", "td", "dd"]);
/** Those that are nothing but a value, so that others may stand between. */
const plainValues: ReadonlySet<string> = new Set(["value", "val"]);
const valuesBelow: ReadonlySet<string> = new Set(["value", "val", "string", "attributevalue"]);
/** They change how a name looks. A label or a link belongs to a form, code to a manual. */
const inlineElements: ReadonlySet<string> = new Set(["b", "strong", "i", "em", "u", "span", "font", "p", "div", "small"]);
const longestName = 256;

export class Neighbours {
  readonly #isName: (text: string) => boolean;
  #depth = 0;
  /** The element whose text may be a name, and its text so far. */
  #naming: { readonly local: string; text: string } | null = null;
  /** Behind an element that named a secret; how deep it stood. */
  #named: { readonly depth: number; isNext: boolean } | null = null;
  /** How deep it is in the element whose attribute names a secret. */
  #holder: number | null = null;
  #isFirstInEntry = false;
  readonly #columns = new Columns();

  /** @param isName of the text of an element */
  constructor(isName: (text: string) => boolean) {
    this.#isName = isName;
  }

  text(run: string): void {
    if (this.#naming !== null && this.#naming.text.length < longestName) this.#naming.text += run;
  }

  /** Whether the element holds what a neighbour named.
   * @param local its name in small letters, without a prefix */
  opened(local: string, isEmpty: boolean): boolean {
    const isNamed = this.#takesName(local, isEmpty);
    const isBelow = this.#holder === this.#depth && valuesBelow.has(local);
    const isInColumn = this.#columns.opened(local);
    if (isEmpty) return false;
    const names = namingElements.has(local) || (local === "string" && this.#isFirstInEntry);
    if (names) this.#naming = { local, text: "" };
    else if (!inlineElements.has(local)) this.#naming = null;
    this.#isFirstInEntry = local === "entry";
    this.#depth++;
    return isNamed || isBelow || isInColumn;
  }

  /** The element just opened has an attribute that names a secret. */
  holds(): void {
    this.#holder = this.#depth;
  }

  closed(local: string): void {
    this.#depth--;
    this.#isFirstInEntry = false;
    if (this.#named !== null && this.#depth < this.#named.depth) this.#named = null;
    if (this.#holder !== null && this.#depth < this.#holder) this.#holder = null;
    const isName = this.#naming?.local === local && this.#isName(this.#naming.text);
    if (this.#naming?.local === local) this.#naming = null;
    if (isName) this.#named = { depth: this.#depth, isNext: true };
    this.#columns.closed(local, isName);
  }

  /** What has no content lets the name wait. */
  #takesName(local: string, isEmpty: boolean): boolean {
    const named = this.#named;
    if (named === null || isEmpty) return false;
    const isSibling = named.depth === this.#depth;
    const takes = named.isNext ? valueElements.has(local) : isSibling && plainValues.has(local);
    if (takes || (isSibling && namingElements.has(local))) this.#named = null;
    named.isNext = false;
    return takes;
  }
}

/** The columns of a table whose first row is nothing but heads. */
class Columns {
  #secret: ReadonlySet<number> = new Set();
  /** Of the row that is open. */
  #heads = new Set<number>();
  #cells = 0;
  #hasData = false;

  opened(local: string): boolean {
    if (local === "tr" || local === "table") this.#nextRow();
    if (local === "table") this.#secret = new Set();
    if (local !== "td" && local !== "th") return false;
    const isData = local === "td";
    this.#hasData ||= isData;
    return this.#secret.has(this.#cells++) && isData;
  }

  closed(local: string, isName: boolean): void {
    if (local === "th" && isName) this.#heads.add(this.#cells - 1);
    if (local === "tr") this.#nextRow();
    if (local === "table") this.#secret = new Set();
  }

  #nextRow(): void {
    // One alone may be the title of what is below.
    if (!this.#hasData && this.#cells > 1) this.#secret = this.#heads;
    this.#heads = new Set();
    this.#cells = 0;
    this.#hasData = false;
  }
}
