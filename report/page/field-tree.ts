/** Where differences are: a tree of endpoints, places and path segments, each with how often it differs and how often the control does too.
 *
 *    GET /orders/{id}
 *      status                 12 %
 *      body
 *        items / * / price    40 %   noise 2 %                                                                   */

import type { Finding, FindingSignature, FindingState, Report, Severity } from "../../model/report.ts";
import { count, percent } from "../figures.ts";
import { clipped, visible } from "../visible.ts";

export interface FieldNode {
  readonly label: string;
  /** What finds it with search tokens; "" for a node that is only on the way to others. */
  readonly query: string;
  /** "12 of 40": exchanges that differ there, of those compared at the endpoint. */
  readonly rate: string;
  readonly noise: string;
  /** From 0 to 1, for the bar beside it. */
  readonly share: number;
  readonly noiseShare: number;
  /** The worst of what is open here or below; null = nothing is. */
  readonly severity: Severity | null;
  readonly children: readonly FieldNode[];
}

interface Branch {
  readonly children: Map<string, Branch>;
  query: string;
  rate: number;
  reach: string;
  noise: number;
  severity: Severity | null;
  leaf: boolean;
}

const severities: readonly Severity[] = ["info", "low", "medium", "high"];
const open: ReadonlySet<FindingState> = new Set(["new", "returned", "unconfirmed"]);
/** More endpoints or places than anybody opens. */
const mostChildren = 500;
const labelLimit = 200;

export function fieldTree({ findings, endpoints }: Pick<Report, "findings" | "endpoints">): FieldNode[] {
  const root = newBranch();
  const comparedAt = new Map(endpoints.map(({ endpoint, compared }) => [endpoint, compared]));
  for (const finding of findings) {
    const severity = open.has(finding.state) ? finding.severity : null;
    for (const signature of finding.signatures) {
      const { endpoint, location, path } = signature;
      let branch = root;
      for (const step of [endpoint, location, ...segmentsOf(path)]) {
        branch = childOf(branch, step);
        branch.severity = worse(branch.severity, severity);
      }
      branch.leaf = true;
      branch.query = `endpoint:${quoted(endpoint)} path:${quoted(path === "" ? location : path)}`;
      // One exchange shows one kind at a place, so that what several findings show there adds up.
      branch.rate = Math.min(1, branch.rate + rateAt(finding, signature));
      const compared = comparedAt.get(endpoint) ?? finding.compared;
      if (branch.rate > 0) branch.reach = `${count(Math.round(branch.rate * compared))} of ${count(compared)}`;
      branch.noise = Math.max(branch.noise, finding.noiseRate);
    }
  }
  return nodesOf(root, 0);
}

/** Share of the exchanges at the signature's endpoint. A finding's own count is of all its signatures together, at all its endpoints: it
 * stands in where a report has nothing closer and there is one signature. */
function rateAt({ count: shown, compared, signatures }: Finding, { transitions }: FindingSignature): number {
  if (transitions !== undefined) return transitions.reduce((sum, { rate }) => sum + rate, 0);
  return signatures.length === 1 && compared > 0 ? Math.min(1, shown / compared) : 0;
}

/** A JSON Pointer by its segments; other paths are one. */
function segmentsOf(path: string): string[] {
  if (path === "") return [];
  return path.startsWith("/") ? path.slice(1).split("/") : [path];
}

function newBranch(): Branch {
  return { children: new Map(), query: "", rate: 0, noise: 0, severity: null, leaf: false, reach: "" };
}

function childOf(branch: Branch, step: string): Branch {
  const known = branch.children.get(step);
  if (known !== undefined) return known;
  const child = newBranch();
  branch.children.set(step, child);
  return child;
}

function worse(a: Severity | null, b: Severity | null): Severity | null {
  if (a === null || b === null) return a ?? b;
  return severities.indexOf(a) >= severities.indexOf(b) ? a : b;
}

/** @param depth 0: endpoints, 1: locations, from 2 on path segments */
function nodesOf(branch: Branch, depth: number): FieldNode[] {
  const rank = ({ severity }: Branch): number => (severity === null ? -1 : severities.indexOf(severity));
  const nodes = [...branch.children]
    .toSorted(([a, left], [b, right]) => rank(right) - rank(left) || (a < b ? -1 : 1))
    .slice(0, mostChildren)
    .map(([label, child]) => nodeOf(label, child, depth));
  const left = branch.children.size - nodes.length;
  return left === 0 ? nodes : [...nodes, { ...nothing, label: `${count(left)} more left out here; report.json has all` }];
}

/** What leads nowhere. */
const nothing: FieldNode = { label: "", query: "", rate: "", noise: "", share: 0, noiseShare: 0, severity: null, children: [] };

function nodeOf(label: string, branch: Branch, depth: number): FieldNode {
  const [only, ...others] = branch.children;
  // Segments on the way to one place are put together: `items / * / price`.
  if (depth >= 2 && !branch.leaf && only !== undefined && others.length === 0) return nodeOf(`${label} / ${only[0]}`, only[1], depth);
  return {
    label: clipped(visible(label), labelLimit),
    query: branch.query,
    rate: branch.reach,
    noise: branch.leaf && branch.noise > 0 ? percent(branch.noise) : "",
    share: branch.rate,
    noiseShare: branch.noise,
    severity: branch.severity,
    children: nodesOf(branch, depth + 1),
  };
}

/** As a search token's value. */
function quoted(text: string): string {
  return `"${visible(text).replaceAll('"', "")}"`;
}
