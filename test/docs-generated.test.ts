/** The documents that `npm run docs` writes say what the code says. */

import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { optionsDocument } from "../scripts/docs.ts";

it("docs/options.md is up to date (npm run docs writes it)", async () => {
  expect(readFileSync("docs/options.md", "utf8")).toBe(await optionsDocument());
});
