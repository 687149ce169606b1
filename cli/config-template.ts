/** The text that `penumbra init` writes: every option of the table with what it means, commented out.
 *
 *    option table ──► ## what it means, and for which commands
 *                     # name: default, or an example where there is none
 *
 * Nothing is set: a default that a later version changes is not pinned by a file that only repeats it. */

import { stringify } from "yaml";
import type { RunnableCommand } from "./command.ts";
import { type OptionName, type OptionSpec, options } from "./options.ts";

/** Options that are about the file itself, or about one call alone. */
const notForFiles: readonly OptionName[] = ["config"];

/** What a value may look like where an option has no default, by its placeholder… */
const examplesByPlaceholder: Readonly<Record<string, string>> = {
  URL: "http://127.0.0.1:9000",
  "URL|RECORDING": "http://127.0.0.1:9002",
  "/PREFIX=URL": "/api=http://127.0.0.1:9003",
  "/PATH": "/api",
  HOST: "primary",
  "HOST:PORT": "127.0.0.1:9901",
  "N/s": "20/s",
  N: "1000",
  RATIO: "1.25",
  TIME: "1s",
  DATE: "2027-01-31",
  "N: V": "X-Shadow: 1",
  "NAME=VALUE": "instance=a",
  "FORMAT=PATH": "html=penumbra-report.html",
  "KEY.pub": "vault.key.pub",
  KEY: "vault.key",
};
/** …and by its name, where the placeholder says too little. */
const examplesByName: Readonly<Partial<Record<string, string>>> = {
  accept: "penumbra.accepted.yaml",
  "admin-token": "a-long-random-text",
  baseline: "penumbra-runs/main",
  candidate: "http://127.0.0.1:9001",
  endpoints: "openapi.yaml",
  file: "penumbra.accepted.yaml",
  filter: "GET /orders*",
  from: "2026-11-22T10:00:00Z",
  "keep-for": "30d",
  "keep-size": "100GiB",
  "key-file": "penumbra.key",
  login: "./login.sh",
  "mirror-deny": "/logout",
  out: "penumbra-runs/mine",
  owner: "team-orders",
  "primary-ca": "primary-ca.pem",
  reason: "ids are strings since v2",
  record: "recording",
  reset: "./reset.sh",
  resume: "penumbra-runs/broken-off",
  run: "penumbra-runs/live",
  "segment-age": "1d",
  "segment-size": "256MiB",
  "tls-cert": "tls.crt",
  "tls-key": "tls.key",
  to: "2026-11-22T11:00:00Z",
  ui: "8090",
  "ui-host": "dashboard.example",
};
/** Where nothing better is known. */
const anyText = "something";

const rulesPart = `## ── Rules: what counts as equal, and where (docs/rules.md) ──
# rules:
#   - at: body $.debug
#     ignore: true
#     reason: for developers, changes with every build
#   - endpoint: GET /orders/{id}
#     at: body $..price
#     tolerance: { absolute: 0.01 }

## ── Sampling: which requests are copied at another rate (docs/sampling.md) ──
# sampling:
#   - path: /checkout
#     rate: 100%
#   - method: DELETE
#     perSecond: 1

## ── Redaction: what is a secret besides what looks like one (docs/redaction.md) ──
# redaction:
#   - { header: X-Customer, how: mask }
#   - { json: $..email }
`;
const widestLine = 110;

/** @param schema where the file's JSON Schema lies, as an editor finds it from the file */
export function configTemplate(commands: readonly RunnableCommand[], schema: string): string {
  const head = [
    `# yaml-language-server: $schema=${schema}`,
    "## Options of Penumbra, read with --config (or PENUMBRA_CONFIG). Flags and PENUMBRA_* variables come first.",
    "## Everything is commented out: after one # stands what holds anyway, or an example where there is no default.",
  ];
  return [...head, ...sections(commands), "", rulesPart].join("\n");
}

/** Each option stands once, under the first command that has it. */
function sections(commands: readonly RunnableCommand[]): string[] {
  const shown = new Set<OptionName>(notForFiles);
  return commands.flatMap(({ name, optionNames }) => {
    const own = optionNames.filter((option) => !shown.has(option));
    for (const option of own) shown.add(option);
    if (own.length === 0) return [];
    const others = (option: OptionName): string[] => commands.filter((each) => each.optionNames.includes(option)).map((each) => each.name);
    return ["", `## ── penumbra ${name} ──`, ...own.flatMap((option) => entry(option, others(option)))];
  });
}

function entry(name: OptionName, commands: readonly string[]): string[] {
  const spec: OptionSpec<unknown> = options[name];
  const also = commands.length > 1 ? ` [${commands.join(", ")}]` : "";
  const value = stringify({ [name]: exampleOf(name, spec) }, { lineWidth: 0 }).trimEnd();
  const example = spec.fallback === null && spec.shape !== "flag" ? "  # an example" : "";
  return ["", ...wrapped(spec.about + also).map((line) => `## ${line}`), ...`${value}${example}`.split("\n").map((line) => `# ${line}`)];
}

/** As it would stand in the file. */
function exampleOf(name: string, spec: OptionSpec<unknown>): boolean | string | number | readonly string[] {
  if (spec.shape === "flag") return false;
  const placeholder = spec.placeholder.replaceAll("'", "");
  const text = spec.fallback ?? spec.allowed?.[0] ?? examplesByName[name] ?? examplesByPlaceholder[placeholder] ?? anyText;
  if (spec.shape === "list") return [text];
  return /^(0|[1-9]\d*)(\.\d*[1-9])?$/.test(text) ? Number(text) : text;
}

function wrapped(text: string): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= widestLine) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
