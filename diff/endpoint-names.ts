/** The endpoint of a request: by the template that the user gave, else by the one inferred from all requests.
 *
 *    request ─► given-endpoints.ts ─ none ─► endpoints.ts ─► "GET /orders/{id}"                                */

import type { HttpRequest } from "../model/exchange.ts";
import type { GivenEndpointsSummary } from "../model/report.ts";
import { EndpointInference } from "./endpoints.ts";
import { type GivenEndpoint, GivenEndpoints } from "./given-endpoints.ts";

/** A report names so many of the given endpoints that no request met; how many there are is a number beside them. */
const namedUnmet = 100;

export class EndpointNames {
  private readonly given: GivenEndpoints;
  private readonly inferred = new EndpointInference();

  constructor(given: readonly GivenEndpoint[]) {
    this.given = new GivenEndpoints(given);
  }

  /** Takes one request into account; all of them before the first name, for names that are final. */
  learn({ method, target }: HttpRequest): void {
    if (!this.given.meet(method, target)) this.inferred.learn(method, target);
  }

  /** `GET /orders/{id}` */
  of({ method, target }: HttpRequest): string {
    return this.given.nameOf(method, target) ?? this.inferred.endpointOf(method, target);
  }

  /** What came of the given ones; null when there are none. */
  summary(): GivenEndpointsSummary | null {
    const given = this.given.names.length;
    if (given === 0) return null;
    const unmet = this.given.unmet();
    return { given, met: given - unmet.length, unmet: unmet.slice(0, namedUnmet) };
  }
}
