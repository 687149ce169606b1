/** Where the page's data comes from: out of its own file, or from the sidecar that it watches.
 *
 *    file:  index ─► inflate ─► signals     chunk ─► inflate when somebody opens a finding
 *    live:  EventSource `api/events` ─► signals     `api/samples/ID`                                   */

import { signal } from "@preact/signals";
import type { FindingDetails, FindingRow, FindingView, PageData } from "../data.ts";
import type { DetailsChunk, PageIndex, SamplesChunk } from "../payload.ts";
import type { SampleView } from "../sample-view.ts";
import type { SeenView } from "../seen-view.ts";

export type Data = PageData<FindingRow | FindingView>;

/** What the live page says about itself. */
export interface LiveState {
  readonly observer: "running" | "gone" | "draining" | "finished";
  readonly exchanges: number;
  readonly mirrored: number;
  readonly dropped: Readonly<Record<string, number>>;
  readonly at: number;
}

export interface Source {
  readonly isLive: boolean;
  readonly samplesLeftOut: number;
  /** Whether a sample can be had. */
  has(exchangeId: string): boolean;
  /** @param position of the finding among those of all groups */
  details(finding: FindingRow | FindingView, position: number): Promise<FindingDetails>;
  /** null = it is not kept. */
  sample(exchangeId: string): Promise<SampleView | null>;
  /** null = this page cannot accept, there is a command to copy */
  readonly accept: ((findings: readonly string[], given: Reviewed) => Promise<Acceptance>) | null;
}

/** What is written beside an accepted finding. */
export interface Reviewed {
  readonly reason: string;
  /** "" = nobody in particular. */
  readonly owner: string;
  /** A day such as 2027-01-31; null = for ever. */
  readonly expires: string | null;
}

/** What came of accepting: the file that holds it now, or why it was refused. */
export type Acceptance = { readonly kind: "accepted"; readonly file: string } | { readonly kind: "refused"; readonly why: string };

export const data = signal<Data | null>(null);
export const live = signal<LiveState | null>(null);
/** Of the live page: what differs and is not in `data` yet. */
export const seen = signal<SeenView>({ rows: [], more: 0 });
/** Of the live page: whether the sidecar was heard of in the last seconds. */
export const isConnected = signal(true);

/** Opens whichever source this document has. */
export async function openSource(): Promise<Source> {
  const block = document.getElementById("index");
  return block === null ? watch() : readFile(block.textContent);
}

async function readFile(packed: string): Promise<Source> {
  const index = (await unpacked(packed)) as PageIndex;
  data.value = index.data;
  const chunks = new Map<number, Promise<unknown>>();
  const chunk = (number: number): Promise<unknown> => {
    const known = chunks.get(number) ?? unpacked(document.getElementById(`chunk-${number}`)?.textContent ?? "");
    chunks.set(number, known);
    return known;
  };
  return {
    isLive: false,
    samplesLeftOut: index.samplesLeftOut,
    has: (id) => Object.hasOwn(index.samples, id),
    async details(finding, position) {
      const found = ((await chunk(Math.floor(position / index.detailsPerChunk))) as DetailsChunk)[finding.id];
      if (found === undefined) throw new Error("the file is damaged: a finding has no details");
      return found;
    },
    async sample(id) {
      const place = Object.hasOwn(index.samples, id) ? index.samples[id] : undefined;
      return place === undefined ? null : (((await chunk(place)) as SamplesChunk)[id] ?? null);
    },
    accept: null,
  };
}

/** base64 of deflated JSON. */
async function unpacked(text: string): Promise<unknown> {
  const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  return JSON.parse(await new Response(stream).text());
}

/** A sidecar speaks every two seconds; a laptop that slept, or a proxy that forgot the connection, hears nothing and no error. */
const silentMs = 5_000;

function watch(): Source {
  let events = connect();
  let heardAt = Date.now();
  function connect(): EventSource {
    const source = new EventSource("api/events");
    const heard = (): void => {
      heardAt = Date.now();
      isConnected.value = true;
    };
    source.addEventListener("report", (event: MessageEvent<string>) => {
      heard();
      data.value = JSON.parse(event.data) as PageData;
    });
    source.addEventListener("seen", (event: MessageEvent<string>) => {
      heard();
      seen.value = JSON.parse(event.data) as SeenView;
    });
    source.addEventListener("state", (event: MessageEvent<string>) => {
      heard();
      live.value = JSON.parse(event.data) as LiveState;
    });
    source.addEventListener("error", () => {
      isConnected.value = false;
    });
    return source;
  }
  const look = (): void => {
    // The sidecar said good-bye: what is shown is what was at the end.
    if (live.value?.observer === "finished") {
      events.close();
      return;
    }
    const isSilent = Date.now() - heardAt > silentMs;
    if (isSilent) isConnected.value = false;
    if (!isSilent && events.readyState !== EventSource.CLOSED) return;
    heardAt = Date.now();
    events.close();
    events = connect();
  };
  setInterval(look, 1_000);
  addEventListener("online", look);
  document.addEventListener("visibilitychange", look);
  const samples = new Map<string, Promise<SampleView | null>>();
  const fetchSample = async (id: string): Promise<SampleView | null> => {
    const answer = await fetch(`api/samples/${encodeURIComponent(id)}`);
    return answer.ok ? ((await answer.json()) as SampleView) : null;
  };
  return {
    isLive: true,
    samplesLeftOut: 0,
    has: () => true,
    details: async (finding) => finding as FindingView,
    sample(id) {
      const known = samples.get(id) ?? fetchSample(id);
      samples.set(id, known);
      return known;
    },
    accept: acceptor(),
  };
}

/** Only where the sidecar has a file to write to, and said so with a token. */
function acceptor(): Source["accept"] {
  const token = document.querySelector<HTMLMetaElement>('meta[name="penumbra-token"]')?.content ?? "";
  if (token === "") return null;
  return async (findings, given) => {
    const answer = await fetch("api/accept", {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-Penumbra-Token": token },
      body: JSON.stringify({ findings, ...given }),
    });
    const said = (await answer.json()) as { readonly error?: string; readonly accepted?: number; readonly file?: string };
    return answer.ok
      ? { kind: "accepted", file: said.file ?? "the file" }
      : { kind: "refused", why: said.error ?? "It could not be accepted." };
  };
}
