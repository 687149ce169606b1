/** The one error that users read: what, which one, what to do next, with a stable code.
 * `cli/` turns it into one line and an exit code; every other exception is a bug (exit 70). */

export class PenumbraError extends Error {
  override readonly name = "PenumbraError";
  /** Stable, upper case, e.g. `RECORDING_NEWER`. */
  readonly code: string;
  /** What to do next, without a full stop; "" when there is nothing sensible to say. */
  readonly hint: string;

  constructor(code: string, message: string, hint: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.hint = hint;
  }
}
