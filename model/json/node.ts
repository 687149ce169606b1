/** A lossless JSON tree: what the bytes said, not what JavaScript would make of it (RFC 8259). */

export type JsonNode =
  | { readonly kind: "object"; readonly members: readonly JsonMember[] }
  | { readonly kind: "array"; readonly elements: readonly JsonNode[] }
  /** May hold lone surrogates, which JSON can write as escapes. */
  | { readonly kind: "string"; readonly value: string }
  /** The number as written: `1.0` and `1` are different lexemes. */
  | { readonly kind: "number"; readonly lexeme: string }
  | { readonly kind: "boolean"; readonly value: boolean }
  | { readonly kind: "null" };

/** Order and duplicates are kept; `__proto__` is a key like any other. */
export interface JsonMember {
  readonly key: string;
  readonly value: JsonNode;
}

export type JsonParse =
  | { readonly kind: "parsed"; readonly root: JsonNode; readonly duplicateKeys: boolean }
  /** `offset` in bytes. */
  | { readonly kind: "invalid"; readonly offset: number; readonly problem: string }
  /** Over a bound: deeper or more nodes than allowed; nothing can be said about it, but for where it begins. */
  | { readonly kind: "over-limit"; readonly limit: "depth" | "nodes"; readonly beginning?: JsonBeginning };

/** What stands in a document before the bound. */
export interface JsonBeginning {
  readonly root: JsonNode;
  /** Containers whose end is beyond the bound: the root, its last child, the last child of that, and so on. */
  readonly open: number;
  /** Bytes up to the bound. */
  readonly end: number;
  /** Values of the whole document, or about so many. */
  readonly nodes: number;
  readonly duplicateKeys: boolean;
}
