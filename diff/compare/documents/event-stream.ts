/** Server-sent events as a JSON tree (https://html.spec.whatwg.org/multipage/server-sent-events.html):
 *
 *    id: 7                      { "events": [ { "id": "7", "event": "price",
 *    event: price          ─►                   "data": { "eur": 12 } } ] }
 *    data: {"eur": 12}
 *
 * Comments, which keep a connection alive, and the split of data into lines say nothing. */

import type { JsonNode, JsonParse } from "../../../model/json/node.ts";
import { parseJson } from "../../../model/json/parse.ts";
import { countNodes } from "../nodes.ts";
import type { DocumentLimits } from "./limits.ts";
import { objectNode, stringNode } from "./scalars.ts";

/** Fields that mean something beside `data`. */
const fieldNames: ReadonlySet<string> = new Set(["event", "id", "retry"]);

/** Reads a stream. An event without its blank line at the end of the stream counts, since the stream may have been cut. */
export function readEventStream(text: string, limits: DocumentLimits): JsonParse {
  const events: JsonNode[] = [];
  let left = limits.nodes;
  let fields = new Map<string, string>();
  let data: string[] = [];
  // A blank line at the end, so that the last event ends as well.
  for (const line of [...text.replace(/^\ufeff/, "").split(/\r\n|[\r\n]/), ""]) {
    const [name, value] = splitField(line);
    if (name === "data") data.push(value);
    else if (fieldNames.has(name)) fields.set(name, value);
    if (line !== "" || (fields.size === 0 && data.length === 0)) continue;
    const event = eventNode(fields, data, left);
    if (event !== null) left -= countNodes(event);
    if (event === null || left < 0) return { kind: "over-limit", limit: "nodes" };
    events.push(event);
    fields = new Map();
    data = [];
  }
  return { kind: "parsed", root: objectNode([["events", { kind: "array", elements: events }]]), duplicateKeys: false };
}

/** One space after the colon is not part of the value. */
function splitField(line: string): [name: string, value: string] {
  const colon = line.indexOf(":");
  if (colon < 0) return [line, ""];
  return [line.slice(0, colon), line.slice(line.charAt(colon + 1) === " " ? colon + 2 : colon + 1)];
}

/** Null when it has more nodes than that. */
function eventNode(fields: ReadonlyMap<string, string>, data: readonly string[], maxNodes: number): JsonNode | null {
  const members = [...fields].map(([name, value]) => [name, stringNode(value)] as const);
  if (data.length === 0) return objectNode(members);
  const node = dataNode(data.join("\n"), maxNodes);
  return node === null ? null : objectNode([...members, ["data", node]]);
}

/** JSON documents as such, anything else as text: `[DONE]`, a number, a word. Null when it has more nodes than that. */
function dataNode(data: string, maxNodes: number): JsonNode | null {
  if (!/^\s*[[{]/.test(data)) return stringNode(data);
  const parse = parseJson(Buffer.from(data), { maxNodes });
  if (parse.kind === "over-limit") return null;
  return parse.kind === "parsed" ? parse.root : stringNode(data);
}
