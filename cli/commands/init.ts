/** penumbra init: a configuration file to begin with, made from the option table. */

import { writeFileSync } from "node:fs";
import { dirname, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { PenumbraError } from "../../model/errors.ts";
import { reasonOf } from "../../recording/atomic-file.ts";
import { command, type RunnableCommand } from "../command.ts";
import { configTemplate } from "../config-template.ts";
import { exitCode } from "../exit-codes.ts";
import { makeOutputDirectory } from "../output-file.ts";
import { print } from "../terminal.ts";

const defaultFile = "penumbra.config.yaml";
const schemaFile = fileURLToPath(new URL("../../docs/config.schema.json", import.meta.url));

/** @param every loads all commands: their options are what the file is about */
export function initCommand(every: () => Promise<readonly RunnableCommand[]>): RunnableCommand {
  return command({
    name: "init",
    about: "Write a commented penumbra.config.yaml with every option; editors check it against its JSON Schema.",
    positional: [{ form: "[file]", about: `where (default: ${defaultFile})` }],
    options: ["json"],
    example: "penumbra init",
    async run({ json }, [file = defaultFile]) {
      const text = configTemplate(await every(), schemaSeenFrom(file));
      makeOutputDirectory(dirname(file));
      writeNew(file, text);
      print(json ? JSON.stringify({ file, schema: schemaFile }) : `wrote ${file}; take away the # where you want something else`);
      return exitCode.pass;
    },
  });
}

/** Relative, so that the file can be committed where Penumbra is installed in the project. */
function schemaSeenFrom(file: string): string {
  const path = relative(dirname(resolve(file)), schemaFile)
    .split(sep)
    .join("/");
  return path.startsWith(".") ? path : `./${path}`;
}

/** Never over a file that is there, however it came there meanwhile. */
function writeNew(file: string, text: string): void {
  try {
    writeFileSync(file, text, { flag: "wx" });
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && cause.code === "EEXIST")
      throw new PenumbraError("CONFIG_EXISTS", `${file} is there already`, "name another file, or move that one away", cause);
    throw new PenumbraError("CANNOT_WRITE", `${file} cannot be written: ${reasonOf(cause)}`, "check the path and its permissions", cause);
  }
}
