/** GitLab's rules for a Code Quality report, as a JSON Schema and what a schema cannot say: fingerprints are unique. */

import { Ajv2020 } from "ajv/dist/2020.js";

export interface CodeQualityIssue {
  readonly description: string;
  readonly check_name: string;
  readonly fingerprint: string;
  readonly severity: string;
  readonly location: { readonly path: string; readonly lines: { readonly begin: number } };
}

const schema = {
  type: "array",
  items: {
    type: "object",
    required: ["description", "check_name", "fingerprint", "severity", "location"],
    additionalProperties: false,
    properties: {
      description: { type: "string", minLength: 1 },
      check_name: { type: "string", pattern: "^penumbra/[a-z./-]+$" },
      fingerprint: { type: "string", pattern: "^[0-9a-f]{32}$" },
      severity: { enum: ["info", "minor", "major", "critical", "blocker"] },
      location: {
        type: "object",
        required: ["path", "lines"],
        additionalProperties: false,
        properties: {
          // Relative to the repository, without a `./` before it: as GitLab names files in a merge request.
          path: { type: "string", minLength: 1, pattern: "^(?!\\.?/)(?!.*(?:^|/)\\.\\.(?:/|$))" },
          lines: {
            type: "object",
            required: ["begin"],
            additionalProperties: false,
            properties: { begin: { type: "integer", minimum: 1 } },
          },
        },
      },
    },
  },
} as const;

const isReport = new Ajv2020({ strict: true, allErrors: true }).compile<CodeQualityIssue[]>(schema);

/** @throws Error saying what is wrong */
export function readCodeQuality(source: string): CodeQualityIssue[] {
  if (source.startsWith("\ufeff")) throw new Error("it begins with a byte order mark, which GitLab refuses");
  const parsed: unknown = JSON.parse(source);
  if (!isReport(parsed)) throw new Error(JSON.stringify(isReport.errors, null, 1));
  const fingerprints = parsed.map(({ fingerprint }) => fingerprint);
  const twice = fingerprints.filter((fingerprint, index) => fingerprints.indexOf(fingerprint) !== index);
  if (twice.length > 0) throw new Error(`fingerprints twice: ${twice.join(", ")}`);
  return parsed;
}
