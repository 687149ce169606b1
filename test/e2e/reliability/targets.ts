/** The trial's end of `targets-child.ts`. */

import { type ChildProcess, fork, type Serializable } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { Behaviour, Misbehaved, Order, Ports, TargetName } from "./targets-child.ts";

const childScript = fileURLToPath(new URL("./targets-child.ts", import.meta.url));

export class Targets {
  readonly #child: ChildProcess;
  readonly #ports: Ports;

  static async start(): Promise<Targets> {
    const child = fork(childScript);
    const [ports] = (await once(child, "message")) as [Ports];
    return new Targets(child, ports);
  }

  private constructor(child: ChildProcess, ports: Ports) {
    this.#child = child;
    this.#ports = ports;
  }

  url(target: TargetName): string {
    return `http://127.0.0.1:${this.#ports[target]}`;
  }

  /** From the next request on. */
  async become(target: TargetName, behaviour: Behaviour): Promise<void> {
    await this.#order({ target, behaviour });
  }

  /** How many requests each has treated otherwise than it should have. */
  misbehaved(): Promise<Misbehaved> {
    return this.#order(null);
  }

  stop(): void {
    this.#child.disconnect();
  }

  async #order(order: Order): Promise<Misbehaved> {
    this.#child.send(order as Serializable);
    const [misbehaved] = (await once(this.#child, "message")) as [Misbehaved];
    return misbehaved;
  }
}
