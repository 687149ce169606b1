/** The keyboard: j k n p Enter Esc a u / ?. Enter is the button's own. */

import { notice } from "./notices.tsx";
import { accepting, current, expand, expanded, help, layout, reachable, search, wanted } from "./state.ts";
import { searchId } from "./toolbar.tsx";

export function listenToKeys(): void {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || help.value !== null) return;
    const target = event.target instanceof HTMLElement ? event.target : document.body;
    if (event.key === "Escape") leave(target);
    else if (target.matches("input, textarea, select")) return;
    else if (!act(event.key)) return;
    event.preventDefault();
  });
}

/** @returns whether the key means something */
function act(key: string): boolean {
  switch (key) {
    case "j":
      move(1);
      return true;
    case "k":
      move(-1);
      return true;
    case "n":
      moveOpen(1);
      return true;
    case "p":
      moveOpen(-1);
      return true;
    case "a":
      accept();
      return true;
    case "u":
      layout.value = layout.value === "split" ? "unified" : "split";
      return true;
    case "/":
      document.getElementById(searchId)?.focus();
      return true;
    case "?":
      help.value = "keys";
      return true;
    default:
      return false;
  }
}

/** @returns the finding that is current now */
function move(step: 1 | -1): string | null {
  const findings = reachable.value;
  const from = findings.findIndex(({ id }) => id === current.value);
  const to = from === -1 ? (step > 0 ? 0 : findings.length - 1) : Math.min(findings.length - 1, Math.max(0, from + step));
  const id = findings[to]?.id ?? null;
  current.value = id;
  wanted.value = id;
  return id;
}

/** Like turning a page: what was open is closed. */
function moveOpen(step: 1 | -1): void {
  const before = current.value;
  const id = move(step);
  if (id === null) return;
  if (before !== null && before !== id && expanded.value.has(before)) expand(before, false);
  expand(id, true);
}

/** States in which a finding is not accepted. */
const whyNot: Readonly<Record<string, string>> = { noise: "noise", accepted: "accepted already", fixed: "fixed" };

function accept(): void {
  const id = current.value;
  if (id === null) return;
  expand(id, true);
  const state = reachable.value.find((finding) => finding.id === id)?.state ?? "";
  if (Object.hasOwn(whyNot, state)) notice.value = `There is nothing to accept: this finding is ${whyNot[state]}.`;
  else accepting.value = accepting.value === id ? null : id;
}

function leave(target: HTMLElement): void {
  if (target.id === searchId) {
    search("");
    target.blur();
    return;
  }
  // What cannot be accepted has no form to leave.
  const isFormShown = document.querySelector(".accept") !== null;
  accepting.value = null;
  if (isFormShown) return;
  const id = current.value !== null && expanded.value.has(current.value) ? current.value : [...expanded.value].at(-1);
  if (id === undefined) return;
  expand(id, false);
  wanted.value = id;
}
