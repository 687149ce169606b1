/** The sidecar's numbers as Prometheus text. Every number is read from its owner at the scrape, so `/metrics` and
 * `/counters` cannot disagree. */

import { Counter, Gauge, Registry } from "@prometheus-io/client";
import type { ObserverFigures } from "../handover/figures.ts";
import { registerObserverMetrics } from "./observer-metrics.ts";
import type { SidecarCounters } from "./sidecar-counters.ts";

/** @param read the numbers at the moment of the scrape
 * @param figures what the observer told last, null before it has told anything */
export function sidecarMetrics(read: () => SidecarCounters, figures: () => ObserverFigures | null): Registry {
  const registry = new Registry();
  const counter = (
    name: string,
    help: string,
    values: (counters: SidecarCounters) => Readonly<Record<string, number>>,
    label?: string,
  ): void => {
    const metric = new Counter({
      name: `penumbra_${name}`,
      help,
      registers: [],
      labelNames: label === undefined ? [] : [label],
      collect() {
        this.reset();
        for (const [key, value] of Object.entries(values(read()))) {
          if (label === undefined) this.inc(value);
          else this.inc({ [label]: key }, value);
        }
      },
    });
    registry.registerMetric(metric);
  };
  const gauge = (name: string, help: string, value: (counters: SidecarCounters) => number): void => {
    const metric = new Gauge({
      name: `penumbra_${name}`,
      help,
      registers: [],
      collect() {
        this.set(value(read()));
      },
    });
    registry.registerMetric(metric);
  };
  counter("exchanges_seen_total", "Exchanges whose request head was seen", (c) => ({ all: c.ledger.seen }));
  counter("exchanges_unsampled_total", "Exchanges that the sampling decision left out", (c) => ({ all: c.ledger.unsampled }));
  counter("exchanges_captured_total", "Exchanges handed over whole", (c) => ({ all: c.ledger.captured }));
  counter("exchanges_dropped_total", "Exchanges to be copied that were not handed over whole", (c) => c.ledger.dropped, "reason");
  counter("mirrored_total", "Captured exchanges that were sent to the candidate", (c) => ({ all: c.ledger.mirrored }));
  counter("mirror_dropped_total", "Captured exchanges that were not sent to the candidate", (c) => c.ledger.mirrorDropped, "reason");
  counter("recorded_total", "Captured exchanges that were stored", (c) => ({ all: c.ledger.recorded }));
  counter("record_dropped_total", "Captured exchanges that were not stored", (c) => c.ledger.recordDropped, "reason");
  gauge("exchanges_open", "Exchanges that are being handed over", (c) => c.ledger.open);
  gauge("mirror_pending", "Captured exchanges whose mirroring is not decided", (c) => c.ledger.pendingMirror);
  gauge("record_pending", "Captured exchanges whose storing is not decided", (c) => c.ledger.pendingRecord);
  counter("recovered_total", "Dispositions of a lost observer that a later one reported", (c) => ({ all: c.ledger.recovered }));
  counter("connections_total", "Client connections accepted", (c) => ({ all: c.connections.accepted }));
  gauge("connections_open", "Client connections open", (c) => c.connections.open);
  counter("connections_unobserved_total", "Connections whose observation ended early", (c) => c.connections.unobserved, "reason");
  counter("primary_connect_failures_total", "Connections to the primary that failed", (c) => c.connections.primaryFailures, "code");
  counter("accept_failures_total", "Client connections that could not be accepted", (c) => c.connections.acceptFailures, "code");
  gauge("handover_backlog_bytes", "Bytes that wait in the pipe to the observer", (c) => c.backlogBytes);
  gauge("observer_ready", "1 while the observer takes copies", (c) => (c.observer.state === "ready" ? 1 : 0));
  counter("observer_restarts_total", "Observers that were started again", (c) => ({ all: c.observer.restarts }));
  gauge("sampling_share", "How much of the sampling rate is in force; below 1 while the live process is late", (c) => c.sampling.share);
  gauge("sampling_rate", "Share of lanes that is copied; 0 while sampling is off", (c) =>
    c.sampling.enabled ? c.sampling.rate * c.sampling.share : 0,
  );
  registerObserverMetrics(registry, figures);
  return registry;
}
