/** penumbra proxy: the sidecar. This process is the live path; it starts the observer as a second one. */

import type { AddressInfo } from "node:net";
import { isDeepStrictEqual } from "node:util";
import { systemClock } from "../../model/clock.ts";
import { PenumbraError } from "../../model/errors.ts";
import { seededRandom } from "../../model/random.ts";
import { bytes, milliseconds, ratio } from "../../model/units.ts";
import { parseLaneKey } from "../../proxy/live/lane-key.ts";
import { type Sidecar, type SidecarEvent, type SidecarOptions, startSidecar } from "../../proxy/live/sidecar.ts";
import { command } from "../command.ts";
import { checkJudging } from "../judging.ts";
import { judgingOptions } from "../options.ts";
import { checkPlaces, defaultKeyFile, defaultRunDirectory, type NamedPlace } from "../places.ts";
import { checkCompanions } from "../sidecar/companions.ts";
import { holdAddress, judgingOf, startDashboard } from "../sidecar/dashboard.ts";
import { drain } from "../sidecar/drain.ts";
import { checkForwarding, entranceMaker } from "../sidecar/forwarding.ts";
import { openLog, type SidecarLog } from "../sidecar/log.ts";
import { fitsObserver, spawnObserver } from "../sidecar/observer-child.ts";
import { observerOptions } from "../sidecar/observer-options.ts";
import { claimKey, claimPlaces } from "../sidecar/places.ts";
import { reload } from "../sidecar/reload.ts";
import { catchSignals, keepServing } from "../sidecar/signals.ts";
import { StartTraces } from "../sidecar/start-traces.ts";
import { checkTargetAddresses, knownNames } from "../sidecar/target-addresses.ts";
import { boundYoungObjects } from "../sidecar/young-objects.ts";
import { note } from "../terminal.ts";
import * as values from "../values.ts";

const names = [
  ...([
    "listen",
    "primary",
    "forward",
    "route",
    "rewrite-host",
    "forwarded",
    "strip-prefix",
    "add-prefix",
    "candidate",
    "control",
    "record",
    "record-rate",
    "record-vault",
    "keep-size",
    "keep-for",
    "segment-size",
    "segment-age",
    "run",
    "run-window",
    "force",
    "sample",
    "lane-key",
    "mirror-writes",
    "mirror-deny",
    "correlate",
  ] as const),
  ...([
    "mirror-timeout",
    "mirror-answer-cap",
    "mirror-credentials",
    "header",
    "mirror-in-flight",
    "budget",
    "observer-heap",
    "body-cap",
    "admin",
    "admin-token",
    "ui",
    "ui-host",
    "tls-cert",
    "tls-key",
    "on-primary-down",
  ] as const),
  ...(["primary-ca", "proxy-protocol", "max-loop-delay", "log", "drain-timeout", "redact", "key-file", "label", "seed"] as const),
  ...judgingOptions,
] as const;

const samplingKeyBytes = 16;

