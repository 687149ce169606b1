/** The file that `--endpoints` names: an OpenAPI or Swagger document, or a list of routes. Read once, when the options are.
 *
 *    file ─┬─ METHOD /path lines ─► routes-list.ts ─┐
 *          └─ JSON or YAML ─► openapi.ts ───────────┴─► GivenEndpoint[], or one line about the first thing that is wrong */

import { readFileSync, statSync } from "node:fs";
import { parse as parseYaml } from "yaml";
import type { GivenEndpoint } from "../diff/given-endpoints.ts";
import { readTemplate } from "../diff/path-template.ts";
import type { Reading } from "../diff/rules/reading.ts";
import { PenumbraError } from "../model/errors.ts";
import { endpointsOfDocument } from "./openapi.ts";
import { isRoutesList, routesOfList } from "./routes-list.ts";
import { anyScalar } from "./value-schemas.ts";
import { type Parse, text as plainText } from "./values.ts";

/** The largest published documents have some 40 MB; reading them would take longer than the run. */
const largestMebibytes = 16;
const bytesPerMebibyte = 2 ** 20;
/** Every request is looked up among them. */
const mostEndpoints = 20_000;
const see = "give an OpenAPI document or a list of METHOD /path lines; see docs/endpoints.md";

/** @throws PenumbraError naming the file, the first thing that is wrong in it, and what to do */
export const endpointsFile: Parse<readonly GivenEndpoint[]> = Object.assign(read, { schema: anyScalar });

function read(path: string, option: string): readonly GivenEndpoint[] {
  const text = textOf(path, option);
  const endpoints = isRoutesList(text) ? routesOfList(text) : endpointsOfDocument(documentOf(text, path));
  if (endpoints.kind === "wrong") throw invalid(path, endpoints.problem, endpoints.advice);
  const problem = firstProblem(endpoints.value);
  if (problem !== null) throw invalid(path, problem.problem, problem.advice);
  if (endpoints.value.length === 0) throw invalid(path, "it names no endpoint", see);
  if (endpoints.value.length > mostEndpoints)
    throw invalid(path, `it names ${endpoints.value.length} endpoints`, `give at most ${mostEndpoints}, those of the service under test`);
  return endpoints.value;
}

function textOf(path: string, option: string): string {
  plainText(path, option);
  try {
    const { size } = statSync(path);
    if (size <= largestMebibytes * bytesPerMebibyte) return readFileSync(path, "utf8").replace(/^\uFEFF/, "");
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new PenumbraError(
      "ENDPOINTS_UNREADABLE",
      `${option} ${path} cannot be read (${why})`,
      `name another file, or leave it out`,
      cause,
    );
  }
  throw invalid(path, `it is larger than ${largestMebibytes} MiB`, "leave its schemas out: only paths, methods and servers are read");
}

/** JSON by its own parser, which is far quicker on large documents. */
function documentOf(text: string, path: string): unknown {
  try {
    return jsonOf(text) ?? (parseYaml(text, { merge: true }) as unknown);
  } catch (cause) {
    const why = cause instanceof Error ? (cause.message.split("\n")[0] ?? "").replace(/:$/, "") : String(cause);
    throw invalid(path, `it is neither JSON nor YAML (${why})`, see, cause);
  }
}

function jsonOf(text: string): unknown {
  if (!text.trimStart().startsWith("{")) return null;
  try {
    return JSON.parse(text);
  } catch {
    // YAML may begin with a brace too, and its parser says in which line the fault is.
    return null;
  }
}

function firstProblem(endpoints: readonly GivenEndpoint[]): Extract<Reading<unknown>, { kind: "wrong" }> | null {
  for (const { paths } of endpoints) {
    for (const path of paths) {
      const template = readTemplate(path);
      if (template.kind === "wrong") return template;
    }
  }
  return null;
}

function invalid(path: string, problem: string, hint: string, cause?: unknown): PenumbraError {
  return new PenumbraError("ENDPOINTS_INVALID", `the endpoints in ${path} cannot be used: ${problem}`, hint, cause);
}
