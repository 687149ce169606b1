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
import { PenumbraError } from "../../model/errors.ts";
import { configJsonSchema } from "../../scripts/config-schema.ts";

const scratch = mkdtempSync(join(tmpdir(), "penumbra-init-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const commands = await loadCommands(undefined);
const template = configTemplate(commands, "./config.schema.json");
const optionNames = Object.keys(options) as OptionName[];
const namesInFiles = optionNames.filter((name) => name !== "config");
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
  return resolveOptions([name], { config: ["penumbra.yaml"] }, {}, () => JSON.stringify({ [name]: value }))[name];
}

describe("the schema of the configuration file", () => {
  it("is the one that is published (npm run docs writes it)", () => {
    expect(readFileSync("docs/config.schema.json", "utf8")).toBe(configJsonSchema());
  });

  it("has every option with its meaning and default, and the three lists of rules", () => {
    const { properties } = JSON.parse(configJsonSchema()) as { properties: Record<string, { description: string; default?: unknown }> };
    expect(Object.keys(properties)).toEqual([...namesInFiles, "rules", "sampling", "redaction"]);
    for (const name of namesInFiles) {
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

describe("every option in the configuration file", () => {
  const endpoints = join(scratch, "routes.txt");
  writeFileSync(endpoints, "GET /orders\n");
  /** Values of every kind that an option may have, some just inside and some just outside of what one of them takes. */
  const values: readonly unknown[] = [
    ...[true, false, null, 0, 1, 2, 5, 0.1, 0.9, 1.5, -1, 100, 101, 502, 8080, 65_535, 65_536, 999_999, 1_000_000, 1_000_001],
    ...[1e-7, 2 ** 31 - 1, 2 ** 31, 262_144, 262_143, 65_536, 33_554_432, 33_554_431, Number.MAX_SAFE_INTEGER, [], {}, { a: 1 }],
    ...["", " ", "abc", "something", "true", "YES", "off", "On", "no", "1", "0", "constructor", "null", "-1", "+1", "1.5", "007", "0x10"],
    ...[
      "1e3",
      "1e-3",
      "5e-7",
      "50e-2",
      "1000000",
      "1000001",
      "0000100",
      "2147483647",
      "2147483648",
      "9007199254740991",
      "9007199254740992",
    ],
    ...[
      "10%",
      "100%",
      "101%",
      "100.0%",
      "100.1%",
      "0%",
      "1.0",
      "1.01",
      "0.5%",
      ".5",
      "5.",
      "%",
      "1e-1%",
      "1000000000000000",
      "1000000000000001",
    ],
    ...[
      "0ms",
      "1ms",
      "999ms",
      "1000ms",
      "0.5s",
      "1s",
      "0.9s",
      "1.5m",
      "2h",
      "7d",
      "7.1d",
      "8d",
      "168h",
      "169h",
      "604800s",
      "604801s",
      "12",
      "5 s",
    ],
    ...["30d", "3650d", "3651d", "87600h", "87601h", "0d", "0.0m", "1w", "1S", "1ms ", "604800000ms", "604800000.0ms", "604800000.1ms"],
    ...[
      "64MiB",
      "64KiB",
      "63KiB",
      "256KiB",
      "255KiB",
      "262144B",
      "262143B",
      "32MiB",
      "31MiB",
      "1GiB",
      "1GB",
      "33MB",
      "34MB",
      "64mib",
      "1.5MiB",
    ],
    ...["8388607GiB", "8388608GiB", "9007199GB", "9007200GB", "0B", "65536", "65535"],
    ...[
      "127.0.0.1:8080",
      "0.0.0.0:0",
      "localhost:65535",
      "localhost:65536",
      "[::1]:8080",
      "::1:8080",
      "[::ffff:10.0.0.1]:80",
      "[fe80::1%eth0]:80",
    ],
    ...["[zz]:80", "[name]:80", "[::1:80", ":80", "host:", "host:000080", "ho st:80", "::", "my_host:80", "8080:8080", "00080"],
    ...[
      "http://127.0.0.1:9000",
      "https://shop.example/",
      "HTTP://shop",
      "http://[::1]:80",
      "http://shop:0",
      "http://shop:65536",
      "http://shop:",
    ],
    ...[
      "http://shop/path",
      "http://shop?q",
      "http://shop#f",
      "http://me@shop",
      "ftp://shop",
      "http://",
      "http:/shop",
      " http://shop",
      "http://münchen",
    ],
    ...["primary", "shop.example", "shop.example:8080", "shop:123456", "[::1]", "[::1]:80", "a_b", "a b", "ä"],
    ...[
      "/",
      "/api",
      "/api/",
      "/api/v1",
      "api",
      "/a b",
      "/a=b",
      "/api=http://127.0.0.1:9001",
      "/api=https://shop/",
      "/api=shop",
      "/a/b=http://shop/x",
    ],
    ...[
      "/=http://shop",
      "=http://shop",
      "Authorization: Bearer abc",
      "X-A:",
      "X-A:b\tc",
      "X A: b",
      ": b",
      "X-A: ✓",
      "X-A: b\n",
      "name=value",
    ],
    ...["=value", "name=", "a=b=c", "a\nb=c", "html=out.html", "bogus=x", "markdown=-", "json=", "text"],
    ...[
      "splice",
      "gateway",
      "append",
      "replace",
      "pass",
      "drop",
      "reset",
      "502",
      "v1",
      "v2",
      "json",
      "token",
      "mask",
      "recorded",
      "max",
      "20/s",
    ],
    ...[
      "0/s",
      "0.0/s",
      "0.5/s",
      "20 /s",
      "1e3/s",
      "poisson",
      "causal",
      "serial",
      "none",
      "segment",
      "on",
      "medium",
      "high",
      "Medium",
      "html",
    ],
    ...[
      "usual",
      "ip",
      "connection",
      "cookie:sid",
      "header:X-A",
      "cookie:",
      "header:X A",
      "query:a",
      "GET /orders*",
      "/orders",
      "GET orders",
      "a b c",
    ],
    ...[
      "2027-01-31",
      "2027-02-29",
      "2028-02-29",
      "2100-02-29",
      "2000-02-29",
      "2027-04-31",
      "2027-13-01",
      "2027-1-1",
      "2027",
      "2027-01-31T10",
    ],
    ...["2026-11-22T10:00:00Z", "2026-11-22T10:00", "2026-11-22T24:00:00Z", "2026-11-22T10:00:00.123+01:00", "2026-11-22T10:60:00Z"],
    ...["2026-11-22 10:00:00", "tomorrow", "a\u0000b", "😀", endpoints],
  ];
  const taken = (name: OptionName, value: unknown): boolean => {
    try {
      readFromFile(name, value);
      return true;
    } catch (error) {
      if (error instanceof PenumbraError) return false;
      throw error;
    }
  };
  /** Options of one kind have one reader, and what it takes stands beside it; what --endpoints takes depends on the file. */
  const kinds = Map.groupBy(
    optionNames.filter((name) => name !== "endpoints" && name !== "config"),
    (name) => JSON.stringify([options[name].shape, options[name].schema]),
  );

  it.each([...kinds.values()].map((names) => [names.join(", "), names]))(
    "%s: valid by the schema exactly when the program takes it",
    (_, names) => {
      const [name = "json"] = names;
      const lists = options[name].shape === "list" ? values.map((value) => [value]) : [[], ["abc"], [1, "1"]];
      const differ = [...values, ...lists].filter((value) => validate({ [name]: value }) !== taken(name, value));
      expect(differ).toEqual([]);
      expect(values.some((value) => taken(name, value))).toBe(true);
      expect(values.some((value) => !taken(name, value))).toBe(true);
    },
  );

  it.each<[string, readonly unknown[]]>([
    [
      "rules",
      [
        ...[{ at: "status" }, { at: "status", ignore: true }, { at: "status", ignore: true, reason: "x" }, { ignore: true, reason: "x" }],
        ...[
          { at: "status", ignore: false, reason: "x" },
          { at: "body $.a", unordered: true, key: "id" },
          { at: "body $.a", key: "id" },
        ],
        ...[
          { at: "body $.a", tolerance: {} },
          { at: "body $.a", tolerance: { relative: "2%" } },
          { at: "body $.a", tolerance: { relative: 2 } },
        ],
        ...[{ at: "body $.a", tolerance: { relative: "lots" } }, { at: "body $.a", tolerance: { time: "5s" } }, "status", null],
        ...[
          { at: "body $.a", tolerance: { time: "5" } },
          { at: "body $.a", tolerance: { absolute: -1 } },
          { at: 5, key: "id" },
        ],
      ],
    ],
    [
      "sampling",
      [
        ...[
          { path: "/a" },
          { path: "/a", rate: "1%" },
          { path: "a", rate: 1 },
          { rate: 1.5 },
          { rate: "150%" },
          { perSecond: 0 },
          { perSecond: 1 },
        ],
        ...[
          { header: {}, rate: 1 },
          { header: { "X-A": "b" }, rate: 1 },
          { header: { a: "b", c: "d" }, rate: 1 },
          { header: "X A", rate: 1 },
        ],
        ...[{ rate: "many" }, { rate: true }, { method: "GET", rate: 0, perSecond: 2 }, [], 5],
      ],
    ],
    [
      "redaction",
      [
        ...[
          {},
          { header: "X-A" },
          { header: "" },
          { header: "X-A", query: "b" },
          { header: "X-A", how: "mask" },
          { header: "X-A", how: "hide" },
        ],
        ...[
          { name: "pin", how: "mask" },
          { name: "pin" },
          { keep: "id" },
          { keep: "id", how: "drop" },
          { how: "drop" },
          { json: "$.a" },
          "X-A",
        ],
      ],
    ],
  ])("%s: an entry is valid by the schema exactly when the program takes it", (list, entries) => {
    const isTaken = (document: unknown): boolean => {
      try {
        resolveOptions([], { config: ["penumbra.yaml"] }, {}, () => JSON.stringify(document));
        return true;
      } catch (error) {
        if (error instanceof PenumbraError) return false;
        throw error;
      }
    };
    const documents = [...entries.map((entry) => ({ [list]: [entry] })), { [list]: {} }, { [list]: [] }, { [list]: "x" }];
    expect(documents.filter((document) => validate(document) !== isTaken(document))).toEqual([]);
  });

  it("may not be the file itself", () => {
    expect(validate({ config: "other.yaml" })).toBe(false);
    const file = join(scratch, "of-itself.yaml");
    writeFileSync(file, "config: other.yaml\n");
    expect(() => resolveOptions([], { config: [file] }, {})).toThrow(/config in .* cannot name another configuration file/);
  });

  it("is refused where it has a value of another kind", () => {
    const wrong = {
      "min-compared": "abc",
      sample: "lots",
      listen: "nowhere",
      timeout: 10,
      "body-cap": -1,
      from: 2026,
      primary: 9000,
      writes: 2,
    };
    for (const [name, value] of Object.entries(wrong)) expect([name, validate({ [name]: value })]).toEqual([name, false]);
    expect(validate({ endpoints })).toBe(true);
    expect(validate({ endpoints: {} })).toBe(false);
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
