/** penumbra vault-key: the key pair of a vault, in which a recording keeps what its tokens stand for. */

import { PenumbraError } from "../../model/errors.ts";
import { makeVaultKeys } from "../../recording/vault/vault-keys.ts";
import { command } from "../command.ts";
import { exitCode } from "../exit-codes.ts";
import { note, print } from "../terminal.ts";

export const vaultKeyCommand = command({
  name: "vault-key",
  about: "Make the key pair of a vault: KEY.pub seals credentials while recording, KEY opens them for a replay.",
  positional: [],
  options: ["out", "json"],
  example: "penumbra vault-key --out vault.key",
  async run({ out, json }) {
    if (out === null)
      throw new PenumbraError("MISSING_OPTION", "--out is missing", "give the file of the private key; the public one is put beside it");
    const { publicPath, id } = makeVaultKeys(out);
    if (json) print(JSON.stringify({ key: out, publicKey: publicPath, id }));
    else note(`key ${id}: record with --record-vault ${publicPath}; keep ${out} apart from recordings, and replay with --vault-key ${out}`);
    return exitCode.pass;
  },
});
