/** Of a page that watches a sidecar: whether it is heard, and how much went through it. */

import { isConnected, live } from "./source.ts";

const words = {
  running: "live",
  gone: "the observer is being started again",
  draining: "the sidecar is draining: what is under way is finished and judged",
  finished: "the run is finished",
} as const;

export function LiveBar() {
  const state = live.value;
  const isHeard = isConnected.value || state?.observer === "finished";
  const known = state === null ? "waiting for the sidecar" : words[state.observer];
  const status = isHeard ? known : "no connection to the sidecar; trying again";
  const dropped = Object.values(state?.dropped ?? {}).reduce((sum, n) => sum + n, 0);
  return (
    <aside aria-label="Connection" class={`live ${isConnected.value && state?.observer === "running" ? "on" : ""}`}>
      <span class="pulse" aria-hidden="true" />
      <span role="status">{status}</span>
      {state !== null && (
        <span class="counts">
          {state.exchanges.toLocaleString("en-US")} exchanges, {state.mirrored.toLocaleString("en-US")} mirrored,{" "}
          {dropped.toLocaleString("en-US")} dropped
        </span>
      )}
    </aside>
  );
}
