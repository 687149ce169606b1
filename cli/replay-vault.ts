/** --vault-key in a replay: opens the recordings' vaults before anything is made or sent. */

import { PenumbraError } from "../model/errors.ts";
import type { Recording } from "../recording/open.ts";
import { revealRequest } from "../recording/vault/reveal.ts";
import { Vault } from "../recording/vault/vault.ts";
import { readPrivateKey } from "../recording/vault/vault-keys.ts";
import type { Reveal } from "../replayer/credentials.ts";
import type { OptionValues } from "./options.ts";

export interface OpenVault {
  /** null = tokens stay what they are. */
  readonly reveal: Reveal | null;
  /** How many tokens it was asked for and does not have; null = there is no vault. */
  readonly unknownTokens: (() => number) | null;
  close(): void;
}

const closedVault: OpenVault = { reveal: null, unknownTokens: null, close: () => {} };

/** @throws PenumbraError `BAD_OPTION`, and for keys and vaults that cannot be opened */
export function openVault(recordings: readonly Recording[], given: OptionValues<"vault-key" | "redact">): OpenVault {
  const keyPaths = given["vault-key"];
  if (keyPaths.length === 0) return closedVault;
  if (given.redact !== "token") {
    const hint = "leave --redact out: what the targets answer to real credentials must become tokens again";
    throw new PenumbraError("BAD_OPTION", `--vault-key needs --redact token, and it is ${given.redact}`, hint);
  }
  const vault = Vault.open(recordings, keyPaths.map(readPrivateKey));
  const reveal: Reveal = (request, note) =>
    revealRequest(request, (token) => {
      const value = vault.valueOf(token);
      if (value !== null) note?.(token, value);
      return value;
    });
  return { reveal, unknownTokens: () => vault.unknownTokens, close: () => vault.close() };
}
