/** As much of a browser as the page's script uses, and no more: it has no innerHTML, so a script that built markup
 * from strings would fail here. */

export type FakeEvent = { readonly key?: string; readonly target?: FakeNode; preventDefault(): void } & Record<string, unknown>;
type Listener = (event: FakeEvent) => void;

export class FakeNode {
  readonly tag: string;
  readonly attributes: Map<string, string> = new Map();
  readonly style: Record<string, string> = {};
  readonly listeners: Map<string, Listener[]> = new Map();
  children: FakeNode[] = [];
  parent: FakeNode | null = null;
  text = "";
  value = "";
  readonly owner: FakeDocument;

  constructor(owner: FakeDocument, tag: string) {
    this.owner = owner;
    this.tag = tag;
  }

  get id(): string {
    return this.attributes.get("id") ?? "";
  }
  get hidden(): boolean {
    return this.attributes.has("hidden");
  }
  set hidden(hidden: boolean) {
    this.flag("hidden", hidden);
  }
  get open(): boolean {
    return this.attributes.has("open");
  }
  set open(open: boolean) {
    this.flag("open", open);
  }
  get textContent(): string {
    return this.tag === "#text" ? this.text : this.children.map((child) => child.textContent).join("");
  }
  set textContent(text: string) {
    this.replaceChildren(this.owner.createTextNode(text));
  }
  get classList(): { toggle(name: string, on: boolean): void } {
    return { toggle: (name, on) => this.flag(`class:${name}`, on) };
  }
  setAttribute(name: string, value: string): void {
    if (/^on/i.test(name)) throw new Error(`event handler attribute ${name}`);
    this.attributes.set(name, value);
  }
  addEventListener(event: string, listener: Listener): void {
    this.listeners.set(event, [...(this.listeners.get(event) ?? []), listener]);
  }
  append(...nodes: FakeNode[]): void {
    for (const node of nodes) {
      if (!(node instanceof FakeNode)) throw new Error("only nodes are appended");
      node.parent = this;
      this.children.push(node);
    }
  }
  replaceChildren(...nodes: FakeNode[]): void {
    this.children = [];
    this.append(...nodes);
  }
  replaceWith(...nodes: FakeNode[]): void {
    const siblings = this.parent?.children ?? [];
    siblings.splice(siblings.indexOf(this), 1, ...nodes);
    for (const node of nodes) node.parent = this.parent;
  }
  remove(): void {
    this.replaceWith();
  }
  contains(other: FakeNode | null): boolean {
    return other !== null && (other === this || this.contains(other.parent));
  }
  focus(): void {
    this.owner.activeElement = this;
  }
  blur(): void {
    this.owner.activeElement = null;
  }
  scrollIntoView(): void {
    // Nothing scrolls here.
  }
  click(): void {
    this.dispatch("click");
  }
  dispatch(event: string, details: Record<string, unknown> = {}): void {
    for (const listener of this.listeners.get(event) ?? []) listener({ target: this, preventDefault: () => undefined, ...details });
  }
  /** Every node below with this tag, or with this class as `.name`. */
  all(selector: string): FakeNode[] {
    const hit = selector.startsWith(".")
      ? (this.attributes.get("class") ?? "").split(" ").includes(selector.slice(1))
      : this.tag === selector;
    return [...(hit ? [this] : []), ...this.children.flatMap((child) => child.all(selector))];
  }
  private flag(name: string, on: boolean): void {
    if (on) this.attributes.set(name, "");
    else this.attributes.delete(name);
  }
}

export class FakeDocument {
  activeElement: FakeNode | null = null;
  readonly body: FakeNode;
  readonly listeners: Map<string, Listener[]> = new Map();

  constructor(data: string) {
    this.body = new FakeNode(this, "body");
    const block = this.createElement("script");
    block.setAttribute("id", "data");
    block.append(this.createTextNode(data));
    const page = this.createElement("div");
    page.setAttribute("id", "page");
    this.body.append(page, block);
  }
  createElement(tag: string): FakeNode {
    return new FakeNode(this, tag);
  }
  createTextNode(text: string): FakeNode {
    const node = new FakeNode(this, "#text");
    node.text = text;
    return node;
  }
  getElementById(id: string): FakeNode | null {
    const find = (node: FakeNode): FakeNode | undefined =>
      node.id === id ? node : node.children.map(find).find((found) => found !== undefined);
    return find(this.body) ?? null;
  }
  addEventListener(event: string, listener: Listener): void {
    this.listeners.set(event, [...(this.listeners.get(event) ?? []), listener]);
  }
  /** A key pressed where the focus is. */
  press(key: string): void {
    const target = this.activeElement ?? this.body;
    for (const listener of this.listeners.get("keydown") ?? []) listener({ key, target, preventDefault: () => undefined });
  }
}
