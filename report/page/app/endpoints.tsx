/** Every endpoint: how much was compared, how much differs, how long answers take; a row opens into the distribution of its times. */

import { useSignal } from "@preact/signals";
import { useMemo } from "preact/hooks";
import type { EndpointView } from "../data.ts";
import type { TimesView } from "../plots.ts";
import { type Axis, Plot } from "./plot.tsx";
import { ScrollTable } from "./scroll-table.tsx";
import { data } from "./source.ts";
import { plural } from "./words.ts";

const height = 220;
const xAxis: Axis = { name: "time to the whole answer", labels: (values) => values.map(milliseconds) };
const yAxis: Axis = { name: "share of answers", labels: (shares) => shares.map((share) => `${Math.round(share * 100)} %`) };
/** Endpoints drawn at first. */
const shownAtFirst = 200;

export function Endpoints() {
  const isAll = useSignal(false);
  const { endpoints = [], endpointsLeftOut = 0, quiet = "" } = data.value ?? {};
  if (endpoints.length === 0) return null;
  const columns = {
    isTimed: endpoints.some(({ before, after }) => before !== "" || after !== ""),
    isFoldable: endpoints.some(({ times }) => times !== null),
    isBounded: endpoints.some(({ bound }) => bound !== ""),
  };
  const head = [
    "Endpoint",
    "Worst finding",
    "Compared",
    "Different",
    ...(columns.isTimed ? ["Before: p50 / p95 / p99", "Candidate", "Times as long"] : []),
    ...(columns.isBounded ? ["Unseen at most"] : []),
  ];
  const shown = isAll.value ? endpoints : endpoints.slice(0, shownAtFirst);
  return (
    <section class="panel" aria-label="Endpoints">
      <h2>Endpoints</h2>
      {quiet !== "" && <p class="hint">{quiet}</p>}
      <ScrollTable label="Endpoint table" head={head}>
        {shown.map((endpoint) => (
          <EndpointRow key={endpoint.endpoint} endpoint={endpoint} {...columns} columns={head.length} />
        ))}
      </ScrollTable>
      {shown.length < endpoints.length && (
        <button
          type="button"
          class="tab"
          onClick={() => {
            isAll.value = true;
          }}
        >
          Show {plural(endpoints.length - shown.length, "more endpoint")}
        </button>
      )}
      {endpointsLeftOut > 0 && <p class="left">{plural(endpointsLeftOut, "more endpoint")} left out here; report.json has all</p>}
    </section>
  );
}

interface EndpointRowProps {
  readonly endpoint: EndpointView;
  readonly isTimed: boolean;
  /** Some row can be opened. */
  readonly isFoldable: boolean;
  /** Some endpoint has a bound. */
  readonly isBounded: boolean;
  readonly columns: number;
}

function EndpointRow({ endpoint, isTimed, isFoldable, isBounded, columns }: EndpointRowProps) {
  const isOpen = useSignal(false);
  const { times } = endpoint;
  return (
    <>
      <tr class={endpoint.differs ? "differs" : ""}>
        <th scope="row" class="value">
          {times === null ? (
            <span class={isFoldable ? "unfoldable" : ""}>{endpoint.endpoint}</span>
          ) : (
            <button
              type="button"
              class="link fold"
              aria-expanded={isOpen.value}
              onClick={() => {
                isOpen.value = !isOpen.value;
              }}
            >
              {endpoint.endpoint}
            </button>
          )}
        </th>
        <td>{endpoint.severity !== null && <span class={`chip ${endpoint.severity}`}>{endpoint.severity}</span>}</td>
        <td class="number">{endpoint.compared}</td>
        <td class="number different">{endpoint.different}</td>
        {isTimed && (
          <>
            <td class="number">{endpoint.before}</td>
            <td class="number">{endpoint.after}</td>
            <td class="number">{endpoint.shift}</td>
          </>
        )}
        {isBounded && <td class="number">{endpoint.bound}</td>}
      </tr>
      {times !== null && isOpen.value && (
        <tr class="times">
          <td colSpan={columns}>
            <Times view={times} />
          </td>
        </tr>
      )}
    </>
  );
}

const colors: Readonly<Record<string, string>> = { candidate: "--low", control: "--skipped", production: "--pass" };

function Times({ view }: { readonly view: TimesView }) {
  const drawn = useMemo(() => ecdf(view), [view]);
  return (
    <div class="ecdf">
      <p class="hint">Which share of the answers took at most so long:</p>
      <Plot {...drawn} height={height} isLogarithmic xAxis={xAxis} yAxis={yAxis} />
      <table>
        <thead>
          <tr>
            <th scope="col">Answers of</th>
            {view.head.map((name) => (
              <th key={name} scope="col" class="number">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {view.targets.map(({ name, row }) => (
            <tr key={name}>
              <th scope="row">
                <span class={`dot line-${name}`} aria-hidden="true" />
                {name}
              </th>
              {row.map((text, index) => (
                <td key={view.head[index]} class="number">
                  {text}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** A logarithm needs more than nothing. */
const leastMs = 0.01;

/** All times on one axis; a target has a value where it has a time, and lines between. */
function ecdf({ shares, targets }: TimesView) {
  const all = [...new Set(targets.flatMap(({ ms }) => ms.map((value) => Math.max(leastMs, value))))].sort((a, b) => a - b);
  const series = targets.map(({ name, ms }) => ({
    label: name,
    color: colors[name] ?? "--skipped",
    values: all.map((x) => shares[ms.findLastIndex((value) => value <= x)] ?? 0),
    isStepped: true,
  }));
  return { x: all, series };
}

function milliseconds(value: number): string {
  return value >= 1000 ? `${value / 1000} s` : `${Number(value.toPrecision(2))} ms`;
}
