/** Reads JSON values that others wrote, field by field, with complaints that name the place:
 * "request.method must be a string". The one place where `unknown` becomes a type. */

/** What is wrong with a value; the codec that reads lines adds the line number and the way out. */
export class FormError extends Error {
  override readonly name = "FormError";
}

export type JsonObject = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** One JSON object; own properties only, so that a missing field is never found on a prototype. */
export class Fields {
  readonly #object: JsonObject;
  readonly #path: string;

  /** @throws FormError when `value` is no object */
  constructor(value: unknown, path: string) {
    if (!isObject(value)) throw new FormError(`${path === "" ? "it" : path} must be an object, not ${nameOf(value)}`);
    this.#object = value;
    this.#path = path;
  }

  has(name: string): boolean {
    return Object.hasOwn(this.#object, name);
  }

  names(): readonly string[] {
    return Object.keys(this.#object);
  }

  /** Undefined when absent. */
  raw(name: string): unknown {
    return this.has(name) ? this.#object[name] : undefined;
  }

  pathOf(name: string): string {
    return this.#path === "" ? name : `${this.#path}.${name}`;
  }

  fail(name: string, wanted: string): never {
    const found = this.has(name) ? `${wanted}, not ${nameOf(this.#object[name])}` : `${wanted}; it is missing`;
    throw new FormError(`${this.pathOf(name)} must be ${found}`);
  }

  /** For a value of the right type that is not as wanted. */
  unfit(name: string, wanted: string): never {
    throw new FormError(`${this.pathOf(name)} must be ${wanted}`);
  }

  string(name: string, fallback?: string): string {
    const value = this.has(name) ? this.#object[name] : fallback;
    return typeof value === "string" ? value : this.fail(name, "a string");
  }

  /** A string without lone surrogates, so that any store can hold it. */
  text(name: string): string {
    const value = this.string(name);
    return value.isWellFormed() ? value : this.unfit(name, "well-formed Unicode");
  }

  /** A string whose characters are bytes (Latin-1), as on the wire. */
  latin1(name: string, fallback?: string): string {
    const value = this.string(name, fallback);
    return isLatin1(value) ? value : this.unfit(name, "Latin-1 (one character a byte)");
  }

  boolean(name: string): boolean {
    const value = this.raw(name);
    return typeof value === "boolean" ? value : this.fail(name, "true or false");
  }

  number(name: string, fallback?: number): number {
    const value = this.has(name) ? this.#object[name] : fallback;
    return typeof value === "number" && Number.isFinite(value) ? value : this.fail(name, "a number");
  }

  /** A number ≥ 0. */
  span(name: string, fallback?: number): number {
    const value = this.number(name, fallback);
    return value >= 0 ? value : this.unfit(name, "a number ≥ 0");
  }

  /** An integer ≥ 0. */
  count(name: string, fallback?: number): number {
    const value = this.number(name, fallback);
    return Number.isSafeInteger(value) && value >= 0 ? value : this.unfit(name, "an integer ≥ 0");
  }

  array(name: string): readonly unknown[] {
    const value = this.raw(name);
    return Array.isArray(value) ? value : this.fail(name, "an array");
  }

  object(name: string): Fields {
    return new Fields(this.raw(name), this.pathOf(name));
  }

  /** An object of strings; `{}` when absent. */
  strings(name: string): Readonly<Record<string, string>> {
    const value = this.raw(name) ?? {};
    if (!isObject(value)) return this.fail(name, "an object of strings");
    const entries = Object.entries(value).map(([key, text]): [string, string] => [
      key,
      typeof text === "string" ? text : this.fail(name, "an object of strings"),
    ]);
    // fromEntries defines properties: a label named __proto__ stays a label.
    return Object.fromEntries(entries);
  }
}

export function isLatin1(value: string): boolean {
  return !/[^\u0000-\u00ff]/.test(value);
}

/** How a complaint names what was found; short, so that no secret is quoted. */
function nameOf(value: unknown): string {
  if (value === null) return "null";
  if (value === undefined) return "nothing";
  if (Array.isArray(value)) return "an array";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}
