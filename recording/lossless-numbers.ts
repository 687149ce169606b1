/** JSON text with numbers that JavaScript would change (1.0, -0, 2^53 + 1) kept as they were
 * written: such a number becomes a raw JSON value that JSON.stringify writes back verbatim.
 * For keys that are not ours and only pass through. */

/** Node has these (ECMAScript "JSON.parse source text access"); the compiler's library does not know them yet. */
interface JsonWithSource {
  parse(text: string, reviver: (this: unknown, key: string, value: unknown, context: { readonly source?: string }) => unknown): unknown;
  rawJSON(text: string): unknown;
}

const json: JsonWithSource = JSON as unknown as JsonWithSource;

/** @throws SyntaxError like JSON.parse */
export function parseKeepingNumbers(text: string): unknown {
  return json.parse(text, (_key, value, { source }) =>
    typeof value === "number" && source !== undefined && JSON.stringify(value) !== source ? json.rawJSON(source) : value,
  );
}
