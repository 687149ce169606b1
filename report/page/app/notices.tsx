/** What the page says besides what it shows: what came of something the reader did, which stays until it is put away, and, for those who
 * listen, what has changed on a page that watches a run.
 *
 *    data, again and again ──► news since the last sentence ──► one sentence at most in a while */

import { effect, signal } from "@preact/signals";
import { type Data, data } from "./source.ts";
import { plural } from "./words.ts";

/** Of something the reader did; "" = nothing. */
export const notice = signal("");
const announcement = signal("");

/** A sentence for each difference would be spoken over by the next, and over what the reader is at. */
const collectedMs = 5_000;
/** Findings that a sentence names. */
const named = 3;

export function Notices() {
  return (
    <aside aria-label="Messages" class={notice.value === "" ? "notice" : "notice shown"}>
      <p role="status" aria-live="polite" class="value">
        {notice.value}
      </p>
      {notice.value !== "" && (
        <button
          type="button"
          class="tab"
          onClick={() => {
            notice.value = "";
          }}
        >
          Dismiss
        </button>
      )}
      <p role="status" aria-live="polite" class="offscreen announcement">
        {announcement.value}
      </p>
    </aside>
  );
}

/** Tells screen readers of another verdict and of new findings; what is there when the page is opened is no news. */
export function announceChanges(): void {
  let told: Data | null = null;
  let isCollecting = false;
  const tell = (): void => {
    isCollecting = false;
    const sentence = newsBetween(told, data.value);
    told = data.value;
    if (sentence !== "") announcement.value = sentence;
  };
  effect(() => {
    told ??= data.value;
    if (isCollecting || newsBetween(told, data.value) === "") return;
    isCollecting = true;
    setTimeout(tell, collectedMs);
  });
}

function newsBetween(before: Data | null, now: Data | null): string {
  if (before === null || now === null) return "";
  const known = new Set(openIn(before).map(({ id }) => id));
  const fresh = openIn(now).filter(({ id }) => !known.has(id));
  const more = fresh.length > named ? `; and ${fresh.length - named} more` : "";
  return [
    ...(before.word === now.word ? [] : [`The verdict is now ${now.word}: ${now.sentence}.`]),
    ...(fresh.length === 0
      ? []
      : [
          `${plural(fresh.length, "new finding")}: ${fresh
            .slice(0, named)
            .map(({ title }) => title)
            .join("; ")}${more}.`,
        ]),
  ].join(" ");
}

function openIn({ groups }: Data): Data["groups"][number]["findings"] {
  return groups.find(({ key }) => key === "open")?.findings ?? [];
}
