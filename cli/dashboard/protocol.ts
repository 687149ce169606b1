/** What the live process and its dashboard say to each other: lines of JSON on a pipe each way.
 *
 *    live process ──what to do, once──► dashboard        standard input; its end is the dashboard's end
 *                 ──how it goes, every second──►
 *                 ──finished──►
 *                 ◄──beat, every second──                 standard output
 *
 * Both ends are the same build, started by one another: the shape is not checked again. */

import type { JudgingValues } from "../judging.ts";

/** What to do. */
export interface DashboardOptions {
  readonly host: string;
  readonly port: number;
  /** Host names that it may be asked by, besides its own. */
  readonly names: readonly string[];
  readonly runDirectory: string;
  readonly judging: JudgingValues;
  /** Says that a request came from the page; null = findings cannot be accepted here. Equal for every dashboard of one live process,
   * so that a page that is open outlives a crash. */
  readonly token: string | null;
}

/** How it goes. The page gets it with `judged` and `problem` of the dashboard's own (docs/dashboard.md). */
export interface DashboardState {
  readonly observer: "running" | "gone" | "draining" | "finished";
  /** Seen by the live process. */
  readonly exchanges: number;
  readonly mirrored: number;
  /** Copies that came to no comparison, by reason. */
  readonly dropped: Readonly<Record<string, number>>;
  /** Milliseconds since 1970. */
  readonly at: number;
}

export type DashboardMessage =
  | { readonly kind: "options"; readonly options: DashboardOptions }
  | { readonly kind: "state"; readonly state: DashboardState };

export function messageLine(message: DashboardMessage): string {
  return `${JSON.stringify(message)}\n`;
}

export function messageOf(line: string): DashboardMessage {
  return JSON.parse(line) as DashboardMessage;
}
