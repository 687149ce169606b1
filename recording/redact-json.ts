/** Redacts a lossless JSON tree: every string and number below a sensitive key, at any depth; the value of
 * `{"name": "password", "value": …}`; the column of `{"columns": ["user", "password"], "rows": [["ann", …]]}`; what follows its name
 * in `{"rawHeaders": ["Authorization", …]}` and `["--password", …]`; and what strings hide inside (a URL with a token, JSON in a string). */

import type { JsonMember, JsonNode } from "../model/json/node.ts";
import { type Inner, type Rules, replaceNamed } from "./redact-parameters.ts";
import { byteString, fromByteString } from "./secrets.ts";

/** Members that name what another member holds: lists of headers, form fields, environment variables. */
const namingKeys: ReadonlySet<string> = new Set(["name", "key", "field", "id", "header", "param", "type"]);
const valueKeys: ReadonlySet<string> = new Set(["value", "val", "values", "content"]);
/** Members that name the columns of a table, which stands beside them as an array of arrays. */
const headKeys: ReadonlySet<string> = new Set([
  "columns",
  "cols",
  "fields",
  "header",
  "headers",
  "heads",
  "names",
  "keys",
  "schema",
  "columnmetadata",
]);
/** Members in which such members may stand. */
const schemaKeys: ReadonlySet<string> = new Set(["schema", "meta", "metadata"]);
/** Names and values in turns, as Node and others keep what they received. */
const flatKey = /^raw[-_]?(?:headers|trailers)$/i;
/** A list of one column is a table only under a name and nothing else. */
const oneName = /^[\w.-]{1,64}$/;
const option = /^--([\w.-]{1,64})$/;
/** Options that say where the secret is. */
const place = /[-_.](?:stdin|file|path|prompt|command)$/i;

/** The same node when there is nothing to redact, so that the caller can keep the bytes. */
export function redactJson(node: JsonNode, rules: Rules, inner: Inner): JsonNode {
  switch (node.kind) {
    case "object": {
      const about = nameOfPair(node.members, rules);
      const columns = secretColumns(node.members, rules);
      return withMembers(node, (member) => {
        const value = flatKey.test(member.key) ? redactFlat(member.value, rules) : redactTable(member.value, columns, rules);
        return redactMember(withValue(member, value), about, rules, inner);
      });
    }
    case "array":
      if (node.elements.some((element) => isNamedPair(element, rules)) && node.elements.every(isPair))
        return withElements(node, (pair) => redactPair(pair, rules, inner));
      if (isTable(node.elements, rules)) return redactBelowHeads(node, rules, inner);
      return withElements(node, (element, before) => redactJson(redactArgument(element, before, rules), rules, inner));
    case "string": {
      const after = redactString(node.value, rules, inner);
      return after === node.value ? node : { kind: "string", value: after };
    }
    case "number":
    case "boolean":
    case "null":
      return node;
    default:
      return node satisfies never;
  }
}

/** `[["user", "password"], ["ann", "…"], …]`: the first row has the heads; others may be shorter, longer or null, but not all. */
function isTable(rows: readonly JsonNode[], rules: Rules): boolean {
  const [heads, ...more] = rows;
  if (heads?.kind !== "array" || !more.every(({ kind }) => kind === "array" || kind === "null")) return false;
  const width = heads.elements.length;
  if (!heads.elements.every((head) => head.kind === "string" && (width > 1 || oneName.test(head.value)))) return false;
  const [first] = columnsOf(heads, rules).keys();
  if (first === undefined) return false;
  const lengths = more.map((row) => (row.kind === "array" ? row.elements.length : 0));
  return width > 1 ? lengths.some((length) => length > 1 && length > first) : lengths.length > 0 && lengths.every((length) => length === 1);
}

function redactBelowHeads(table: JsonNode & { kind: "array" }, rules: Rules, inner: Inner): JsonNode {
  const [heads] = table.elements;
  const columns = heads?.kind === "array" ? columnsOf(heads, rules) : new Map<number, string>();
  return withElements(table, (row) => redactJson(row === heads ? row : redactRow(row, columns, rules), rules, inner));
}

/** `["Authorization", "…"]` in a list of such pairs. */
function isPair(node: JsonNode): boolean {
  return node.kind === "array" && node.elements.length === 2 && node.elements[0]?.kind === "string";
}

function isNamedPair(node: JsonNode, rules: Rules): boolean {
  return isPair(node) && node.kind === "array" && node.elements[0]?.kind === "string" && rules.names.matches(node.elements[0].value);
}

function redactPair(node: JsonNode, rules: Rules, inner: Inner): JsonNode {
  const [name, value] = node.kind === "array" ? node.elements : [];
  if (name?.kind !== "string" || value === undefined || !rules.names.matches(name.value)) return redactJson(node, rules, inner);
  const replaced = redactLeaves(name.value, value, rules);
  return replaced === value ? node : { kind: "array", elements: [name, replaced] };
}

/** `["Host", "a", "Authorization", "…"]` */
function redactFlat(node: JsonNode, rules: Rules): JsonNode {
  if (node.kind !== "array" || node.elements.length % 2 !== 0 || !node.elements.every(({ kind }) => kind === "string")) return node;
  let index = 0;
  return withElements(node, (element, name) => {
    const isValue = index++ % 2 === 1;
    return isValue && name?.kind === "string" && rules.names.matches(name.value) ? redactLeaves(name.value, element, rules) : element;
  });
}

