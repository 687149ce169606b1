/** The JSON Schema of the configuration file (`docs/config.schema.json`): editors complete and check by it.
 *
 *    option table ──► one property each ─┐
 *    rules, sampling, redaction (zod) ───┴─► JSON Schema, unknown keys refused as the program refuses them */

import { z } from "zod";
import { type OptionSpec, options } from "../cli/options.ts";
import { redactionShape } from "../cli/redaction-rules.ts";
import { rulesShape } from "../cli/rules.ts";
import { samplingShape } from "../cli/sampling-rules.ts";
import type { JsonSchema } from "../cli/value-schemas.ts";

/** All but the one that names the file. */
const inFiles = Object.entries(options).filter(([name]) => name !== "config");

/** The schema as text, as it is published. */
export function configJsonSchema(): string {
  const document = {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "penumbra.config.yaml",
    description: "Options of Penumbra, by their names without the dashes, and the rules that only this file can hold.",
    // Null is a file in which everything is commented out.
    type: ["object", "null"],
    properties: {
      ...Object.fromEntries(inFiles.map(([name, spec]) => [name, propertyOf(spec)])),
      rules: listOf(rulesShape, "What counts as equal, and where; see docs/rules.md."),
      sampling: listOf(samplingShape, "Which requests are copied at another rate; see docs/sampling.md."),
      redaction: listOf(redactionShape, "What is a secret besides what looks like one; see docs/redaction.md."),
    },
    additionalProperties: false,
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

function propertyOf(spec: OptionSpec<unknown>): JsonSchema {
  const fallback = spec.shape === "flag" ? false : spec.fallback;
  const about = { description: spec.about, ...(fallback === null ? {} : { default: fallback }) };
  const { schema } = spec;
  const ways = spec.shape === "list" ? [...schema, { type: "array", items: anyOf(schema) }] : schema;
  return { ...about, ...anyOf(ways) };
}

function anyOf(ways: readonly JsonSchema[]): JsonSchema {
  const [only, ...more] = ways;
  return only !== undefined && more.length === 0 ? only : { anyOf: ways };
}

function listOf(shape: z.ZodType, description: string): JsonSchema {
  const { $schema: _, ...items } = z.toJSONSchema(shape, { target: "draft-2020-12", io: "input" });
  return { description, type: "array", items };
}
