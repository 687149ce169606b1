/** docs/options.md, written from the commands and the option table; `npm run docs` calls it, a test compares. */

import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { commands } from "./commands.ts";
import type { RunnableCommand } from "./command.ts";
import { type OptionSpec, options } from "./options.ts";
import { environmentName } from "./resolve.ts";

export function optionsDocument(): string {
  const intro = [
    "# Options",
    "",
    "Written by `npm run docs` from the option table; do not edit by hand.",
    "",
    "What holds: flag, then environment variable, then the YAML file given by `--config`, then the default.",
    "In the file, each option stands under its name without the dashes; lists are YAML lists. In the environment,",
    "lists are separated by commas. An unknown key is an error.",
  ];
  return [...intro, ...commands.flatMap(sectionOf)].join("\n") + "\n";
}

function sectionOf(runnable: RunnableCommand): string[] {
  const usage = ["penumbra", runnable.name, ...runnable.positional.map((each) => each.form), "[options]"].join(" ");
  const rows = runnable.optionNames.map((name) => rowOf(name, options[name]));
  return ["", `## ${usage}`, "", runnable.about, "", "Example:", "", "```sh", runnable.example, "```", "", "| option | environment | default | meaning |", "|---|---|---|---|", ...rows];
}

function rowOf(name: string, spec: OptionSpec<unknown>): string {
  const form = spec.shape === "flag" ? `--${name}` : `--${name} ${spec.placeholder}`;
  const cells = [`\`${form}\``, `\`${environmentName(name)}\``, spec.fallback === null ? "" : `\`${spec.fallback}\``, spec.about];
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
}

if (import.meta.main) writeFileSync(fileURLToPath(new URL("../docs/options.md", import.meta.url)), optionsDocument());