/** `["--password", "…"]`; what begins like an option is the next one. */
function redactArgument(element: JsonNode, before: JsonNode | undefined, rules: Rules): JsonNode {
  if (element.kind !== "string" || before?.kind !== "string" || element.value.startsWith("-")) return element;
  const name = option.exec(before.value)?.[1];
  return name === undefined || place.test(name) || !rules.names.matches(name) ? element : redactLeaves(name, element, rules);
}

/** Where the cells of sensitive columns stand in their rows, with the names. */
function secretColumns(members: readonly JsonMember[], rules: Rules): ReadonlyMap<number, string> {
  const heads = headsIn(members) ?? members.map(({ key, value }) => headsInSchema(key, value)).find((found) => found !== undefined);
  return heads === undefined ? new Map() : columnsOf(heads, rules);
}

function headsIn(members: readonly JsonMember[]): (JsonNode & { kind: "array" }) | undefined {
  const heads = members.find(({ key, value }) => headKeys.has(key.toLowerCase()) && value.kind === "array")?.value;
  return heads?.kind === "array" ? heads : undefined;
}

function headsInSchema(key: string, value: JsonNode): (JsonNode & { kind: "array" }) | undefined {
  return schemaKeys.has(key.toLowerCase()) && value.kind === "object" ? headsIn(value.members) : undefined;
}

function columnsOf(heads: JsonNode & { kind: "array" }, rules: Rules): ReadonlyMap<number, string> {
  return new Map(heads.elements.map((head, index) => [index, headOf(head)] as const).filter(([, head]) => rules.names.matches(head)));
}

/** `"password"`, or what tells a column in an object. */
function headOf(node: JsonNode): string {
  if (node.kind === "string") return node.value;
  const naming = node.kind === "object" ? node.members.find(({ key, value }) => namingKeys.has(key) && value.kind === "string") : undefined;
  return naming?.value.kind === "string" ? naming.value.value : "";
}

function redactTable(node: JsonNode, columns: ReadonlyMap<number, string>, rules: Rules): JsonNode {
  if (columns.size === 0 || node.kind !== "array") return node;
  return withElements(node, (row) => {
    // `{"f": [{"v": "ann"}, {"v": "…"}]}`
    const isWrapped = row.kind === "object" && row.members.length === 1;
    return isWrapped
      ? withMembers(row, (member) => withValue(member, redactRow(member.value, columns, rules)))
      : redactRow(row, columns, rules);
  });
}

function redactRow(row: JsonNode, columns: ReadonlyMap<number, string>, rules: Rules): JsonNode {
  let index = 0;
  return row.kind !== "array" ? row : withElements(row, (cell) => redactCell(cell, columns.get(index++), rules));
}

function redactCell(cell: JsonNode, name: string | undefined, rules: Rules): JsonNode {
  return name === undefined ? cell : redactLeaves(name, cell, rules);
}

/** Null = drop the member. */
function redactMember(member: JsonMember, about: string | null, rules: Rules, inner: Inner): JsonMember | null {
  const isPairValue = about !== null && valueKeys.has(member.key.toLowerCase());
  const name = isPairValue ? about : rules.names.matches(member.key) ? member.key : null;
  if (name !== null && !isPairValue && rules.secrets.mode === "drop") return null;
  const key = redactString(member.key, rules, inner);
  const value = name === null ? redactJson(member.value, rules, inner) : redactLeaves(name, member.value, rules);
  return value === member.value && key === member.key ? member : { key, value };
}

/** The sensitive name that a `{name, value}` object is about, or null. */
function nameOfPair(members: readonly JsonMember[], rules: Rules): string | null {
  for (const { key, value } of members) {
    if (value.kind === "string" && namingKeys.has(key.toLowerCase()) && rules.names.matches(value.value)) return value.value;
  }
  return null;
}

/** Lone surrogates have no bytes: where something has to go they go too. */
function redactString(text: string, rules: Rules, inner: Inner): string {
  if (!rules.names.mayOccurIn(text)) return text;
  const before = byteString(text.toWellFormed());
  const after = inner(before);
  return after === before ? text : fromByteString(after);
}

/** Everything below a sensitive key; booleans and null say nothing. */
function redactLeaves(name: string, node: JsonNode, rules: Rules): JsonNode {
  switch (node.kind) {
    case "object":
      return withMembers(node, (member) => withValue(member, redactLeaves(name, member.value, rules)));
    case "array":
      return withElements(node, (element) => redactLeaves(name, element, rules));
    case "string": {
      const before = byteString(node.value);
      const after = replaceNamed(name, before, rules);
      return after === before ? node : { kind: "string", value: fromByteString(after) };
    }
    case "number":
      return { kind: "string", value: rules.secrets.replaceValue(node.lexeme) };
    case "boolean":
    case "null":
      return node;
    default:
      return node satisfies never;
  }
}

function withValue(member: JsonMember, value: JsonNode): JsonMember {
  return value === member.value ? member : { key: member.key, value };
}

function withMembers(node: JsonNode & { kind: "object" }, change: (member: JsonMember) => JsonMember | null): JsonNode {
  const changed = node.members.map(change);
  if (changed.every((member, index) => member === node.members[index])) return node;
  return { kind: "object", members: changed.filter((member) => member !== null) };
}

/** @param change is told the element before, too */
function withElements(node: JsonNode & { kind: "array" }, change: (element: JsonNode, before: JsonNode | undefined) => JsonNode): JsonNode {
  const changed = node.elements.map((element, index) => change(element, node.elements[index - 1]));
  return changed.every((element, index) => element === node.elements[index]) ? node : { kind: "array", elements: changed };
}
