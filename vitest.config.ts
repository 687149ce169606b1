/** How the tests run: real processes and sockets, so one process per file, and no more of them at once than a small
 * machine has cores. The canaries start a whole tool each and are a project of their own (`npm run check:canaries`). */

import { join } from "node:path";
import { defineConfig, type ViteUserConfig } from "vitest/config";

const CANARIES = "test/gates/gates.test.ts";
/** Equal builds have to be found equal in speed too: nothing else runs beside these. */
const ALONE: readonly string[] = ["test/e2e/demo.test.ts", "test/zoo/*.test.ts"];

const config: ViteUserConfig = defineConfig({
  test: {
    pool: "forks",
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    reporters: ["default"],
    // Hundreds of processes are started, and each would compile the same program: half of what a short one takes.
    env: { NODE_COMPILE_CACHE: join(import.meta.dirname, "node_modules", ".cache", "node-compile") },
    projects: [
      {
        extends: true,
        test: {
          name: "product",
          include: ["test/**/*.test.ts"],
          exclude: [CANARIES, ...ALONE, "test/{zoo,corpus}/**/node_modules/**", "node_modules/**"],
        },
      },
      { extends: true, test: { name: "alone", include: [...ALONE], maxWorkers: 1, sequence: { groupOrder: 1 } } },
      { extends: true, test: { name: "canaries", include: [CANARIES] } },
    ],
  },
});

export default config;
