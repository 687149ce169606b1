/** Exchanges over the time of production: the same, different, and what could not be compared. */

import { useMemo } from "preact/hooks";
import type { TimelineView } from "../plots.ts";
import { timeLabels, wholeNumbers } from "./axis-labels.ts";
import { type Axis, Plot, type Series } from "./plot.tsx";

const height = 190;
const msPerSecond = 1000;

const xAxis: Axis = { name: "time of day (UTC)", labels: timeLabels };
const looks: Readonly<Record<string, Pick<Series, "color" | "isFilled" | "dash">>> = {
  different: { color: "--high", isFilled: true },
  same: { color: "--pass" },
  skipped: { color: "--skipped", dash: [4, 4] },
};

export function TimeLine({ view }: { readonly view: TimelineView | null }) {
  const drawn = useMemo(
    () =>
      view === null
        ? null
        : {
            x: view.at.map((ms) => ms / msPerSecond),
            series: view.series.map(({ key, label, counts }) => ({
              label,
              values: counts,
              isStepped: true,
              color: "--skipped",
              ...looks[key],
            })),
          },
    [view],
  );
  if (view === null || drawn === null) return null;
  return (
    <section class="panel" aria-label="Over time">
      <h2>Over time</h2>
      <p class="hint">{view.sentence}</p>
      <Plot {...drawn} height={height} isTime xAxis={xAxis} yAxis={{ name: `exchanges in ${view.step}`, labels: wholeNumbers }} />
      <Legend view={view} />
    </section>
  );
}

function Legend({ view }: { readonly view: TimelineView }) {
  return (
    <ul class="legend">
      {view.series.map(({ key, label, total }) => (
        <li key={label}>
          <span class={`dot ${key}`} aria-hidden="true" />
          <b>{total}</b> {label}
        </li>
      ))}
    </ul>
  );
}
