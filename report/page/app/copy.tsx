/** A button that copies a text and says whether it did. */

import { useSignal } from "@preact/signals";

const saidMs = 1500;

export function CopyButton({ label, text }: { readonly label: string; readonly text: string }) {
  const said = useSignal(label);
  const say = (word: string): void => {
    said.value = word;
    setTimeout(() => {
      said.value = label;
    }, saidMs);
  };
  return (
    <button type="button" class="copy" onClick={() => void copy(text).then((done) => say(done ? "Copied" : "Could not copy"))}>
      <span aria-live="polite">{said.value === label ? label : said.value}</span>
    </button>
  );
}

/** A page from a file has no clipboard in some browsers; the old way still works there. */
async function copy(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = document.createElement("textarea");
    area.className = "offscreen";
    area.value = text;
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    return done;
  }
}
