/** Every report format by its name: what `--format` and `--report` accept. */

import type { Reporter } from "./details.ts";
import { githubReporter } from "./github.ts";
import { gitlabReporter } from "./gitlab.ts";
import { htmlReporter } from "./html.ts";
import { jsonReporter } from "./json.ts";
import { junitReporter } from "./junit.ts";
import { markdownReporter } from "./markdown.ts";
import { textReporter } from "./text.ts";

export const reporters: ReadonlyMap<string, Reporter> = new Map<string, Reporter>([
  ["text", textReporter],
  ["json", jsonReporter],
  ["html", htmlReporter],
  ["markdown", markdownReporter],
  ["junit", junitReporter],
  ["github", githubReporter],
  ["gitlab", gitlabReporter],
]);
