/** The JSON Schema of the configuration file (`docs/config.schema.json`): editors complete and check by it.
 *
 *    option table ──► one property each ─┐
 *    rules, sampling, redaction (zod) ───┴─► JSON Schema, unknown keys refused as the program refuses them */

import { z } from "zod";
import { type OptionSpec, options } from "../cli/options.ts";
import { redactionShape } from "../cli/redaction-rules.ts";
import { rulesShape } from "../cli/rules.ts";
import { samplingShape } from "../cli/sampling-rules.ts";

type JsonSchema = Readonly<Record<string, unknown>>;

/** The schema as text, as it is published. */
export function configJsonSchema(): string {
  const document = {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "penumbra.config.yaml",
    description: "Options of Penumbra, by their names without the dashes, and the rules that only this file can hold.",
    // Null is a file in which everything is commented out.
    type: ["object", "null"],
    properties: {
      ...Object.fromEntries(Object.entries(options).map(([name, spec]) => [name, propertyOf(spec)])),
      rules: listOf(rulesShape, "What counts as equal, and where; see docs/rules.md."),
      sampling: listOf(samplingShape, "Which requests are copied at another rate; see docs/sampling.md."),
      redaction: listOf(redactionShape, "What is a secret besides what looks like one; see docs/redaction.md."),
    },
    additionalProperties: false,
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

function propertyOf(spec: OptionSpec<unknown>): JsonSchema {
  const description = { description: spec.about };
  switch (spec.shape) {
    case "flag":
      return { ...description, type: "boolean", default: false };
    case "single":
      return { ...description, ...oneText(spec), ...(spec.fallback === null ? {} : { default: spec.fallback }) };
    case "list": {
      const item = oneText(spec);
      return { ...description, anyOf: [item, { type: "array", items: item }] };
    }
    default:
      return spec.shape satisfies never;
  }
}

/** YAML reads 8080 and 0.1 as numbers; they are taken as they are written. */
function oneText({ allowed }: OptionSpec<unknown>): JsonSchema {
  return allowed === undefined ? { type: ["string", "number"] } : { enum: allowed.map(asYamlReadsIt) };
}

/** A word that YAML takes for a number would have to be quoted by everybody. */
function asYamlReadsIt(text: string): string | number {
  return /^\d+$/.test(text) ? Number(text) : text;
}

function listOf(shape: z.ZodType, description: string): JsonSchema {
  const { $schema: _, ...items } = z.toJSONSchema(shape, { target: "draft-2020-12", io: "input" });
  return { description, type: "array", items };
}
