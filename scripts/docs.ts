/** What `npm run docs` writes from the code: docs/options.md, docs/report.schema.json and docs/config.schema.json. Tests compare. */

import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { RunnableCommand } from "../cli/command.ts";
import { loadCommands } from "../cli/commands.ts";
import { type OptionSpec, options } from "../cli/options.ts";
import { environmentName } from "../cli/resolve.ts";
import { reportJsonSchema } from "../report/schema.ts";
import { configJsonSchema } from "./config-schema.ts";

export async function optionsDocument(): Promise<string> {
  const intro = [
    "# Options",
    "",
    "Written by `npm run docs` from the option table; do not edit by hand.",
    "",
    "What holds: flag, then environment variable, then the YAML file given by `--config`, then the default.",
    "In the file, each option stands under its name without the dashes; lists are YAML lists. In the environment,",
    "lists are separated by commas. Of an option that takes one value and is given several times, the last one holds. An unknown key",
    "is an error; an unknown `PENUMBRA_` variable is ignored with a warning, since the environment is not ours alone. The file may also",
    "have `rules`: what counts as equal, and where ([rules](rules.md)), `sampling` ([sampling](sampling.md)) and `redaction`",
    "([redaction](redaction.md)). `penumbra init` writes one to begin with;",
    "editors check it against [its schema](config.schema.json).",
  ];
  return [...intro, ...(await loadCommands(undefined)).flatMap(sectionOf)].join("\n") + "\n";
}

function sectionOf(runnable: RunnableCommand): string[] {
  const usage = ["penumbra", runnable.name, ...runnable.positional.map((each) => each.form), "[options]"].join(" ");
  const rows = runnable.optionNames.map((name) => rowOf(name, options[name]));
  return [
    "",
    `## ${usage}`,
    "",
    runnable.about,
    "",
    "Example:",
    "",
    "```sh",
    runnable.example,
    "```",
    "",
    "| option | environment | default | meaning |",
    "|---|---|---|---|",
    ...rows,
  ];
}

function rowOf(name: string, spec: OptionSpec<unknown>): string {
  const form = spec.shape === "flag" ? `--${name}` : `--${name} ${spec.placeholder}`;
  const cells = [`\`${form}\``, `\`${environmentName(name)}\``, spec.fallback === null ? "" : `\`${spec.fallback}\``, spec.about];
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
}

function write(path: string, text: string): void {
  writeFileSync(fileURLToPath(new URL(`../docs/${path}`, import.meta.url)), text);
}

if (import.meta.main) {
  write("options.md", await optionsDocument());
  write("report.schema.json", reportJsonSchema());
  write("config.schema.json", configJsonSchema());
}