export const proxyCommand = command({
  name: "proxy",
  about: "The sidecar: stands in front of production, copies a sample, compares a new build with it live.",
  positional: [],
  options: names,
  example:
    "penumbra proxy --listen 8080 --primary http://127.0.0.1:9000 --candidate http://127.0.0.1:9001 --control http://127.0.0.1:9002 --record recording",
  async run(given, _, reread) {
    const log = openLog(given.log, "live");
    checkJudging(given);
    checkForwarding(given);
    const primary = required(given.primary, "--primary", "the URL of the production build");
    const controls = given.control.map((url) => values.origin(url, "--control"));
    checkCompanions(given);
    const { listen, admin, ui, candidate, route, "mirror-writes": writes } = given;
    const addresses = { listen, admin, ui, primary, otherPrimaries: route.map((each) => each.primary), candidate, controls, writes };
    const dryRun = checkTargetAddresses(addresses, await knownNames(addresses, systemClock));
    if (dryRun !== null) note(`penumbra: ${dryRun}`);
    const runDirectory = given.candidate === null ? null : (given.run ?? defaultRunDirectory(systemClock.now()));
    const keyFile = given["key-file"] ?? defaultKeyFile(process.env);
    checkPlaces([...named("--record", given.record), ...named("--run", runDirectory)], { name: "--key-file", path: keyFile });
    const laneKey = parseLaneKey(given["lane-key"]);
    const observer = observerOptions(given, { primary, otherPrimaries: addresses.otherPrimaries, controls, runDirectory });
    const entrance = await entranceMaker(given, new URL(primary));
    const signals = catchSignals();
    boundYoungObjects();
    const place = ui === null ? null : await holdAddress(ui);
    const sidecar = await started((traces) => {
      const { key } = claimKey(keyFile, traces);
      const redactionKey = Buffer.from(key).toString("base64");
      if (!fitsObserver({ ...observer, epoch: "", redactionKey })) throw tooMuchToHandOver();
      return {
        listen: given.listen,
        entrance,
        sampling: { rate: ratio(given.sample), enabled: true },
        samplingRules: given.sampling,
        laneKey,
        key: key.subarray(0, samplingKeyBytes),
        claim: () => claimPlaces(observer, traces),
        budget: bytes(given.budget),
        maxLoopDelay: milliseconds(given["max-loop-delay"]),
        admin: given.admin === null ? null : { ...given.admin, ...(given["admin-token"] === null ? {} : { token: given["admin-token"] }) },
        clock: systemClock,
        random: seededRandom(given.seed ^ process.pid),
        spawnObserver: (epoch) =>
          spawnObserver({ ...observer, epoch, redactionKey }, { heap: bytes(given["observer-heap"]), log: given.log }),
        log: (event) => tellEvent(log, event),
      };
    });
    keepServing();
    const shown = { host: ui?.host ?? "", names: given["ui-host"], runDirectory: runDirectory ?? "", judging: judgingOf(given) };
    const dashboard = place === null ? null : await startDashboard(place, shown, sidecar);
    announce(sidecar, primary, given["tls-cert"] !== null, place?.address ?? null);
    signals.onSecond(() => sidecar.cut());
    let inForce = given;
    signals.onHangup(() => {
      const before = inForce;
      inForce = reload(sidecar, inForce, reread);
      if (!isDeepStrictEqual(judgingOf(inForce), judgingOf(before))) dashboard?.renew({ judging: judgingOf(inForce) });
    });
    await signals.first;
    return await drain(sidecar, inForce, { runDirectory, dashboard });
  },
});

function named(name: string, path: string | null): readonly NamedPlace[] {
  return path === null ? [] : [{ name, path }];
}

/** A start that fails leaves nothing behind. */
async function started(optionsOf: (traces: StartTraces) => SidecarOptions): Promise<Sidecar> {
  const traces = new StartTraces();
  try {
    return await startSidecar(optionsOf(traces));
  } catch (error) {
    traces.remove();
    throw error;
  }
}

function announce(sidecar: Sidecar, primary: string, isTls: boolean, dashboard: AddressInfo | null): void {
  const at = ({ address, port, family }: { address: string; port: number; family: string }, scheme = "http"): string =>
    `${scheme}://${family === "IPv6" ? `[${address}]` : address}:${port}`;
  const admin = sidecar.adminAddress === null ? "" : `, admin ${at(sidecar.adminAddress)}`;
  const ui = dashboard === null ? "" : `, dashboard ${at(dashboard)}/`;
  note(`penumbra: listening on ${at(sidecar.address, isTls ? "https" : "http")}${admin}${ui}, primary ${primary}`);
}

function required<T>(value: T | null, flag: string, what: string): T {
  if (value === null) throw new PenumbraError("MISSING_OPTION", `${flag} is missing`, `give ${what}`);
  return value;
}

function tooMuchToHandOver(): PenumbraError {
  const problem = "--endpoints, or the rules and the redaction of --config, are more than an observer can be handed";
  return new PenumbraError("TOO_MANY_ENDPOINTS", problem, "leave out the endpoints that this service does not have");
}

/** What an operator should know of; the rest is in the metrics. */
function tellEvent(log: SidecarLog, event: SidecarEvent): void {
  const { name, ...given } = event;
  const fields = Object.fromEntries(Object.entries(given).map(([key, value]) => [key, plain(value)]));
  if (name === "observer.started" || name === "observer.ready" || name === "drain.begun" || name === "drain.ended")
    return log.event("info", name, fields, null);
  const shown = Object.entries(fields).map(([key, value]) => `${key} ${String(value)}`);
  log.event("warn", name, fields, `penumbra: ${name} ${shown.join(", ")}`.trim());
}

/** As a field of a log. */
function plain(value: unknown): string | number | null {
  if (typeof value === "number" || typeof value === "string" || value === null) return value;
  return value instanceof Error ? value.message : JSON.stringify(value);
}
