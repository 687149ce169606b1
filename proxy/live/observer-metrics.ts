/** The observer's numbers as Prometheus metrics: what it told last, read at the scrape. Before it has told anything there are
 * no series by endpoint. */

import { Counter, Gauge, Histogram, type MetricObjectWithValues, type MetricValueWithName, type Registry } from "@prometheus-io/client";
import { type Durations, durationBounds, type ObserverFigures } from "../handover/figures.ts";

type Read = () => ObserverFigures | null;

export function registerObserverMetrics(registry: Registry, read: Read): void {
  const labelled = (
    Kind: typeof Counter | typeof Gauge,
    { name, help, label }: { readonly name: string; readonly help: string; readonly label: string },
    values: (figures: ObserverFigures) => readonly (readonly [string, number])[],
  ): void => {
    const metric = new Kind({
      name,
      help,
      registers: [],
      labelNames: [label],
      collect() {
        this.reset();
        const figures = read();
        if (figures !== null) for (const [key, value] of values(figures)) this.inc({ [label]: key }, value);
      },
    });
    registry.registerMetric(metric);
  };
  const byEndpoint = (name: string, help: string, field: "compared" | "different"): void =>
    labelled(Counter, { name, help, label: "endpoint" }, ({ endpoints }) =>
      Object.entries(endpoints).map(([endpoint, figures]) => [endpoint, figures[field]]),
    );
  byEndpoint("penumbra_compared_total", "Answers of the candidate that were compared", "compared");
  byEndpoint("penumbra_different_total", "Compared answers in which the candidate showed a difference, noise included", "different");
  labelled(
    Counter,
    { name: "penumbra_alarms_total", help: "Differences that are all but certain, each once, by severity", label: "severity" },
    ({ alarms }) => Object.entries(alarms),
  );
  labelled(
    Gauge,
    { name: "penumbra_disk_free_bytes", help: "Room left where the recording and the run are kept", label: "place" },
    ({ freeBytes }) => Object.entries(freeBytes),
  );
  registry.registerMetric(
    new Counter({
      name: "penumbra_probes_total",
      help: "Requests that were asked again about a new difference",
      registers: [],
      collect() {
        this.reset();
        this.inc(read()?.probes ?? 0);
      },
    }),
  );
  registry.registerMetric(
    new Gauge({
      name: "penumbra_observer_lag_seconds",
      help: "From the end of the latest copied exchange to its arrival at the observer",
      registers: [],
      collect() {
        this.set(read()?.lagSeconds ?? 0);
      },
    }),
  );
  registry.registerMetric(new MirrorDurations(read));
}

type DurationLabel = "endpoint" | "target" | "le";
type DurationValues = MetricObjectWithValues<MetricValueWithName<DurationLabel>>;

/** A histogram that was counted elsewhere: the library has no way to take over counts. */
class MirrorDurations extends Histogram<DurationLabel> {
  readonly #read: Read;

  constructor(read: Read) {
    super({
      name: mirrorDurations.name,
      help: mirrorDurations.help,
      registers: [],
      labelNames: ["endpoint", "target"],
      buckets: [...durationBounds],
    });
    this.#read = read;
  }

  override get(): Promise<DurationValues> {
    return this.getForPromString();
  }

  /** What a registry asks for, before `get`. */
  getForPromString(): Promise<DurationValues> {
    const endpoints = Object.entries(this.#read()?.endpoints ?? {});
    const values = endpoints.flatMap(([endpoint, { candidate, control }]) => [
      ...series({ endpoint, target: "candidate" }, candidate),
      ...series({ endpoint, target: "control" }, control),
    ]);
    return Promise.resolve({ ...mirrorDurations, values });
  }
}

const mirrorDurations = {
  name: "penumbra_mirror_duration_seconds",
  help: "From sending a mirrored request to the end of its answer",
  type: "histogram",
  aggregator: "sum",
  collect: () => undefined,
} as const;

/** Cumulative, as the format wants it. */
function series(labels: { readonly endpoint: string; readonly target: string }, { sum, counts }: Durations): DurationValues["values"] {
  const { name } = mirrorDurations;
  let count = 0;
  const buckets = counts.map((each, index) => {
    count += each;
    return { metricName: `${name}_bucket`, labels: { ...labels, le: durationBounds[index] ?? "+Inf" }, value: count };
  });
  return [...buckets, { metricName: `${name}_sum`, labels, value: sum }, { metricName: `${name}_count`, labels, value: count }];
}
