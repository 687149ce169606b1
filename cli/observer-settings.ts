/** How the live process tells its observer what to do: one environment variable of JSON, written and read here. */

import type { ObserverOptions } from "../proxy/observer/observer.ts";

export const observerOptionsVariable = "PENUMBRA_OBSERVER_OPTIONS";

export function writeObserverOptions(options: ObserverOptions): string {
  return JSON.stringify(options);
}

/** Both ends are the same build, started by one another: the shape is not checked again. */
export function readObserverOptions(text: string): ObserverOptions {
  return JSON.parse(text) as ObserverOptions;
}
