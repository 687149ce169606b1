/** Endpoints that the user gave: a tree of path templates, asked before anything is inferred.
 *
 *    GivenEndpoint[] ─► tree ─ GET /pets/7 ─► "GET /pets/{petId}"        none fits ─► null: to be inferred (endpoints.ts)
 *
 * At each segment a literal goes before `{id}.json`, that before `{id}`, and that before `**`. A template for the request's method goes
 * before others; the rest of them still say how the path is built. */

import { isMixedMatch, readTemplate, type TemplateSegment } from "./path-template.ts";
import { decodedSegment, pathSegments, requestPath, withoutParameters } from "./request-path.ts";

/** One operation of a document, or one line of a routes list. */
export interface GivenEndpoint {
  /** null = any. */
  readonly method: string | null;
  /** Templates that `readTemplate` can read: more than one where a document names several servers. */
  readonly paths: readonly string[];
}

/** One template of an endpoint. */
interface Route {
  readonly endpoint: number;
  readonly path: string;
}

/** A segment that is partly literal, and what follows it. */
interface Mixed {
  readonly literals: readonly string[];
  readonly next: Position;
}

interface Position {
  readonly literals: Map<string, Position>;
  /** The more literal characters, the earlier. */
  readonly mixed: Map<string, Mixed>;
  /** Those with more literal text first; null = not sorted yet. */
  mixedInOrder: readonly Mixed[] | null;
  parameter: Position | null;
  rest: Position | null;
  /** What ends here, by method. */
  readonly routes: Map<string | null, Route>;
}

/** A segment as it is looked up: without percent-encoding, with and without its `;parameters`. */
interface Segment {
  readonly whole: string;
  readonly plain: string;
}

export class GivenEndpoints {
  /** As reports call them; a template that was given twice counts once. */
  readonly names: readonly string[];
  private readonly root: Position = newPosition();
  private readonly met = new Set<number>();

  /** @param endpoints with templates that `readTemplate` can read */
  constructor(endpoints: readonly GivenEndpoint[]) {
    const names: string[] = [];
    for (const { method, paths } of endpoints) {
      const added = paths.filter((path) => this.add(method, { path, endpoint: names.length }));
      if (added.length > 0) names.push(`${method ?? "*"} ${added[0] ?? ""}`);
    }
    this.names = names;
  }

  /** `GET /pets/{petId}`, or null when no template fits. */
  nameOf(method: string, target: string): string | null {
    const found = this.find(method, target);
    return found === null ? null : `${method} ${found.path}`;
  }

  /** Counts a request. @returns whether a template fits */
  meet(method: string, target: string): boolean {
    const found = this.find(method, target);
    if (found?.isOwn === true) this.met.add(found.endpoint);
    return found !== null;
  }

  /** Names of those that no request met, sorted. */
  unmet(): string[] {
    return this.names.filter((_, index) => !this.met.has(index)).sort();
  }

  private add(method: string | null, route: Route): boolean {
    const template = readTemplate(route.path);
    if (template.kind === "wrong") throw new Error(template.problem);
    let position = this.root;
    for (const segment of template.value) position = descend(position, segment);
    if (position.routes.has(method)) return false;
    position.routes.set(method, route);
    return true;
  }

  private find(method: string, target: string): (Route & { readonly isOwn: boolean }) | null {
    const { root } = this;
    if (this.names.length === 0 || !requestPath(target).startsWith("/")) return null;
    const segments = pathSegments(target).map(segmentOf);
    const own = ({ routes }: Position): Route | undefined => routes.get(method) ?? routes.get(null);
    const any = ({ routes }: Position): Route | undefined => routes.values().next().value;
    const found = search(root, segments, own);
    if (found !== null) return { ...found, isOwn: true };
    const other = search(root, segments, any);
    if (other !== null) return { ...other, isOwn: false };
    // `/pets/` of a document that knows `/pets`: most frameworks answer both, some with a redirect.
    if (segments.at(-1)?.whole !== "") return null;
    const plain = search(root, segments.slice(0, -1), own) ?? search(root, segments.slice(0, -1), any);
    return plain === null ? null : { endpoint: plain.endpoint, path: `${plain.path}/`, isOwn: false };
  }
}

/** The first route in the order of precedence. Each position has one depth, so it is looked at once. */
function search(position: Position, segments: readonly Segment[], routeOf: (end: Position) => Route | undefined, depth = 0): Route | null {
  const segment = segments[depth];
  if (segment === undefined) {
    const route = routeOf(position) ?? (position.rest === null ? undefined : routeOf(position.rest));
    return route ?? null;
  }
  for (const next of candidates(position, segment)) {
    const route = search(next, segments, routeOf, depth + 1);
    if (route !== null) return route;
  }
  return (position.rest === null ? undefined : routeOf(position.rest)) ?? null;
}

function candidates(position: Position, { whole, plain }: Segment): Position[] {
  const { literals, parameter } = position;
  const literal = [literals.get(whole), whole === plain ? undefined : literals.get(plain)];
  const partly = mixedOf(position)
    .filter((each) => isMixedMatch(plain, each.literals))
    .map(({ next }) => next);
  return [...literal, ...partly, whole === "" ? null : parameter].filter((next) => next !== undefined && next !== null);
}

/** Those with more literal text first; sorted once all templates are in. */
function mixedOf(position: Position): readonly Mixed[] {
  position.mixedInOrder ??= [...position.mixed.values()].sort((a, b) => b.literals.join("").length - a.literals.join("").length);
  return position.mixedInOrder;
}

function descend(position: Position, segment: TemplateSegment): Position {
  switch (segment.kind) {
    case "literal": {
      const next = position.literals.get(segment.text) ?? newPosition();
      position.literals.set(segment.text, next);
      return next;
    }
    case "mixed": {
      const name = JSON.stringify(segment.literals);
      const known = position.mixed.get(name);
      if (known !== undefined) return known.next;
      const next = newPosition();
      position.mixed.set(name, { literals: segment.literals, next });
      position.mixedInOrder = null;
      return next;
    }
    case "parameter":
      return (position.parameter ??= newPosition());
    case "rest":
      return (position.rest ??= newPosition());
    default:
      return segment satisfies never;
  }
}

function segmentOf(sent: string): Segment {
  return { whole: decodedSegment(sent), plain: decodedSegment(withoutParameters(sent)) };
}

function newPosition(): Position {
  return { literals: new Map(), mixed: new Map(), mixedInOrder: null, parameter: null, rest: null, routes: new Map() };
}
