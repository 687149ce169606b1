/** The verdict, its sentence, and totals that add up. */

import type { Data } from "./source.ts";

const signs = { pass: "✓", fail: "✗", inconclusive: "?", running: "…" } as const;

export function Header({ data }: { readonly data: Data }) {
  return (
    <header class={`verdict ${data.verdict}`}>
      <div class="inner">
        <p class="brand">
          <span class="moon" aria-hidden="true" />
          Penumbra report
        </p>
        <h1>
          <span class="sign" aria-hidden="true">
            {signs[data.verdict]}
          </span>
          <span>{data.word}</span>
        </h1>
        <p class="sentence">{data.sentence}</p>
        <Totals data={data} />
        {data.reasons.length > 0 && (
          <ul class="reasons" aria-label="Reasons">
            {data.reasons.map(({ code, text }) => (
              <li key={`${code} ${text}`}>
                <span class="value">{text}</span> <code>{code}</code>
              </li>
            ))}
          </ul>
        )}
      </div>
    </header>
  );
}

function Totals({ data }: { readonly data: Data }) {
  const all = data.parts.reduce((sum, part) => sum + part.n, 0);
  const shown = data.parts.filter((part) => part.n > 0);
  return (
    <section class="totals" aria-label="Totals">
      <div class="bar" aria-hidden="true">
        {shown.map((part) => (
          <span key={part.label} class={`part ${part.key}`} style={{ width: `${(part.n / all) * 100}%` }} />
        ))}
      </div>
      <ul class="legend">
        {shown.map((part) => (
          <li key={part.label}>
            <span class={`dot ${part.key}`} aria-hidden="true" />
            <b>{part.text}</b> {part.label}
          </li>
        ))}
      </ul>
      <p class="sums">
        {data.sums.map((sum) => (
          <span key={sum}>{sum}</span>
        ))}
      </p>
    </section>
  );
}
