/** What experiments found, as JSON: the entries of kind `dependence` in a run's log, and the summary in `run.json`. */

import type { DependenceClass, ExperimentFacts, FindingDependence, NeededRequest } from "../model/dependence.ts";
import { milliseconds } from "../model/units.ts";
import { Fields, type JsonObject } from "./fields.ts";

const classes: readonly DependenceClass[] = ["deterministic", "sequence", "concurrency", "flaky", "unclassified"];
const endings: readonly ExperimentFacts["ended"][] = ["done", "limit", "interrupted", "reset-failed"];

export function dependenceToJson(dependence: FindingDependence): JsonObject {
  return { kind: "dependence", ...dependence };
}

/** @throws FormError */
export function dependenceFromJson(fields: Fields): FindingDependence {
  const named = fields.string("class");
  return {
    finding: fields.string("finding"),
    class: classes.find((known) => known === named) ?? fields.unfit("class", `one of ${classes.join(", ")}`),
    shown: fields.count("shown"),
    runs: fields.count("runs"),
    control: fields.count("control"),
    requests: fields.array("requests").map((value, index) => requestFromJson(new Fields(value, `requests[${index}]`))),
    minimal: fields.boolean("minimal"),
    within: fields.raw("within") === null ? null : milliseconds(fields.span("within")),
    sends: fields.count("sends"),
    recording: fields.raw("recording") === null ? null : fields.string("recording"),
    curl: fields.array("curl").map((line) => (typeof line === "string" ? line : fields.fail("curl", "an array of strings"))),
  };
}

function requestFromJson(fields: Fields): NeededRequest {
  return {
    exchange: fields.string("exchange"),
    method: fields.string("method"),
    target: fields.string("target"),
    after: fields.raw("after") === null ? null : milliseconds(fields.span("after")),
  };
}

/** @throws FormError */
export function experimentsFromJson(fields: Fields): ExperimentFacts {
  const ended = fields.string("ended");
  return {
    asked: fields.count("asked"),
    findings: fields.count("findings"),
    sends: fields.count("sends"),
    limit: fields.count("limit"),
    ended: endings.find((known) => known === ended) ?? fields.unfit("ended", `one of ${endings.join(", ")}`),
    detail: fields.raw("detail") === null ? null : fields.string("detail"),
  };
}
