/** The demo's application: json-server, a real REST server from npm, in two published versions.
 * `shop-old` is production and control, `shop-new` the candidate; each copy has a state of its own. */

import { cpSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { PenumbraError } from "../../model/errors.ts";
import { type Program, startProgram } from "./program.ts";

export type ShopBuild = "old" | "new";

const checkout = fileURLToPath(new URL("../../", import.meta.url));
const shopFolder = join(checkout, "examples", "shop");
const entryPoint: Readonly<Record<ShopBuild, string>> = {
  old: join(checkout, "node_modules", "shop-old", "lib", "cli", "bin.js"),
  new: join(checkout, "node_modules", "shop-new", "lib", "bin.js"),
};

/** @throws PenumbraError in an installed package, which does not bring the shop along */
export function checkInstalled(): void {
  if (Object.values(entryPoint).every((entry) => existsSync(entry))) return;
  throw new PenumbraError(
    "DEMO_NOT_INSTALLED",
    "the demo's shop is not installed",
    "run `npm start` in a checkout of Penumbra: it installs what the demo needs",
  );
}

/** Starts one copy of a build from the same stored state.
 * @throws PenumbraError when the build is not installed or does not come up */
export async function startShop(build: ShopBuild): Promise<Program> {
  const entry = entryPoint[build];
  const state = mkdtempSync(join(tmpdir(), "penumbra-shop-"));
  cpSync(shopFolder, state, { recursive: true });
  const quiet = build === "old" ? ["--quiet"] : [];
  try {
    const program = await startProgram({
      // The new build prints --host but listens on every address: loopback.mjs keeps both on 127.0.0.1.
      args: ["--import", join(state, "loopback.mjs"), entry, ...quiet, "--host", "127.0.0.1", "--port", "{port}", "db.json"],
      cwd: state,
      env: { NODE_ENV: "production" },
      ready: "/profile",
    });
    return {
      ...program,
      async stop() {
        await program.stop();
        rmSync(state, { recursive: true, force: true });
      },
    };
  } catch (error) {
    rmSync(state, { recursive: true, force: true });
    throw error;
  }
}
