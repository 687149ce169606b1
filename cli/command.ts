/** What a command is to the program: a name, its arguments and options, an example, and what it does. */

import { Command } from "commander";
import { PenumbraError } from "../model/errors.ts";
import { type OptionName, type OptionSpec, options } from "./options.ts";
import { type GivenTexts, type Resolved, resolveOptions } from "./resolve.ts";
import { note } from "./terminal.ts";
import { unknownVariables } from "./unknown-variables.ts";

export interface CommandSpec<Name extends OptionName> {
  readonly name: string;
  readonly about: string;
  /** Positional arguments as commander writes them: `<run>`, `[id]`, `<recordings...>`. */
  readonly positional: readonly { readonly form: string; readonly about: string }[];
  readonly options: readonly Name[];
  readonly example: string;
  /** @param reread resolves the options again: the configuration file and all that it names may have changed
   * @returns the exit code */
  run(values: Resolved<Name>, positional: readonly string[], reread: () => Resolved<Name>): Promise<number>;
}

/** A command whose option names have been checked against what it reads. */
export interface RunnableCommand {
  readonly name: string;
  readonly about: string;
  readonly positional: readonly { readonly form: string; readonly about: string }[];
  readonly optionNames: readonly OptionName[];
  readonly example: string;
  runWith(given: GivenTexts, positional: readonly string[]): Promise<number>;
}

export function command<Name extends OptionName>(spec: CommandSpec<Name>): RunnableCommand {
  return {
    name: spec.name,
    about: spec.about,
    positional: spec.positional,
    optionNames: spec.options,
    example: spec.example,
    runWith: async (given, positional) => {
      const read = (): Resolved<Name> => resolveOptions(spec.options, given, process.env);
      const tell = (): void => unknownVariables(process.env).forEach(note);
      let values: Resolved<Name>;
      try {
        values = read();
      } catch (error) {
        tell();
        throw error;
      }
      const ended = spec.run(values, positional, read);
      // Not before: the command has said by now in which form it notes things.
      tell();
      return await ended;
    },
  };
}

/** Makes the commander command; `finish` is told the exit code. */
export function toCommander(runnable: RunnableCommand, finish: (exitCode: number) => void): Command {
  const made = new Command(runnable.name).description(runnable.about).helpOption("-h, --help", "show this help");
  for (const argument of runnable.positional) made.argument(argument.form, argument.about);
  for (const name of runnable.optionNames) addOption(made, name, options[name]);
  made.addHelpText("after", `\nExample:\n  $ ${runnable.example}`);
  made.action(async (...received: unknown[]) => {
    const positional = received
      .slice(0, runnable.positional.length)
      .flat()
      .filter((each) => typeof each === "string");
    const empty = positional.indexOf("");
    if (empty >= 0) throw new PenumbraError("BAD_ARGUMENT", `argument ${empty + 1} of ${runnable.name} is empty`, usageOf(runnable));
    finish(await runnable.runWith(givenTexts(made, runnable.optionNames), positional));
  });
  return made;
}

function usageOf({ name, positional }: RunnableCommand): string {
  return `give ${["penumbra", name, ...positional.map(({ form }) => form)].join(" ")}`;
}

function addOption(made: Command, name: string, spec: OptionSpec<unknown>): void {
  const about = spec.fallback === null ? spec.about : `${spec.about} (default: ${spec.fallback})`;
  if (spec.shape === "flag") {
    made.option(`--${name}`, about);
    return;
  }
  made.option(`--${name} <${spec.placeholder}>`, about, (text: string, before: string[] | undefined) => [...(before ?? []), text]);
}

function givenTexts(made: Command, names: readonly OptionName[]): GivenTexts {
  const given: Record<string, readonly string[]> = {};
  for (const name of names) {
    const camelCase = name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
    const value: unknown = made.getOptionValue(camelCase);
    if (value === true) given[name] = ["true"];
    else if (Array.isArray(value)) given[name] = value.map(String);
  }
  return given;
}
