/** Search, and which groups are unfolded. */

import { fold, groups, help, query, search, unfolded } from "./state.ts";

export const searchId = "search";

const names = { open: "Open", settled: "Accepted and known", noise: "Noise" } as const;

export function Toolbar() {
  return (
    <search class="toolbar">
      <input
        type="search"
        id={searchId}
        placeholder="Search, or status:200->500"
        aria-label="Search findings"
        autocomplete="off"
        spellcheck={false}
        value={query.value}
        onInput={(event) => search(event.currentTarget.value)}
      />
      {groups.value
        .filter(({ key, all }) => key !== "open" && all > 0)
        .map(({ key, all, leftOut }) => (
          <button key={key} type="button" class="toggle" aria-pressed={unfolded.value.has(key)} onClick={() => fold(key)}>
            {names[key]} <span class="n">{(all + leftOut).toLocaleString("en-US")}</span>
          </button>
        ))}
      <button
        type="button"
        class="toggle help-button"
        aria-haspopup="dialog"
        onClick={() => {
          help.value = "keys";
        }}
      >
        Help <kbd aria-hidden="true">?</kbd>
      </button>
    </search>
  );
}
