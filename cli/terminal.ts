/** Where the program meets the terminal: standard output for results, standard error for everything else. */

import { systemClock } from "../model/clock.ts";
import { PenumbraError } from "../model/errors.ts";
import { escapedCharacter, withoutLogCommands } from "../report/log-commands.ts";
import { visible } from "../report/visible.ts";

/** A result line (standard output). */
export function print(text: string): void {
  process.stdout.write(text.endsWith("\n") ? text : `${text}\n`);
}

/** Progress, notes and errors (standard error), so that results can be piped. */
export function note(text: string): void {
  writeNote(text);
}

let writeNote = (text: string): void => {
  process.stderr.write(`${text}\n`);
};

/** Gives notes another form, for those who read them by program. */
export function sendNotesTo(write: (text: string) => void): void {
  writeNote = write;
}

export function wantsColor(): boolean {
  return process.stdout.isTTY === true && (process.env["NO_COLOR"] ?? "") === "";
}

export function terminalWidth(): number {
  const fallbackColumns = 100;
  return process.stdout.columns ?? fallbackColumns;
}

/** One line: what, which one, what to do next. Bugs keep their stack. */
export function describeError(error: unknown): string {
  if (error instanceof PenumbraError) {
    const line = visible(`penumbra: ${error.message}${error.hint === "" ? "" : `; ${error.hint}`}`);
    return withoutLogCommands(line, escapedCharacter);
  }
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return `penumbra: internal error, please report it: ${stack}`;
}

/** A terminal takes a while to draw, during which nothing else is done: ten times a second is enough to see things move. */
const redrawEveryMs = 100;

/** A progress line that redraws itself on a terminal and stays silent when piped. */
export class ProgressLine {
  readonly #enabled: boolean;
  #lastLength = 0;
  #drawnAt = Number.NEGATIVE_INFINITY;

  constructor(enabled: boolean = process.stderr.isTTY === true) {
    this.#enabled = enabled;
  }

  /** @param describe called when it is time to draw */
  show(describe: () => string): void {
    if (!this.#enabled || systemClock.monotonic() - this.#drawnAt < redrawEveryMs) return;
    this.#drawnAt = systemClock.monotonic();
    const text = describe();
    process.stderr.write(`\r${text.padEnd(this.#lastLength)}`);
    this.#lastLength = text.length;
  }

  clear(): void {
    if (!this.#enabled || this.#lastLength === 0) return;
    process.stderr.write(`\r${" ".repeat(this.#lastLength)}\r`);
    this.#lastLength = 0;
  }
}
