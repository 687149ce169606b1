/** `node scripts/build-page.ts`: makes report/page/dist where it is missing or out of date. Prints what it did. */

import { ensurePage } from "./page-build.ts";

try {
  if (await ensurePage()) process.stderr.write("penumbra: built the report's page\n");
} catch (error) {
  process.stderr.write(
    `penumbra: the report's page could not be built: ${error instanceof Error ? error.message.split("\n", 1)[0] : String(error)}\n`,
  );
  process.exitCode = 1;
}
