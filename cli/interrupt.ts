/** Ctrl-C and SIGTERM as one abort signal, so that whatever runs can stop in good order. */

import { exitCode } from "./exit-codes.ts";

export interface Interrupt {
  readonly signal: AbortSignal;
  /** 130 after Ctrl-C, 143 after SIGTERM, null when nothing came. */
  exitCode(): number | null;
  /** Back to the default behaviour. */
  release(): void;
}

/** The first signal aborts; a second one ends the process at once. */
export function catchInterrupt(): Interrupt {
  const controller = new AbortController();
  let code: number | null = null;
  const on = (ends: number) => (): void => {
    if (code !== null) process.exit(ends);
    code = ends;
    controller.abort();
  };
  const onInterrupt = on(exitCode.interrupted);
  const onTerminate = on(exitCode.terminated);
  process.on("SIGINT", onInterrupt);
  process.on("SIGTERM", onTerminate);
  return {
    signal: controller.signal,
    exitCode: () => code,
    release() {
      process.off("SIGINT", onInterrupt);
      process.off("SIGTERM", onTerminate);
    },
  };
}
