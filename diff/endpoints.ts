/** Turns request targets into endpoints: METHOD + path template, `GET /orders/{id}`.
 *
 *     learn ──► segment-tree.ts: counts ──► template-tree.ts: decisions ──► endpointOf: segment by segment, literal or {id}
 *
 * A segment that looks like an identifier is a parameter at once (segment-class.ts). A literal becomes one when its
 * siblings say so: many that are used alike, or a rare token among identifiers. What is learned is only counts, so the order of
 * learning does not matter. */

import { decodedSegment, normalizedSegment, pathSegments, requestPath, withoutParameters } from "./request-path.ts";
import { isParameterClass, segmentClass } from "./segment-class.ts";
import { type LearntSegment, mostSegments, SegmentTree } from "./segment-tree.ts";
import { type Template, templateOf } from "./template-tree.ts";

/** Learns from all requests of a run, then names the endpoint of each. */
export class EndpointInference {
  private readonly tree = new SegmentTree();
  /** Of what was learnt so far; null = not made yet. */
  private template: Template | null = null;

  /** Counts one request; the query is not part of an endpoint. */
  learn(method: string, target: string): void {
    this.template = null;
    this.tree.learn(method, segmentsOf(target));
  }

  /** `METHOD /path/{id}/…/{id2}`; works for targets that were never learned, by the class of their segments alone. */
  endpointOf(method: string, target: string): string {
    const segments = segmentsOf(target);
    if (segments.length === 0) return `${method} ${requestPath(target)}`;
    this.template ??= templateOf([this.tree.root]);
    let position: Template | null = this.template;
    let parameters = 0;
    let path = "";
    for (const { text, isParameter } of segments.slice(0, mostSegments)) {
      const literal: Template | undefined = isParameter ? undefined : position?.literals.get(text);
      const isOne: boolean = isParameter || (literal === undefined && position !== null && isMerged(position, text));
      if (isOne) parameters++;
      path += `/${isOne ? parameterName(parameters) : text}`;
      position = isOne ? (position?.parameter ?? null) : (literal ?? null);
    }
    return `${method} ${path}${segments.length > mostSegments ? "/**" : ""}`;
  }
}

/** An empty segment is a slash too many, and no name. */
function isMerged({ isOpen, merged }: Template, segment: string): boolean {
  return (isOpen && segment !== "") || merged.has(segment);
}

function parameterName(index: number): string {
  return index === 1 ? "{id}" : `{id${index}}`;
}

function segmentsOf(target: string): LearntSegment[] {
  return pathSegments(target).map((sent) => {
    const text = normalizedSegment(withoutParameters(sent));
    return { text, isParameter: isParameterClass(segmentClass(decodedSegment(text))) };
  });
}
