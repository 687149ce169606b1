/** A real run for the page: a small service in two builds, one of which answers differently and with all that must not act in a browser. */

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runPenumbra } from "../../cli/demo/penumbra.ts";
import { type PlainExchange, writeRecording } from "../support/recordings.ts";
import { type Handler, startService } from "../support/service.ts";

/** Sessions, each of which asks for every page once. */
const lanes = 24;
const start = 1_763_798_400_000;
/** Would set `window.acted` if any of it acted. */
const acting: string = [
  "</script><script>window.acted = 1</script>",
  '"><img src=x onerror="window.acted = 2">',
  "<svg onload=window.acted=3>",
  "javascript:window.acted=4",
  "<!--<script>",
  "\u2028\u2029\u202e\u2066",
  "{{7*7}}${7*7}",
].join(" ");

const pages: Readonly<
  Record<string, (build: "old" | "new", id: number) => { readonly status?: number; readonly type: string; readonly body: string }>
> = {
  items: (build, id) => ({
    type: "application/json",
    body: JSON.stringify({
      id,
      name: `item ${id}`,
      price: build === "old" ? id : String(id),
      tags: Array.from({ length: 40 }, (_, tag) => `tag ${tag}`),
    }),
  }),
  orders: (build, id) =>
    build === "old"
      ? { type: "application/json", body: JSON.stringify({ id, state: "paid" }) }
      : { status: 500, type: "text/plain", body: `no such order ${id}` },
  noise: (_, id) => ({ type: "application/json", body: JSON.stringify({ id, at: Math.random() }) }),
  debug: (build, id) => ({ type: "application/json", body: JSON.stringify({ id, debug: build }) }),
  pages: (build, id) => ({ type: "text/html", body: `<p>page ${id}</p>\n<p>${build === "old" ? "fine" : acting}</p>` }),
  texts: (build) => ({ type: "text/plain", body: `${"x".repeat(build === "old" ? 1_000_000 : 999_000)} end` }),
  files: (build, id) => ({ type: "application/octet-stream", body: `\u0000\u0001\u0002${build}${id}\u007f\u0080` }),
};

const handler =
  (build: "old" | "new"): Handler =>
  (request, response) => {
    const [, name = "", id = "0"] = (request.url ?? "").split("/");
    const { status = 200, type, body } = pages[name]?.(build, Number(id)) ?? { status: 404, type: "text/plain", body: "none" };
    response.writeHead(status, { "content-type": type, "x-note": build === "old" ? "plain" : encodeURIComponent(acting) }).end(body);
  };

export interface ShopRun {
  readonly directory: string;
  readonly html: string;
  remove(): void;
}

/** Replays the recording of `lanes` sessions against both builds. */
export async function shopRun(): Promise<ShopRun> {
  const scratch = mkdtempSync(join(tmpdir(), "penumbra-browser-"));
  const exchanges = Object.entries(pages).flatMap(([name, answer], index) =>
    Array.from({ length: name === "texts" ? 3 : lanes }, (_, lane): PlainExchange => {
      const { type, body } = answer("old", lane + 1);
      const at = start + lane * 20 + index * 3;
      return {
        id: `${name}-${lane}`,
        at,
        lane: `lane-${lane}`,
        target: `/${name}/${lane + 1}`,
        headers: [
          ["Content-Type", type],
          ["X-Note", "plain"],
        ],
        body,
      };
    }),
  );
  const recording = writeRecording(
    join(scratch, "shop.ndjson"),
    exchanges.toSorted((a, b) => a.at - b.at),
  );
  const config = join(scratch, "penumbra.config.yaml");
  writeFileSync(config, 'rules:\n  - at: body $.debug\n    ignore: true\n    reason: "for developers <b>only</b>"\n');
  const [control, candidate] = await Promise.all([startService(handler("old")), startService(handler("new"))]);
  const directory = join(scratch, "run");
  const targets = ["--candidate", candidate.url, "--control", control.url];
  const options = ["--max-lateness", "10s", "--key-file", join(scratch, "key"), "--config", config, "--out", directory];
  const ended = await runPenumbra(["replay", recording, ...targets, ...options]);
  await Promise.all([control.close(), candidate.close()]);
  if (ended.code !== 1) throw new Error(`the replay ended with ${ended.code}: ${ended.stderr}`);
  return { directory, html: join(directory, "report.html"), remove: () => rmSync(scratch, { recursive: true, force: true }) };
}
