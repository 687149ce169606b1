/** Reads what one TypeScript file imports, by parsing it: values, types, re-exports, `import()` and `import("…")` types. */

import { parseSync, Visitor } from "oxc-parser";

export interface ImportedModule {
  /** As written, for example `../model/units.ts`; null where an `import()` computes it. */
  readonly specifier: string | null;
  readonly line: number;
}

export interface SourceFacts {
  readonly imports: readonly ImportedModule[];
  /** Lines with a `new Date()` that reads the machine's clock. */
  readonly clockReads: readonly number[];
}

/** Every module that `source` names, type-only ones included, in order.
 * @throws Error when the file is not valid TypeScript: a gate that cannot read a file must not pass it */
export function readSource(path: string, source: string): SourceFacts {
  const parsed = parseSync(path, source, { sourceType: "module" });
  const fault = parsed.errors[0];
  if (fault !== undefined) throw new Error(`${path}: ${fault.message}`);
  const imports: ImportedModule[] = [];
  const clockReads: number[] = [];
  const note = (specifier: string | null, start: number): void => {
    imports.push({ specifier, line: lineAt(source, start) });
  };
  new Visitor({
    ImportDeclaration: (node) => note(node.source.value, node.start),
    ExportAllDeclaration: (node) => note(node.source.value, node.start),
    ExportNamedDeclaration(node) {
      if (node.source !== null) note(node.source.value, node.start);
    },
    ImportExpression(node) {
      const literal = node.source.type === "Literal" && typeof node.source.value === "string" ? node.source.value : null;
      note(literal, node.start);
    },
    TSImportType: (node) => note(node.source.value, node.start),
    NewExpression(node) {
      if (node.callee.type === "Identifier" && node.callee.name === "Date" && node.arguments.length === 0) {
        clockReads.push(lineAt(source, node.start));
      }
    },
  }).visit(parsed.program);
  return { imports: imports.toSorted((a, b) => a.line - b.line), clockReads };
}

function lineAt(source: string, offset: number): number {
  return source.slice(0, offset).split("\n").length;
}
