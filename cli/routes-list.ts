/** A routes list: `METHOD /path` a line, parameters as `{id}` or `:id`, `*` for a segment, `**` for the rest, `#` for comments. */

import type { GivenEndpoint } from "../diff/given-endpoints.ts";
import { readTemplate } from "../diff/path-template.ts";
import { type Reading, read, wrong } from "../diff/rules/reading.ts";

/** Methods are upper case; `*`, `ANY` and none at all stand for every method. */
const route = /^(?:([A-Z][A-Z-]*|\*)\s+)?(\/\S*)$/;
/** `:id` at the start of a segment or after a separator; elsewhere, as in `/docs:batchGet`, a colon is one. */
const colonParameter = /(^|[/.-]):([A-Za-z_]\w*)/g;
const longestShown = 60;
const form = "write METHOD /path, e.g. GET /posts/{id} or GET /posts/:id";

/** Whether a file is one: its first line that says anything is no YAML key and no JSON. */
export function isRoutesList(text: string): boolean {
  const [first] = linesOf(text);
  return (
    first !== undefined &&
    (/^(?:[A-Za-z][A-Za-z-]*|\*)\s+\//.test(first.content) || first.content.startsWith("/")) &&
    !first.content.endsWith(":")
  );
}

/** @returns the routes in their order, or the first line that is none */
export function routesOfList(text: string): Reading<readonly GivenEndpoint[]> {
  const endpoints: GivenEndpoint[] = [];
  for (const { number, content } of linesOf(text)) {
    const [, method, written = ""] = route.exec(content) ?? [];
    const shown = content.length > longestShown ? `${content.slice(0, longestShown)}…` : content;
    if (written === "") return wrong(`line ${number}, "${shown}", is no route`, form);
    if (/[()]|[\w}][?+]/.test(written))
      return wrong(`line ${number}, "${shown}", has an optional or constrained part`, "write a line for each form");
    const path = written.replaceAll(colonParameter, "$1{$2}");
    const template = readTemplate(path);
    if (template.kind === "wrong") return wrong(`line ${number}: ${template.problem}`, template.advice);
    endpoints.push({ method: method === undefined || method === "*" || method === "ANY" ? null : method, paths: [path] });
  }
  return read(endpoints);
}

function linesOf(text: string): { readonly number: number; readonly content: string }[] {
  return text
    .split(/\r\n?|\n/)
    .map((line, index) => ({ number: index + 1, content: line.replace(/(^|\s)#.*$/, "").trim() }))
    .filter(({ content }) => content !== "");
}
