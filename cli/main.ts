/** penumbra: the command line. Reads the arguments, runs one command, ends with its exit code. */

import { Command, CommanderError } from "commander";
import { toolVersion } from "../model/format.ts";
import { visible } from "../report/visible.ts";
import { toCommander } from "./command.ts";
import { loadCommands } from "./commands.ts";
import { exitCode, exitCodeOfError } from "./exit-codes.ts";
import { describeError, note } from "./terminal.ts";

async function main(args: readonly string[]): Promise<number> {
  const oldestNode = 24;
  if (Number.parseInt(process.versions.node, 10) < oldestNode) {
    note(`penumbra: Node ${process.versions.node} is too old; use Node ${oldestNode} or newer`);
    return exitCode.usage;
  }
  let ended: number = exitCode.pass;
  const program = new Command("penumbra")
    .description("Shadow testing for HTTP services: finds the real differences between two builds under real traffic.")
    .version(toolVersion, "-V, --version", "show the version")
    .helpOption("-h, --help", "show this help")
    .addHelpText(
      "after",
      "\nExample:\n  $ penumbra demo\n\nExit codes: 0 pass, 1 gate failed, 2 usage or unreadable input, 3 inconclusive, 70 internal error, 130/143 interrupted",
    )
    .showSuggestionAfterError();
  for (const each of await loadCommands(args[0])) {
    const made = toCommander(each, (code) => {
      ended = code;
    });
    program.addCommand(made.copyInheritedSettings(program));
  }
  for (const each of [program, ...program.commands]) {
    each.exitOverride();
    each.configureOutput({ outputError: (text, write) => write(oneLine(text)) });
  }
  if (args.length === 0) {
    program.outputHelp();
    return exitCode.usage;
  }
  try {
    await program.parseAsync(["node", "penumbra", ...args]);
    return ended;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCode.pass : exitCode.usage;
    note(describeError(error));
    return exitCodeOfError(error);
  }
}

/** What commander complains of, in the form of our own errors. */
function oneLine(complaint: string): string {
  const [line = "", suggestion] = complaint.replace(/^error: /, "penumbra: ").split(/\n\(Did you mean (.+?)\?\)/);
  return `${visible(line.trim())}; ${suggestion === undefined ? "see --help" : `did you mean ${suggestion}?`}\n`;
}

let isOutputLost = false;
/** A closed pipe at the other end (`penumbra … | head`) is no fault; a full disk behind it is one, and not ours. */
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") return;
  if (!isOutputLost) note(`penumbra: standard output cannot be written: ${error.code ?? error.message}; send it elsewhere`);
  isOutputLost = true;
  process.exitCode = exitCode.usage;
});
/** Nobody can be told that nobody can be told: a closed or full log must not end a sidecar. */
process.stderr.on("error", () => {});
process.on("uncaughtException", (error) => {
  note(describeError(error));
  process.exit(exitCode.internal);
});

const ended = await main(process.argv.slice(2));
process.exitCode = isOutputLost ? exitCode.usage : ended;
/** A reader of our output that has stalled would keep the process for ever. */
const patienceMs = 3000;
setTimeout(() => process.exit(), patienceMs).unref();
