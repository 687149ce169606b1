/** Turns request targets into endpoints: METHOD + path template, `GET /orders/{id}`.
 *
 *     learn ──► tree of path segments with counts ──► endpointOf: segment by segment, literal or {id}
 *
 * A segment that looks like an identifier is a parameter at once. A literal becomes one when its
 * siblings say so: many leaves of like methods, none dominating, or a rare token among identifiers.
 * What is learned is only counts, so the order of learning does not matter. */

import { pathSegments, requestPath, withoutParameters } from "./request-path.ts";
import { isParameterClass, mayBeToken, segmentClass } from "./segment-class.ts";

/** Fewest distinct leaves at one position that make it a parameter; four routes side by side are common, e.g. CRUD actions. */
const fewestSiblings = 5;
/** A child with more than this share of the requests is a route of its own. */
const dominantShare = 0.5;
/** Among identifiers, a plain word is one too if they have at least this many times its requests. */
const missRatio = 5;
/** Distinct literals kept below one parent; more than that are a parameter by any rule. */
const mostChildren = 2_000;
const parameter = "{}";

interface Position {
  readonly children: Map<string, Position>;
  /** Requests that pass through or end here. */
  requests: number;
  readonly methods: Set<string>;
  /** Children were left out because there were too many. */
  crowded: boolean;
}

/** Learns from all requests of a run, then names the endpoint of each. */
export class EndpointInference {
  private readonly root: Position = newPosition();
  private readonly settled = new Map<Position, Settled>();

  /** Counts one request; the query is not part of an endpoint. */
  learn(method: string, target: string): void {
    this.settled.clear();
    let position = this.root;
    position.requests++;
    for (const segment of segmentsOf(target)) {
      position = descend(position, isParameterClass(segmentClass(segment)) ? parameter : segment);
      position.requests++;
    }
    position.methods.add(method);
  }

  /** `METHOD /path/{id}/…/{id2}`; works for targets that were never learned, by the class of their segments alone. */
  endpointOf(method: string, target: string): string {
    const segments = segmentsOf(target);
    let position: Position | undefined = this.root;
    let parameters = 0;
    let template = "";
    for (const [depth, segment] of segments.entries()) {
      const isOne: boolean =
        isParameterClass(segmentClass(segment)) || (depth > 0 && position !== undefined && this.isParameter(position, segment));
      if (isOne) parameters++;
      template += `/${isOne ? parameterName(parameters) : segment}`;
      position = position?.children.get(isParameterClass(segmentClass(segment)) ? parameter : segment);
    }
    return `${method} ${segments.length === 0 ? requestPath(target) : template}`;
  }

  private isParameter(parent: Position, segment: string): boolean {
    let known = this.settled.get(parent);
    if (known === undefined) {
      known = settle(parent);
      this.settled.set(parent, known);
    }
    return known.allLiterals || known.rareLiterals.has(segment);
  }
}

interface Settled {
  readonly allLiterals: boolean;
  readonly rareLiterals: ReadonlySet<string>;
}

/** Decides for the literal children of one position. */
function settle(parent: Position): Settled {
  const literals = [...parent.children].filter(([segment]) => segment !== parameter && segment !== "");
  const identifiers = parent.children.get(parameter);
  const total = literals.reduce((sum, [, child]) => sum + child.requests, identifiers?.requests ?? 0);
  const rareLiterals = new Set(
    identifiers === undefined
      ? []
      : literals
          .filter(([segment, child]) => {
            const looksOdd = mayBeToken(segment) || !/[A-Za-z]/.test(segment);
            return (looksOdd ? child.requests <= dominantShare * total : isMiss(child, identifiers)) && isLike(child, identifiers);
          })
          .map(([segment]) => segment),
  );
  const leaves = literals.filter(([, child]) => [...child.children.keys()].every((segment) => segment === ""));
  const methods = new Set(literals.map(([, child]) => [...child.methods].sort().join(" ")));
  const allLiterals =
    parent.crowded ||
    (literals.length >= fewestSiblings &&
      leaves.length === literals.length &&
      methods.size === 1 &&
      literals.every(([, child]) => child.requests <= dominantShare * total));
  return { allLiterals, rareLiterals };
}

/** `/products/abc` among `/products/5`, seldom and with nothing below: a client's bad identifier, not a route. */
function isMiss(child: Position, identifiers: Position): boolean {
  return child.children.size === 0 && child.requests * missRatio <= identifiers.requests;
}

/** Whether a literal is only used as the identifiers beside it are. */
function isLike(child: Position, identifiers: Position): boolean {
  const known = [...child.children.keys()].every((segment) => identifiers.children.has(segment));
  return known && [...child.methods].every((method) => identifiers.methods.has(method));
}

function newPosition(): Position {
  return { children: new Map(), requests: 0, methods: new Set(), crowded: false };
}

function descend(parent: Position, segment: string): Position {
  const known = parent.children.get(segment);
  if (known !== undefined) return known;
  if (parent.children.size >= mostChildren && segment !== parameter) {
    parent.crowded = true;
    return descend(parent, parameter);
  }
  const child = newPosition();
  parent.children.set(segment, child);
  return child;
}

function parameterName(index: number): string {
  return index === 1 ? "{id}" : `{id${index}}`;
}

function segmentsOf(target: string): string[] {
  return pathSegments(target).map(withoutParameters);
}
