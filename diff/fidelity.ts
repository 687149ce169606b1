/** How well the shadow environment stands in for production: the share of exchanges at which the control,
 * the same build, answers with the primary's status. Two builds that both answer 401 agree about nothing. */

import type { Outcome } from "../model/exchange.ts";

const causes: Readonly<Record<number, string>> = {
  401: "credentials (401)",
  403: "credentials (403)",
  404: "state (404)",
  409: "state (409)",
};

/** Counts one run's fidelity. */
export class Fidelity {
  private compared = 0;
  private agreed = 0;
  private readonly causes = new Map<string, number>();
  private readonly byEndpoint = new Map<string, Fidelity>();

  /** @param endpoint whose share is counted besides */
  count(primary: Outcome, control: Outcome, endpoint: string | null = null): void {
    if (primary.kind !== "answered" || control.kind !== "answered") return;
    if (endpoint !== null) {
      const own = this.byEndpoint.get(endpoint) ?? new Fidelity();
      this.byEndpoint.set(endpoint, own);
      own.count(primary, control);
    }
    this.compared++;
    if (primary.answer.status === control.answer.status) {
      this.agreed++;
      return;
    }
    const cause = causes[control.answer.status] ?? "time: what the recording met is no longer so";
    this.causes.set(cause, (this.causes.get(cause) ?? 0) + 1);
  }

  /** Null when nothing was compared with a control. */
  share(): number | null {
    return this.compared === 0 ? null : this.agreed / this.compared;
  }

  /** Of one endpoint alone; null when nothing was compared there. */
  at(endpoint: string): Fidelity | null {
    return this.byEndpoint.get(endpoint) ?? null;
  }

  /** The most frequent cause; "" when all agreed. */
  likelyCause(): string {
    const sorted = [...this.causes].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
    return sorted[0]?.[0] ?? "";
  }
}
