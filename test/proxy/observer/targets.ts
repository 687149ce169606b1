/** Real targets for the observer's tests, and the settings with which it is started. */

import { randomBytes, randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { defaultMirrorSettings, type MirrorSettings } from "../../../proxy/observer/mirror.ts";
import type { MirroredTargets } from "../../../proxy/observer/mirroring.ts";
import type { ObserverOptions } from "../../../proxy/observer/observer.ts";
import { httpServer } from "../../target/servers.ts";

export interface Place {
  readonly directory: string;
  readonly run: string;
  readonly key: Uint8Array;
}

/** A directory and a key of its own. */
export function place(): Place {
  const directory = mkdtempSync(join(tmpdir(), "penumbra-mirror-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const key = randomBytes(32);
  return { directory, run: join(directory, "run"), key };
}

export function observerOptions({ key }: Place, overrides: Partial<ObserverOptions> = {}): ObserverOptions {
  return {
    epoch: "e1",
    labels: {},
    primaries: [],
    bodyCap: 1024 * 1024,
    redactionKey: Buffer.from(key).toString("base64"),
    redaction: "token",
    redactionRules: [],
    record: null,
    recordRate: null,
    vault: null,
    shadow: null,
    ...overrides,
  };
}

interface ShadowSettings extends Partial<Omit<MirroredTargets, "mirror">> {
  readonly candidate: string;
  readonly mirror?: Partial<MirrorSettings>;
}

export function shadowOf({ run }: Place, { mirror, ...settings }: ShadowSettings): MirroredTargets {
  return {
    run: { directory: run, id: "live-1", force: false, seed: 1, windowMs: 86_400_000, keepMs: null },
    primary: "http://primary",
    controls: [],
    timeoutMs: 2000,
    answerCap: 1024 * 1024,
    credentials: { kind: "pass" },
    order: "causal",
    writeScope: "segment",
    correlate: true,
    holdMs: 1000,
    mirror: { ...defaultMirrorSettings, ...mirror },
    ...settings,
  };
}

export function answering(value: unknown, status: number = 200): Promise<string> {
  return httpServer((_request, response) => json(response, status, value));
}

/** Takes requests and never answers. */
export function silent(): Promise<string> {
  return httpServer(() => {});
}

export function json(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(value));
}

export type IdForm = "sequential" | "random";

/** Orders that are created, listed and deleted; as many servers may stand before one store as one likes. */
export class OrderStore {
  readonly #form: IdForm;
  readonly #orders = new Map<string, { readonly id: string | number; readonly item: string }>();
  #last: number;

  constructor(form: IdForm, last: number = 0) {
    this.#form = form;
    this.#last = last;
  }

  serve(): Promise<string> {
    return httpServer((request, response) => this.#answer(request, response));
  }

  get size(): number {
    return this.#orders.size;
  }

  #answer({ method, url = "" }: IncomingMessage, response: ServerResponse): void {
    const [, , name] = url.split("/");
    if (method === "GET") return json(response, 200, { orders: [...this.#orders.values()].slice(-5) });
    if (method === "DELETE") {
      const existed = this.#orders.delete(name ?? "");
      return json(response, existed ? 200 : 404, { existed });
    }
    const id = this.#form === "sequential" ? ++this.#last : randomUUID();
    const order = { id, item: name ?? "" };
    this.#orders.set(String(id), order);
    return json(response, 201, order);
  }
}
