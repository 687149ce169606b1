/** Looks at a sidecar all the time that a trial lasts: the ledger's law at every scrape, and the live process's memory. */

import { existsSync, readFileSync } from "node:fs";
import { conservationFaults } from "../../../proxy/live/ledger.ts";
import type { SidecarCounters } from "../../../proxy/live/sidecar-counters.ts";

export interface Scrutinised {
  /** Scrapes of `/counters` and `/metrics`. */
  readonly scrapes: number;
  /** Where one of them broke the law, in words. */
  readonly faults: readonly string[];
  /** The last `/counters`. */
  readonly counters: SidecarCounters;
}

const betweenScrapesMs = 50;
/** Every so many scrapes the same law is recounted from `/metrics`. */
const scrapesPerMetrics = 4;

export class Scrutiny {
  readonly #adminUrl: string;
  readonly #faults: string[] = [];
  #scrapes = 0;
  #counters: SidecarCounters;
  #goesOn = true;
  readonly #ended: Promise<void>;

  static async start(adminUrl: string): Promise<Scrutiny> {
    return new Scrutiny(adminUrl, await readCounters(adminUrl));
  }

  private constructor(adminUrl: string, first: SidecarCounters) {
    this.#adminUrl = adminUrl;
    this.#counters = first;
    this.#ended = this.#look();
  }

  get counters(): SidecarCounters {
    return this.#counters;
  }

  /** Looks a last time. */
  async stop(): Promise<Scrutinised> {
    this.#goesOn = false;
    await this.#ended;
    await this.#tryScrape();
    return { scrapes: this.#scrapes, faults: this.#faults, counters: this.#counters };
  }

  async #look(): Promise<void> {
    while (this.#goesOn) {
      await this.#tryScrape();
      await new Promise((resolve) => setTimeout(resolve, betweenScrapesMs));
    }
  }

  async #tryScrape(): Promise<void> {
    try {
      await this.#scrape();
    } catch (error) {
      this.#goesOn = false;
      this.#faults.push(`a scrape failed: ${String(error)}`);
    }
  }

  async #scrape(): Promise<void> {
    this.#counters = await readCounters(this.#adminUrl);
    this.#faults.push(...conservationFaults(this.#counters.ledger));
    if (++this.#scrapes % scrapesPerMetrics !== 0) return;
    this.#scrapes++;
    this.#faults.push(...metricsFaults(await (await fetch(`${this.#adminUrl}/metrics`)).text()));
  }
}

async function readCounters(adminUrl: string): Promise<SidecarCounters> {
  return (await (await fetch(`${adminUrl}/counters`)).json()) as SidecarCounters;
}

/** The law in the words of Prometheus, each side summed over its reasons. */
function metricsFaults(text: string): string[] {
  const sum = (...names: readonly string[]): number =>
    names.reduce(
      (total, name) =>
        total +
        [...text.matchAll(new RegExp(`^penumbra_${name}(?:\\{.*\\})? (\\d+)$`, "gm"))].reduce((all, [, value]) => all + Number(value), 0),
      0,
    );
  const sides: [string, number, number][] = [
    [
      "seen",
      sum("exchanges_seen_total"),
      sum("exchanges_unsampled_total", "exchanges_captured_total", "exchanges_dropped_total", "exchanges_open"),
    ],
    ["captured by mirror", sum("exchanges_captured_total"), sum("mirrored_total", "mirror_dropped_total", "mirror_pending")],
    ["captured by record", sum("exchanges_captured_total"), sum("recorded_total", "record_dropped_total", "record_pending")],
  ];
  return sides.filter(([, left, right]) => left !== right).map(([what, left, right]) => `/metrics: ${what}: ${left} is not ${right}`);
}

/** Greatest resident memory of a process so far, in bytes; null where the system does not tell (no /proc). */
export function peakMemory(pid: number): number | null {
  const path = `/proc/${pid}/status`;
  if (!existsSync(path)) return null;
  const kibibytes = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(path, "utf8"))?.[1];
  return kibibytes === undefined ? null : Number(kibibytes) * 1024;
}
