/** penumbra proxy: the sidecar. This process is the live path; it starts the observer as a second one. */

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
import { drain } from "../sidecar/drain.ts";
import { checkForwarding, entranceMaker } from "../sidecar/forwarding.ts";
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
    "keep",
    "keep-for",
    "segment-size",
    "segment-age",
    "run",
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
    "tls-cert",
    "tls-key",
    "on-primary-down",
  ] as const),
  ...(["primary-ca", "proxy-protocol", "max-loop-delay", "drain-timeout", "redact", "key-file", "label", "seed"] as const),
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
    checkJudging(given);
    checkForwarding(given);
    const primary = required(given.primary, "--primary", "the URL of the production build");
    const controls = given.control.map((url) => values.origin(url, "--control"));
    checkCompanions(given);
    const { listen, admin, candidate, route, "mirror-writes": writes } = given;
    const addresses = { listen, admin, primary, otherPrimaries: route.map((each) => each.primary), candidate, controls, writes };
    const dryRun = checkTargetAddresses(addresses, await knownNames(addresses, systemClock));
    if (dryRun !== null) note(`penumbra: ${dryRun}`);
    const runDirectory = given.candidate === null ? null : (given.run ?? defaultRunDirectory(systemClock.now()));
    const keyFile = given["key-file"] ?? defaultKeyFile(process.env);
    checkPlaces([...place("--record", given.record), ...place("--run", runDirectory)], { name: "--key-file", path: keyFile });
    const laneKey = parseLaneKey(given["lane-key"]);
    const observer = observerOptions(given, { primary, otherPrimaries: addresses.otherPrimaries, controls, runDirectory });
    const entrance = await entranceMaker(given, new URL(primary));
    const signals = catchSignals();
    boundYoungObjects();
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
        spawnObserver: (epoch) => spawnObserver({ ...observer, epoch, redactionKey }, bytes(given["observer-heap"])),
        log: tellEvent,
      };
    });
    keepServing();
    announce(sidecar, primary, given["tls-cert"] !== null);
    signals.onSecond(() => sidecar.cut());
    let inForce = given;
    signals.onHangup(() => {
      inForce = reload(sidecar, inForce, reread);
    });
    await signals.first;
    return await drain(sidecar, inForce, runDirectory);
  },
});

function place(name: string, path: string | null): readonly NamedPlace[] {
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

function announce(sidecar: Sidecar, primary: string, isTls: boolean): void {
  const at = ({ address, port, family }: { address: string; port: number; family: string }, scheme = "http"): string =>
    `${scheme}://${family === "IPv6" ? `[${address}]` : address}:${port}`;
  const admin = sidecar.adminAddress === null ? "" : `, admin ${at(sidecar.adminAddress)}`;
  note(`penumbra: listening on ${at(sidecar.address, isTls ? "https" : "http")}${admin}, primary ${primary}`);
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
function tellEvent(event: SidecarEvent): void {
  if (event.name === "observer.started" || event.name === "observer.ready" || event.name === "drain.begun" || event.name === "drain.ended")
    return;
  const { name, ...fields } = event;
  const shown = Object.entries(fields).map(([key, value]) => `${key} ${value instanceof Error ? value.message : String(value)}`);
  note(`penumbra: ${name} ${shown.join(", ")}`.trim());
}
