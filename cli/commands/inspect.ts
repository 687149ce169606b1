/** penumbra inspect: what is in a recording or a run, and one exchange as text or as a curl command line. */

import { existsSync } from "node:fs";
import { join } from "node:path";
import { PenumbraError } from "../../model/errors.ts";
import type { Exchange } from "../../model/exchange.ts";
import { curlCommand, renderExchange } from "../../recording/curl.ts";
import { encodeExchange } from "../../recording/ndjson.ts";
import { openRecording } from "../../recording/open.ts";
import { openRun } from "../../recording/run.ts";
import { summarise } from "../../recording/summary.ts";
import { isSelected, parseFilter, selectAll } from "../../replayer/selection.ts";
import { visible } from "../../report/visible.ts";
import { command } from "../command.ts";
import { activityOf } from "../endpoint-activity.ts";
import { exitCode } from "../exit-codes.ts";
import { summaryText } from "../summary-text.ts";
import { print } from "../terminal.ts";

export const inspectCommand = command({
  name: "inspect",
  about: "Show what is in a recording or a run: a summary, a list, or one exchange.",
  positional: [
    { form: "<place>", about: "a recording or a run" },
    { form: "[id]", about: "id of an exchange" },
  ],
  options: ["filter", "limit", "curl", "json"],
  example: "penumbra inspect recording --filter 'POST /orders' --limit 20",
  async run(values, [place = "", id]) {
    if (id === undefined && values.curl) throw new PenumbraError("BAD_OPTION", "--curl shows one exchange", "add its id, or leave it out");
    if (id !== undefined) await showOne(place, id, values);
    else if (values.filter !== null || values.limit !== null) await list(place, values);
    else await summary(place, values.json);
    return exitCode.pass;
  },
});

async function* exchangesAt(place: string): AsyncGenerator<Exchange> {
  if (isRun(place)) {
    for await (const entry of (await openRun(place)).entries()) if (entry.kind === "observation") yield entry.observation.exchange;
    return;
  }
  const recording = await openRecording(place);
  try {
    yield* recording.exchanges();
  } finally {
    recording.close();
  }
}

function isRun(place: string): boolean {
  return existsSync(join(place, "run.json"));
}

async function showOne(place: string, id: string, values: { readonly curl: boolean; readonly json: boolean }): Promise<void> {
  for await (const exchange of exchangesAt(place)) {
    if (exchange.id !== id) continue;
    print(values.json ? encodeExchange(exchange) : values.curl ? curlCommand(exchange) : renderExchange(exchange));
    return;
  }
  throw new PenumbraError("NO_SUCH_EXCHANGE", `${place} has no exchange ${id}`, "list the ids with --limit 20");
}

async function list(
  place: string,
  values: { readonly filter: string | null; readonly limit: number | null; readonly json: boolean },
): Promise<void> {
  const selection = { ...selectAll, filters: values.filter === null ? [] : [parseFilter(values.filter)] };
  let shown = 0;
  for await (const exchange of exchangesAt(place)) {
    if (!isSelected(exchange, selection)) continue;
    if (values.limit !== null && shown >= values.limit) return;
    shown++;
    const { request, outcome } = exchange;
    const result = outcome.kind === "answered" ? String(outcome.answer.status) : outcome.kind;
    print(
      values.json
        ? encodeExchange(exchange)
        : visible(`${exchange.id}  ${new Date(exchange.at).toISOString()}  ${result}  ${request.method} ${request.target}`),
    );
  }
}

async function summary(place: string, json: boolean): Promise<void> {
  if (isRun(place)) {
    const { meta } = await openRun(place);
    if (json) print(JSON.stringify(meta));
    else
      print(
        `${place}: ${meta.kind} run of ${meta.startedAt}, candidate ${meta.targets.candidate ?? "none"}; see \`penumbra report ${place}\``,
      );
    return;
  }
  const summed = await summarise(place);
  const activity = await activityOf(() => exchangesAt(place));
  print(json ? JSON.stringify({ ...summed, ...activity }) : summaryText(summed, activity));
}
