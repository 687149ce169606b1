/** The way to the parts of the page that lie below the findings. */

/** By what their sections are called. */
const parts = ["Findings", "Fields", "Rules", "Coverage and blind spots", "Endpoints", "Over time", "Replay", "Run"] as const;
const short: Readonly<Record<string, string>> = { "Coverage and blind spots": "Coverage" };

/** @param present sections that this run has */
export function Sections({ present }: { readonly present: ReadonlySet<string> }) {
  return (
    <nav aria-label="Parts of the page" class="sections">
      {parts
        .filter((name) => present.has(name))
        .map((name) => (
          <button key={name} type="button" class="link" onClick={() => goTo(name)}>
            {short[name] ?? name}
          </button>
        ))}
    </nav>
  );
}

function goTo(name: string): void {
  const section = document.querySelector<HTMLElement>(`section[aria-label="${name}"]`);
  if (section === null) return;
  section.tabIndex = -1;
  section.focus({ preventScroll: true });
  section.scrollIntoView();
}
