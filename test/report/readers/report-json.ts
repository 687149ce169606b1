/** report.json as a strict validator reads it with the schema that is published. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020, type AnySchemaObject, type ValidateFunction } from "ajv/dist/2020.js";

export const publishedSchema: AnySchemaObject = JSON.parse(
  readFileSync(join(import.meta.dirname, "..", "..", "..", "docs", "report.schema.json"), "utf8"),
) as AnySchemaObject;

/** Strict: a schema with an unknown keyword, or one that says what cannot be, is refused. */
function validatorOf(schema: AnySchemaObject): ValidateFunction {
  return new Ajv2020({ strict: true, strictRequired: true, allErrors: true }).compile(schema);
}

/** The same schema for a writer, who has no reason for keys that are not in it: every object takes the keys that it names only. */
function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed);
  if (typeof schema !== "object" || schema === null) return schema;
  const inner = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, closed(value)]));
  return "properties" in inner ? { ...inner, additionalProperties: false } : inner;
}

const isReport = validatorOf(publishedSchema);
const isOurs = validatorOf(closed(publishedSchema) as AnySchemaObject);

/** What the published schema says is wrong with a report; "" when nothing is. */
export function problemsForReaders(report: unknown): string {
  return isReport(report) ? "" : JSON.stringify(isReport.errors, null, 1);
}

/** Likewise, keys included that the schema does not know. */
export function problemsForWriters(report: unknown): string {
  return isOurs(report) ? "" : JSON.stringify(isOurs.errors, null, 1);
}
