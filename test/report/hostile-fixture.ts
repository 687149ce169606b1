/** A report over traffic that attacks whoever reads it: markup, scripts, terminal escapes, text direction marks,
 * Markdown, mentions, illegal XML, a line of a megabyte, bytes that are no text. */

import type { Report } from "../../model/report.ts";
import type { ReportDetails, Sample } from "../../report/details.ts";
import { answered, findingWith, noDetails, requestOf, richReport } from "./fixture.ts";

export const hostileStrings: readonly string[] = [
  "</script><script>globalThis.owned=1</script>",
  "<!--<script>",
  '<img src=x onerror="globalThis.owned=1">',
  "javascript:globalThis.owned=1",
  "\u001b]0;owned\u0007\u001b[2J\u009b31m",
  "\u202egnp.exe\u2066\u200b\u2028\u2029\ufeff",
  "| a | b |\n\n# heading @octocat #1 [x](http://evil.example) `tick` ~~x~~ ![i](http://evil.example/i.png)",
  "]]> &amp; \u0000\u0008\ufffe\uffff \ud800 lone",
  "__proto__",
  "$& $1 ${x} %0A%0d",
  "\u001b]8;;http://evil.example\u001b\\link\u001b]8;;\u0007 \u009d8;;x\u009c \u001bP1$r\u001b\\",
  "a ::error file=x,line=1::owned %0A::add-mask::a \n::stop-commands::x",
  "\u00a0::warning::owned ##[error]owned ##vso[task.setvariable]x ##teamcity[x]",
  "www.evil.example https://evil.example a@evil.example GH-1 #1 @team <https://evil.example>",
];

const everything: string = hostileStrings.join(" ");

const megabyte: string = `{"a":"${"x".repeat(1_000_000)}","end":1}`;
const longLine: string = `${"y".repeat(1_000_000)}END`;

export const hostileReport: Report = {
  ...richReport,
  reasons: hostileStrings.map((text) => ({ code: text, text })),
  run: {
    ...richReport.run,
    id: everything,
    labels: { [everything]: everything },
    targets: { ...richReport.run.targets, primary: everything, controls: [everything] },
  },
  totals: { ...richReport.totals, notComparable: { [everything]: 12 } },
  findings: hostileStrings.map((text, index) =>
    findingWith({
      id: `abcdef0000${String(index).padStart(2, "0")}`,
      severity: "high",
      score: 90 - index,
      title: text,
      endpoint: `GET /${text}`,
      location: "header",
      path: text,
      transition: text,
      condition: text,
      labels: { [text]: text },
      exemplars: [`sample-${index}`, text],
      example: { from: text, to: everything },
    }),
  ),
  endpoints: [
    ...hostileStrings.map((text) => ({ endpoint: `GET /${text}`, compared: 10, different: 1, latency: null, upperBound: null })),
    // Equal once their names are cut.
    { endpoint: `GET /twin${"n".repeat(400)}1`, compared: 1, different: 0, latency: null, upperBound: 1 },
    { endpoint: `GET /twin${"n".repeat(400)}2`, compared: 1, different: 0, latency: null, upperBound: 1 },
  ],
  accepted: { used: [], unused: [everything], expired: [everything] },
};

const bodies: readonly (readonly [type: string, primary: string | Uint8Array, candidate: string | Uint8Array])[] = [
  ["text/html", `<p>${hostileStrings[0]}</p>\n${everything}`, `<p>${hostileStrings[2]}</p>`],
  ["application/json", JSON.stringify(hostileStrings), JSON.stringify({ all: hostileStrings })],
  ["application/json", megabyte, megabyte.replace('"end":1', '"end":2')],
  ["text/plain", longLine, longLine.replace("END", "end")],
  ["application/octet-stream", new Uint8Array([0, 1, 2, 255, 254, 60, 47, 115]), new Uint8Array(5000).fill(7)],
  ["text/plain; charset=no-such", "\r\n\r\n\ttab", "\r\rtab"],
  ["application/json", "[".repeat(5000), "{"],
];

const hostileSamples: readonly Sample[] = hostileStrings.map((text, index) => {
  const [type, primary, candidate] = bodies[index % bodies.length] ?? ["", "", ""];
  return {
    exchangeId: `sample-${index}`,
    request: requestOf(text, `/${text}`, [[text, text]], everything),
    primary: answered(
      200,
      text,
      [
        ["Content-Type", type],
        [text, text],
      ],
      primary,
    ),
    control: { kind: "not-http" as const, tookMs: answered(200, "", [], "").tookMs, detail: text },
    candidate: answered(
      500,
      text,
      [
        ["Content-Type", type],
        ["Content-Encoding", index === 1 ? "br" : "identity"],
      ],
      candidate,
    ),
    differences: [
      {
        location: "header" as const,
        path: text,
        kind: "header.value" as const,
        level: "value" as const,
        from: text,
        to: everything,
        transition: text,
      },
    ],
  };
});

export const hostileDetails: ReportDetails = { ...noDetails, samples: hostileSamples, color: true, runDirectory: everything };
