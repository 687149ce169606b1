/** Changes a lossless JSON tree where a user's rule says so; the same node where nothing changes, so that the caller can keep the bytes. */

import type { JsonNode } from "../model/json/node.ts";
import type { PathRule } from "./given-rules.ts";
import type { JsonStep } from "./redaction-rules.ts";
import { byteString, fromByteString, type Secrets } from "./secrets.ts";

/** What a path names; everything below it goes too. */
export function mapByPaths(root: JsonNode, { steps, how }: PathRule, secrets: Secrets): JsonNode {
  const hide = (node: JsonNode): JsonNode => hideLeaves(node, (value) => secrets.replaceRuled(value, how));
  return atSteps(root, new Set([0]), { steps, hide, drops: how === "drop" }) ?? hide(root);
}

/** Every key, string and number. A number that changes becomes a string. */
export function mapLeaves(node: JsonNode, change: (text: string) => string): JsonNode {
  switch (node.kind) {
    case "object":
      return withMembers(node, ({ key, value }) => ({ key: change(key), value: mapLeaves(value, change) }));
    case "array":
      return withElements(node, (element) => mapLeaves(element, change));
    case "string": {
      const value = change(node.value);
      return value === node.value ? node : { kind: "string", value };
    }
    case "number": {
      const value = change(node.lexeme);
      return value === node.lexeme ? node : { kind: "string", value };
    }
    case "boolean":
    case "null":
      return node;
    default:
      return node satisfies never;
  }
}

interface Walk {
  readonly steps: readonly JsonStep[];
  readonly hide: (node: JsonNode) => JsonNode;
  readonly drops: boolean;
}

/** How many steps of the path may lie behind us: several at once where one descends. */
type Progress = ReadonlySet<number>;

/** Null = this very node is meant, and may be dropped. */
function atSteps(node: JsonNode, progress: Progress, walk: Walk): JsonNode | null {
  if (progress.has(walk.steps.length)) return null;
  if (node.kind === "object")
    return withMembers(node, ({ key, value }) => {
      const after = below(value, advanced(progress, walk.steps, { kind: "member", name: key }), walk);
      return after === null ? null : { key, value: after };
    });
  if (node.kind !== "array") return node;
  let index = 0;
  // An element that goes would move the others.
  return withElements(
    node,
    (element) => below(element, advanced(progress, walk.steps, { kind: "element", index: index++ }), walk) ?? walk.hide(element),
  );
}

/** Null = drop it. */
function below(node: JsonNode, progress: Progress, walk: Walk): JsonNode | null {
  if (progress.size === 0) return node;
  const after = atSteps(node, progress, walk);
  if (after !== null) return after;
  return walk.drops ? null : walk.hide(node);
}

function advanced(progress: Progress, steps: readonly JsonStep[], child: JsonStep["selector"]): Progress {
  const next = new Set<number>();
  for (const done of progress) {
    const step = steps[done];
    if (step === undefined) continue;
    if (step.descends) next.add(done);
    if (selects(step.selector, child)) next.add(done + 1);
  }
  return next;
}

function selects(selector: JsonStep["selector"], child: JsonStep["selector"]): boolean {
  if (selector.kind === "any") return true;
  if (selector.kind === "member") return child.kind === "member" && child.name === selector.name;
  return child.kind === "element" && child.index === selector.index;
}

/** Strings, numbers and booleans; null says that there is nothing. */
function hideLeaves(node: JsonNode, replace: (value: string) => string): JsonNode {
  switch (node.kind) {
    case "object":
      return withMembers(node, ({ key, value }) => ({ key, value: hideLeaves(value, replace) }));
    case "array":
      return withElements(node, (element) => hideLeaves(element, replace));
    case "string": {
      const before = byteString(node.value);
      const after = replace(before);
      return after === before ? node : { kind: "string", value: fromByteString(after) };
    }
    case "number":
      return { kind: "string", value: replace(node.lexeme) };
    case "boolean":
      return { kind: "string", value: replace(String(node.value)) };
    case "null":
      return node;
    default:
      return node satisfies never;
  }
}

type ObjectNode = JsonNode & { readonly kind: "object" };

function withMembers(node: ObjectNode, change: (member: ObjectNode["members"][number]) => ObjectNode["members"][number] | null): JsonNode {
  const members = node.members.map((member) => {
    const after = change(member);
    return after !== null && after.key === member.key && after.value === member.value ? member : after;
  });
  return members.every((member, index) => member === node.members[index])
    ? node
    : { kind: "object", members: members.filter((member) => member !== null) };
}

function withElements(node: JsonNode & { readonly kind: "array" }, change: (element: JsonNode) => JsonNode): JsonNode {
  const elements = node.elements.map(change);
  return elements.every((element, index) => element === node.elements[index]) ? node : { kind: "array", elements };
}
