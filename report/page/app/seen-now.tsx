/** Of a page that watches a sidecar: differences that were seen a moment ago, until a report says what they are. */

import { seen } from "./source.ts";
import { plural } from "./words.ts";

export function SeenNow() {
  const { rows, more } = seen.value;
  const all = rows.length + more;
  if (all === 0) return null;
  return (
    <section class="seen" aria-label="Seen just now" tabIndex={0}>
      <h2>Seen just now, not judged yet</h2>
      <p class="hint">
        {plural(all, "kind")} of differences that the report below does not have yet. They are not in its totals, and some may turn out to
        be noise.
      </p>
      <ul class="plain">
        {rows.map((row) => (
          <li key={`${row.endpoint} ${row.place} ${row.kind} ${row.transition}`}>
            <span class={`chip ${row.severity}`}>{row.severity}</span>{" "}
            <span class="title value">
              {row.endpoint} · {row.place} · {row.transition}
            </span>
            <span class="example">
              <span class="from value">{row.from}</span>
              <span class="arrow"> → </span>
              <span class="to value">{row.to}</span>
            </span>
            <span class="facts">
              <span>{row.kind}</span>
              <span>{plural(row.exchanges, "exchange")}</span>
              <span class="value">first {row.request}</span>
              <span class="id">{row.exchange}</span>
            </span>
          </li>
        ))}
      </ul>
      {more > 0 && <p class="hint">and {plural(more, "more kind")}</p>}
    </section>
  );
}
