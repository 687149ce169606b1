/** The configuration file that `penumbra init` writes, and its schema, say what the option table says. */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import { afterAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { loadCommands } from "../../cli/commands.ts";
import { configTemplate } from "../../cli/config-template.ts";
import { runPenumbra } from "../../cli/demo/penumbra.ts";
import { type OptionName, type OptionSpec, options } from "../../cli/options.ts";
import { resolveOptions } from "../../cli/resolve.ts";
import { configJsonSchema } from "../../scripts/config-schema.ts";

const scratch = mkdtempSync(join(tmpdir(), "penumbra-init-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const commands = await loadCommands(undefined);
const template = configTemplate(commands, "./config.schema.json");
const optionNames = Object.keys(options) as OptionName[];
const validate: ValidateFunction = new Ajv2020({ allErrors: true, allowUnionTypes: true, strict: true }).compile(
  JSON.parse(configJsonSchema()) as object,
);

/** The file with all that stands after one # taken in. */
function uncommented(text: string): Record<string, unknown> {
  const [, ...lines] = text.split("\n");
  return parse(lines.map((line) => line.replace(/^# /, "")).join("\n")) as Record<string, unknown>;
}

/** An option's value from a file with only that in it. */
function readFromFile(name: OptionName, value: unknown): unknown {
  const file = join(scratch, `${name}.yaml`);
  writeFileSync(file, JSON.stringify({ [name]: value }));
  return resolveOptions([name], { config: [file] }, {})[name];
}

describe("the schema of the configuration file", () => {
  it("is the one that is published (npm run docs writes it)", () => {
    expect(readFileSync("docs/config.schema.json", "utf8")).toBe(configJsonSchema());
  });

  it("has every option with its meaning and default, and the three lists of rules", () => {
    const { properties } = JSON.parse(configJsonSchema()) as { properties: Record<string, { description: string; default?: unknown }> };
    expect(Object.keys(properties)).toEqual([...optionNames, "rules", "sampling", "redaction"]);
    for (const name of optionNames) {
      const spec: OptionSpec<unknown> = options[name];
      expect(properties[name]?.description, name).toBe(spec.about);
      expect(properties[name]?.default, name).toBe(spec.shape === "flag" ? false : (spec.fallback ?? undefined));
    }
  });

  it("refuses unknown keys, at the top and in rules, as the program does", () => {
    const wrong: readonly unknown[] = [
      { smaple: "1%" },
      { sample: ["1%"] },
      { redact: "hide" },
      { writes: "perhaps" },
      { rules: [{ at: "body $.a", ignoer: true }] },
      { sampling: [{ path: "/a", rat: 1 }] },
      { redaction: [{ jsn: "$.a" }] },
    ];
    for (const [index, document] of wrong.entries()) {
      const file = join(scratch, `wrong-${index}.yaml`);
      writeFileSync(file, JSON.stringify(document));
      expect(validate(document), JSON.stringify(document)).toBe(false);
      expect(() => resolveOptions(optionNames, { config: [file] }, {}), JSON.stringify(document)).toThrow(
        /unknown|cannot be|takes one value/,
      );
    }
  });
});

describe("the file that init writes", () => {
  it("leaves every default of every command as it is", () => {
    const file = join(scratch, "as-written.yaml");
    writeFileSync(file, template);
    expect(validate(parse(template))).toBe(true);
    for (const { optionNames: names, name } of commands) {
      const { config: _, ...read } = resolveOptions([...names, "config"], { config: [file] }, {});
      const { config: __, ...without } = resolveOptions([...names, "config"], {}, {});
      expect(read, name).toEqual(without);
    }
  });

  it("shows every option once, with a value that schema and program take: the default, or an example", () => {
    const shown = uncommented(template);
    const { rules, sampling, redaction, ...values } = shown;
    expect(validate(shown), JSON.stringify(validate.errors)).toBe(true);
    expect(Object.keys(values).toSorted()).toEqual(optionNames.filter((name) => name !== "config").toSorted());
    const endpoints = join(scratch, "openapi.yaml");
    writeFileSync(endpoints, "openapi: 3.0.0\npaths: { /orders: { get: {} } }\n");
    for (const name of optionNames.filter((each) => each !== "config")) {
      const spec: OptionSpec<unknown> = options[name];
      const read = readFromFile(name, name === "endpoints" ? endpoints : values[name]);
      const hasDefault = spec.fallback !== null || spec.shape === "flag";
      expect(isDeepStrictEqual(read, spec.read([], name)), name).toBe(hasDefault);
      expect(JSON.stringify(values[name]), `${name} needs an example in cli/config-template.ts`).not.toContain("something");
    }
    writeFileSync(join(scratch, "rules.yaml"), JSON.stringify({ rules, sampling, redaction }));
    const configured = resolveOptions([], { config: [join(scratch, "rules.yaml")] }, {});
    expect(Object.values(configured).map((each) => each.length)).toEqual([2, 2, 2]);
  });
});

describe("penumbra init", () => {
  it("writes the file once, names its schema in the first line, and never writes over a file", async () => {
    const file = join(scratch, "new", "penumbra.config.yaml");
    expect(await runPenumbra(["init", file])).toMatchObject({ code: 0, stderr: "" });
    const written = readFileSync(file, "utf8");
    const [, schema = ""] = /^# yaml-language-server: \$schema=(.*)\n/.exec(written) ?? [];
    expect(readFileSync(join(scratch, "new", schema), "utf8")).toBe(configJsonSchema());
    writeFileSync(file, "sample: 1%\n");
    const again = await runPenumbra(["init", file]);
    expect(again).toMatchObject({ code: 2, stdout: "" });
    expect(again.stderr).toBe(`penumbra: ${file} is there already; name another file, or move that one away\n`);
    expect(readFileSync(file, "utf8")).toBe("sample: 1%\n");
  });
});
