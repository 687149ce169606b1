/** The documents tell the truth about the repository: every path is there, every command and flag exists. */

import { spawnSync } from "node:child_process";
import { existsSync, globSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { DocumentMentions, type Words } from "./docs-mentions.ts";

const ROOT: string = join(import.meta.dirname, "..");
const DOCUMENTS: readonly string[] = globSync(["*.md", "docs/**/*.md"], { cwd: ROOT }).toSorted();

/** Folders that are made, not kept: documents may name them before they exist. */
const MADE: readonly string[] = ["coverage", "dist", "node_modules", "penumbra-runs"];

/** What npm does besides running scripts. */
const NPM_COMMANDS: readonly string[] = ["ci", "install", "pack", "publish"];

const topFolders = readdirSync(ROOT, { withFileTypes: true }).flatMap((each) =>
  each.isDirectory() && !MADE.includes(each.name) ? [each.name] : [],
);
const helps = new Map<string, string>();

describe("the documents", () => {
  it("begin with a README", () => {
    expect(DOCUMENTS).toContain("README.md");
  });
});

describe.each(DOCUMENTS)("%s", (document) => {
  const mentions = new DocumentMentions(readFileSync(join(ROOT, document), "utf8"), topFolders);

  it("links to what is there", () => {
    const missing = mentions.links.filter((link) => !existsSync(join(ROOT, dirname(document), decodeURI(link.replace(/#.*$/, "")))));
    expect(missing).toEqual([]);
  });

  it("names paths that are there", () => {
    expect(mentions.paths.filter((path) => globSync(path, { cwd: ROOT }).length === 0)).toEqual([]);
  });

  it("names npm scripts that exist", () => {
    expect(mentions.commands.filter(isMissingScript)).toEqual([]);
  });

  it("names commands and flags that exist", () => {
    expect(mentions.commands.filter((words) => words[0] === "penumbra").flatMap(unknownParts)).toEqual([]);
  });
});

function isMissingScript([program, command, name]: Words): boolean {
  if (program !== "npm" || command === undefined || command.startsWith("-") || NPM_COMMANDS.includes(command)) return false;
  const script = command === "run" ? name : command;
  const { scripts } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as {
    readonly scripts: Readonly<Record<string, string>>;
  };
  return script !== undefined && !isPlaceholder(script) && scripts[script] === undefined;
}

/** Subcommands and flags of one `penumbra …` that its help does not know. */
function unknownParts([, first, ...rest]: Words): string[] {
  if (first === undefined || isPlaceholder(first)) return [];
  if (first.startsWith("-")) return unknownFlags([first, ...rest], []);
  const known = new RegExp(`^\\s+${first}(\\s|$)`, "m").test(helpOf([]));
  return known ? unknownFlags(rest, [first]) : [`penumbra ${first}`];
}

function unknownFlags(words: Words, command: Words): string[] {
  const flags = words.map((word) => /^--?[a-z][a-z0-9-]*/.exec(word)?.[0]).filter((flag) => flag !== undefined);
  return flags
    .filter((flag) => !new RegExp(`(^|[\\s,])${flag}(?![\\w-])`, "m").test(helpOf(command)))
    .map((flag) => ["penumbra", ...command, flag].join(" "));
}

function helpOf(command: Words): string {
  const key = command.join(" ");
  const help =
    helps.get(key) ?? spawnSync(process.execPath, [join(ROOT, "cli", "main.ts"), ...command, "--help"], { encoding: "utf8" }).stdout;
  helps.set(key, help);
  return help;
}

/** `COMMAND`, `<name>`, `…`: stands for something. */
function isPlaceholder(word: string): boolean {
  return !/^-{0,2}[a-z]/.test(word);
}
