/** The keys, search tokens and words, in a dialog of the browser's own, which keeps the focus and closes with Escape. */

import { useEffect, useRef } from "preact/hooks";
import { glossary } from "./glossary.ts";
import { tokenNames } from "./search.ts";
import { help } from "./state.ts";

const keys: readonly (readonly [readonly string[], string])[] = [
  [["j", "k"], "next and previous finding"],
  [["n", "p"], "next and previous finding, opened"],
  [["Enter"], "open or close"],
  [["Esc"], "close, or leave the search"],
  [["a"], "accept"],
  [["u"], "side by side, or unified"],
  [["/"], "search"],
  [["?"], "this help"],
];

export function Help() {
  const dialog = useRef<HTMLDialogElement>(null);
  const words = useRef<HTMLHeadingElement>(null);
  const part = help.value;
  useEffect(() => {
    if (part !== null && dialog.current?.open === false) dialog.current.showModal();
    if (part === null && dialog.current?.open === true) dialog.current.close();
    if (part === "words") {
      words.current?.focus({ preventScroll: true });
      words.current?.scrollIntoView();
    }
  }, [part]);
  return (
    <dialog
      ref={dialog}
      aria-label="Help"
      onClose={() => {
        help.value = null;
      }}
    >
      <h2 tabIndex={-1}>Keys</h2>
      <dl class="grid">
        {keys.map(([names, what]) => (
          <div key={what} class="pair">
            <dt>
              {names.map((name) => (
                <kbd key={name}>{name}</kbd>
              ))}
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
      <h2>Search</h2>
      <p>
        Words, and tokens that ask for one thing: <code>{tokenNames.map((name) => `${name}:`).join(" ")}</code>.{" "}
        <code>status:200-&gt;500</code> finds that transition, quotes keep spaces, a minus excludes.
      </p>
      <h2 ref={words} tabIndex={-1}>
        Words
      </h2>
      <dl class="words">
        {glossary.map(([word, meaning]) => (
          <div key={word}>
            <dt>{word}</dt>
            <dd>{meaning}</dd>
          </div>
        ))}
      </dl>
      <form method="dialog">
        <button type="submit" class="tab">
          Close
        </button>
      </form>
    </dialog>
  );
}
