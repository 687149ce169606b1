/** A target as the mirror asks it: without what the operator keeps from it, with the mark that stops loops; and its
 * answer without an echo of that mark.
 *
 *    request ─► credentials ─► trace ─► mark ─► Target ─► outcome ─► without echo                               */

import type { HttpRequest, Outcome } from "../../model/exchange.ts";
import { milliseconds } from "../../model/units.ts";
import { RedactionError } from "../../recording/redaction.ts";
import { withoutEcho } from "../../target/echo.ts";
import type { LoopGuard } from "../../target/loop-guard.ts";
import type { Patience } from "../../target/patience.ts";
import type { ShadowTarget } from "../../target/shadow.ts";
import type { Credentials } from "./credentials.ts";
import { mirroredTrace } from "./mirrored-trace.ts";

export interface MirroredTargetOptions {
  readonly target: ShadowTarget;
  readonly credentials: Pick<Credentials, "applied">;
  readonly guard: Pick<LoopGuard, "marked" | "token">;
}

export class MirroredTarget implements ShadowTarget {
  readonly #options: MirroredTargetOptions;

  constructor(options: MirroredTargetOptions) {
    this.#options = options;
  }

  get name(): string {
    return this.#options.target.name;
  }

  /** Never rejects. */
  async send(request: HttpRequest, patience?: Patience): Promise<Outcome> {
    const { target, credentials, guard } = this.#options;
    let allowed: HttpRequest;
    try {
      allowed = credentials.applied(request);
    } catch (error) {
      if (!(error instanceof RedactionError)) throw error;
      return { kind: "skipped", tookMs: milliseconds(0), detail: "unsendable" };
    }
    const traced = mirroredTrace(allowed, target.name);
    const outcome = await target.send(guard.marked(traced.request), patience);
    traced.ended(outcome);
    return withoutEcho(outcome, guard.token);
  }
}
