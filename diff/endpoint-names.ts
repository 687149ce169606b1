/** The endpoint of a request: by the template that the user gave, else by the one inferred from all requests; and what it asks for,
 * where one path serves many operations.
 *
 *    path ─► given-endpoints.ts ─ none ─► endpoints.ts ─► "GET /orders/{id}" ─┐
 *    body, query, headers ─► operation-name.ts ─────────► " GetUser" ─────────┴─► "POST /graphql GetUser" */

import type { HttpRequest } from "../model/exchange.ts";
import type { JsonNode } from "../model/json/node.ts";
import type { GivenEndpointsSummary } from "../model/report.ts";
import { EndpointInference } from "./endpoints.ts";
import { type GivenEndpoint, GivenEndpoints } from "./given-endpoints.ts";
import { operationName } from "./operation-name.ts";
import { jsonOf } from "./request-reading.ts";

/** A report names so many of the given endpoints that no request met; how many there are is a number beside them. */
const namedUnmet = 100;
/** Operations told apart in one run. Services have hundreds; clients that make names up get no endpoint each. */
const mostOperations = 5_000;

export class EndpointNames {
  private readonly given: GivenEndpoints;
  private readonly inferred = new EndpointInference();
  private readonly operations = new Set<string>();

  constructor(given: readonly GivenEndpoint[]) {
    this.given = new GivenEndpoints(given);
  }

  /** Takes one request into account; all of them before the first name, for names that are final. */
  learn({ method, target }: HttpRequest): void {
    if (!this.given.meet(method, target)) this.inferred.learn(method, target);
  }

  /** `GET /orders/{id}`, `POST /graphql GetUser`
   * @param json the request's body, where it is JSON */
  of(request: HttpRequest, json: JsonNode | null = jsonOf(request)): string {
    const { method, target } = request;
    const endpoint = this.given.nameOf(method, target) ?? this.inferred.endpointOf(method, target);
    const operation = operationName(request, json);
    return operation === null ? endpoint : this.bounded(endpoint, `${endpoint} ${operation}`);
  }

  private bounded(endpoint: string, withOperation: string): string {
    if (this.operations.size < mostOperations) this.operations.add(withOperation);
    return this.operations.has(withOperation) ? withOperation : endpoint;
  }

  /** What came of the given ones; null when there are none. */
  summary(): GivenEndpointsSummary | null {
    const given = this.given.names.length;
    if (given === 0) return null;
    const unmet = this.given.unmet();
    return { given, met: given - unmet.length, unmet: unmet.slice(0, namedUnmet) };
  }
}
