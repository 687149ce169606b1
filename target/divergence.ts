/** Where the targets' states may differ because an unsafe request took effect on one of them only. */

import { type FailureKind, type HttpRequest, isSafeMethod, type Outcome } from "../model/exchange.ts";
import { scopeOf } from "./scope.ts";

type Effect = "yes" | "no" | "unknown";

const effectOf: Readonly<Record<FailureKind | "answered", Effect>> = {
  answered: "yes",
  // Answered, if in a way that could not be kept or read.
  "too-large": "yes",
  "not-http": "yes",
  // Taken, perhaps carried out.
  "timed-out": "unknown",
  reset: "unknown",
  truncated: "unknown",
  aborted: "unknown",
  refused: "no",
  skipped: "no",
};

/** Marks path scopes, for all lanes, until the targets' state is reset. */
export class Divergence {
  readonly #scopes = new Set<string>();

  has(request: HttpRequest): boolean {
    return this.#scopes.has(scopeOf(request.target));
  }

  /** The scopes that are marked, in order of marking. */
  get scopes(): readonly string[] {
    return [...this.#scopes];
  }

  /** Looks at one exchange's outcomes on all targets; equal certain effects leave no mark. */
  observe(request: HttpRequest, outcomes: readonly Outcome[]): void {
    if (isSafeMethod(request.method)) return;
    const effects = new Set(outcomes.map(({ kind }) => effectOf[kind]));
    if (effects.size <= 1 && !effects.has("unknown")) return;
    this.#scopes.add(scopeOf(request.target));
  }

  /** The targets start from equal states again. */
  reset(): void {
    this.#scopes.clear();
  }
}
