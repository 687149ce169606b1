/** Every command, in the order in which help shows them. */

import type { RunnableCommand } from "./command.ts";
import { acceptCommand } from "./commands/accept.ts";
import { compareCommand } from "./commands/compare.ts";
import { demoCommand } from "./commands/demo.ts";
import { diffCommand } from "./commands/diff.ts";
import { exportCommand } from "./commands/export.ts";
import { importCommand } from "./commands/import.ts";
import { inspectCommand } from "./commands/inspect.ts";
import { proxyCommand } from "./commands/proxy.ts";
import { replayCommand } from "./commands/replay.ts";
import { reportCommand } from "./commands/report.ts";
import { verifyCommand } from "./commands/verify.ts";

export const commands: readonly RunnableCommand[] = [
  proxyCommand,
  replayCommand,
  diffCommand,
  compareCommand,
  reportCommand,
  acceptCommand,
  inspectCommand,
  importCommand,
  exportCommand,
  verifyCommand,
  demoCommand,
];
