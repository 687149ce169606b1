/** How a replay went: how many requests were under way, production's beside the replay's, and how long answers took. */

import { useMemo } from "preact/hooks";
import type { ReplayView } from "../replay-view.ts";
import { unitOf, wholeNumbers } from "./axis-labels.ts";
import { type Axis, Plot } from "./plot.tsx";
import { ScrollTable } from "./scroll-table.tsx";

const height = 190;
const yAxis: Axis = { name: "requests under way", labels: wholeNumbers };

export function Replay({ view }: { readonly view: ReplayView | null }) {
  if (view === null) return null;
  return (
    <section class="panel" aria-label="Replay">
      <h2>Replay</h2>
      {view.curve !== null && <Curve view={view.curve} />}
      {view.times.length > 0 && <AnswerTimes view={view} />}
    </section>
  );
}

function Curve({ view }: { readonly view: NonNullable<ReplayView["curve"]> }) {
  const drawn = useMemo(() => {
    const steps = Math.max(view.recorded.length, view.achieved.length);
    // Once more at the end, up to which the last step goes.
    const values = (counts: readonly number[]): number[] =>
      Array.from({ length: steps + 1 }, (_, step) => counts[Math.min(step, steps - 1)] ?? 0);
    const unit = unitOf(view.stepMs * steps);
    return {
      xAxis: {
        name: `time since the first request (${unit.name})`,
        labels: (marks: readonly number[]) => marks.map((mark) => mark.toLocaleString("en-US")),
      },
      x: Array.from({ length: steps + 1 }, (_, step) => (step * view.stepMs) / unit.ms),
      series: [
        { label: "recorded", color: "--skipped", values: values(view.recorded), isFilled: true, isStepped: true },
        { label: "achieved", color: "--low", values: values(view.achieved), isStepped: true },
      ],
    };
  }, [view]);
  return (
    <figure class="curve">
      <h3>Requests at the same time</h3>
      <p class="hint">{view.sentence}</p>
      <Plot {...drawn} height={height} yAxis={yAxis} />
      <ul class="legend">
        <li>
          <span class="dot recorded" aria-hidden="true" />
          recorded in production
        </li>
        <li>
          <span class="dot achieved" aria-hidden="true" />
          achieved in the replay
        </li>
      </ul>
      <figcaption class="hint">{view.caption}</figcaption>
    </figure>
  );
}

function AnswerTimes({ view }: { readonly view: ReplayView }) {
  const head = ["Answers: p50 / p95 / p99 / max", "Since the request was sent", ...(view.hasResponse ? ["Since it was due"] : [])];
  return (
    <ScrollTable label="Answer times" head={head}>
      {view.times.map(({ target, service, response }) => (
        <tr key={target}>
          <th scope="row">{target}</th>
          <td class="number">{service}</td>
          {view.hasResponse && <td class="number">{response}</td>}
        </tr>
      ))}
    </ScrollTable>
  );
}
