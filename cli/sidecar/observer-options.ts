/** What the observer is told to do, from what the command line said. */

import { randomUUID } from "node:crypto";
import { PenumbraError } from "../../model/errors.ts";
import type { CredentialPolicy } from "../../proxy/observer/credentials.ts";
import { defaultMirrorSettings } from "../../proxy/observer/mirror.ts";
import type { ObserverOptions } from "../../proxy/observer/observer.ts";
import { readPublicKeyText } from "../../recording/vault/vault-keys.ts";
import type { Resolved } from "../resolve.ts";
import { type RetentionOption, recordLimits } from "./record-limits.ts";

type ObserverValues = Resolved<
  | "label"
  | "body-cap"
  | "redact"
  | "record"
  | "record-rate"
  | "record-vault"
  | RetentionOption
  | "candidate"
  | "force"
  | "seed"
  | "mirror-timeout"
  | "mirror-answer-cap"
  | "mirror-credentials"
  | "header"
  | "mirror-writes"
  | "mirror-deny"
  | "mirror-in-flight"
  | "endpoints"
  | "correlate"
  | "run"
  | "run-window"
>;

export interface ObserverPlaces {
  readonly primary: string;
  /** Of the gateway's routes. */
  readonly otherPrimaries: readonly string[];
  readonly controls: readonly string[];
  readonly runDirectory: string | null;
}

/** All but what is known only when the sidecar starts: its key and the name of this life. */
export type ObserverPlan = Omit<ObserverOptions, "epoch" | "redactionKey">;

/** @throws PenumbraError for a credential policy that contradicts itself */
export function observerOptions(given: ObserverValues, places: ObserverPlaces): ObserverPlan {
  return {
    labels: Object.fromEntries(given.label),
    bodyCap: given["body-cap"],
    redaction: given.redact,
    redactionRules: given.redaction,
    primaries: [places.primary, ...places.otherPrimaries],
    record: given.record,
    recordRate: recordRate(given),
    recordLimits: recordLimits(given),
    vault: vaultKey(given),
    shadow:
      given.candidate === null || places.runDirectory === null
        ? null
        : {
            run: {
              ...{ directory: places.runDirectory, id: randomUUID(), force: given.force, seed: given.seed },
              ...{ windowMs: given["run-window"], keepMs: given["keep-for"] },
            },
            primary: places.primary,
            candidate: given.candidate,
            controls: places.controls,
            timeoutMs: given["mirror-timeout"],
            answerCap: given["mirror-answer-cap"],
            credentials: credentialPolicy(given),
            order: "causal",
            writeScope: "segment",
            correlate: given.correlate === "on",
            // A request waits for its predecessors at most as long as an answer may take.
            holdMs: given["mirror-timeout"],
            mirror: {
              ...defaultMirrorSettings,
              writes: given["mirror-writes"],
              deny: given["mirror-deny"],
              maxInFlight: given["mirror-in-flight"],
            },
            rules: given.rules,
            endpoints: given.endpoints ?? [],
          },
  };
}

function recordRate({ record, "record-rate": rate }: ObserverValues): number | null {
  if (rate !== null && record === null)
    throw new PenumbraError("NO_RECORDING", "--record-rate needs a recording, for which it decides", "add --record DIR, or leave it out");
  return rate;
}

/** @returns the text of the public key */
function vaultKey({ record, redact, "record-vault": path }: ObserverValues): string | null {
  if (path === null) return null;
  if (record === null)
    throw new PenumbraError(
      "NO_RECORDING",
      "--record-vault needs a recording, in which the values are sealed",
      "add --record DIR, or leave it out",
    );
  if (redact !== "token") {
    const hint = "leave --redact out: the vault holds what tokens stand for";
    throw new PenumbraError("BAD_OPTION", `--record-vault needs --redact token, and it is ${redact}`, hint);
  }
  return readPublicKeyText(path);
}

function credentialPolicy(given: ObserverValues): CredentialPolicy {
  const { header, "mirror-credentials": kind } = given;
  if (kind === "replace" && header.length === 0)
    throw new PenumbraError("NO_CREDENTIALS", "--mirror-credentials replace has nothing to send instead", "add --header 'N: V'");
  if (kind !== "replace" && header.length > 0)
    throw new PenumbraError("BAD_OPTION", "--header is for --mirror-credentials replace", "add that, or leave --header out");
  return kind === "replace" ? { kind, headers: header } : { kind };
}
