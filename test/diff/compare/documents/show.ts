/** What a document reader made of some bytes, in JSON, or why it made nothing. */

import type { JsonParse } from "../../../../model/json/node.ts";
import { writeJson } from "../../../../model/json/write.ts";

export function shown(parse: JsonParse): string {
  switch (parse.kind) {
    case "parsed":
      return Buffer.from(writeJson(parse.root)).toString();
    case "invalid":
      return `invalid: ${parse.problem}`;
    case "over-limit":
      return `over ${parse.limit}`;
    default:
      return parse satisfies never;
  }
}

export function fromHex(hex: string): Buffer {
  return Buffer.from(hex.replaceAll(" ", ""), "hex");
}

export const limits = { nodes: 1_000 };
