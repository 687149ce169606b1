/** Every command, in the order in which help shows them. Each is loaded when it is needed: a replay need not wait for
 * the code of the sidecar. */

import type { RunnableCommand } from "./command.ts";

const loaders: Readonly<Record<string, () => Promise<RunnableCommand>>> = {
  proxy: async () => (await import("./commands/proxy.ts")).proxyCommand,
  replay: async () => (await import("./commands/replay.ts")).replayCommand,
  diff: async () => (await import("./commands/diff.ts")).diffCommand,
  compare: async () => (await import("./commands/compare.ts")).compareCommand,
  report: async () => (await import("./commands/report.ts")).reportCommand,
  accept: async () => (await import("./commands/accept.ts")).acceptCommand,
  ignore: async () => (await import("./commands/ignore.ts")).ignoreCommand,
  inspect: async () => (await import("./commands/inspect.ts")).inspectCommand,
  import: async () => (await import("./commands/import.ts")).importCommand,
  export: async () => (await import("./commands/export.ts")).exportCommand,
  verify: async () => (await import("./commands/verify.ts")).verifyCommand,
  distill: async () => (await import("./commands/distill.ts")).distillCommand,
  assumptions: async () => (await import("./commands/assumptions.ts")).assumptionsCommand,
  "vault-key": async () => (await import("./commands/vault-key.ts")).vaultKeyCommand,
  init: async () => (await import("./commands/init.ts")).initCommand(() => loadCommands(undefined)),
  demo: async () => (await import("./commands/demo.ts")).demoCommand,
};

/** The one command of that name, or all of them when there is none (help, a typo). */
export async function loadCommands(name: string | undefined): Promise<readonly RunnableCommand[]> {
  const known = name !== undefined && Object.hasOwn(loaders, name) ? loaders[name] : undefined;
  return Promise.all((known === undefined ? Object.values(loaders) : [known]).map((load) => load()));
}
