/** Puts sealed values beside the exchanges that hold their tokens, each once a segment, inside the batch's transaction:
 * what a crash leaves has the values of all its tokens. */

import type { Database, Statement } from "better-sqlite3";
import type { Sealer } from "./sealed-box.ts";

/** Only in segments that are recorded with a vault; older builds do not look at it. */
export const vaultSchema = `
-- What the tokens of requests stand for, sealed to a public key (meta: vault).
CREATE TABLE vault (
  token  TEXT PRIMARY KEY,     -- as it stands in the exchanges
  sealed BLOB NOT NULL         -- nonce, ciphertext, tag (recording/vault/sealed-box.ts)
) STRICT, WITHOUT ROWID;
`;

/** Tokens that were written last: the same cookies come with every request of a session. */
const rememberedTokens = 4096;

export class VaultWriter {
  readonly #sealer: Sealer;
  readonly #find: Statement<[string], { token: string }>;
  readonly #insert: Statement<[string, Uint8Array]>;
  readonly #known = new Set<string>();

  constructor(database: Database, sealer: Sealer) {
    this.#sealer = sealer;
    this.#find = database.prepare("SELECT token FROM vault WHERE token = ?");
    this.#insert = database.prepare("INSERT INTO vault (token, sealed) VALUES (?, ?)");
  }

  /** @param secrets values by token, as byte strings */
  put(secrets: ReadonlyMap<string, string>): void {
    for (const [token, value] of secrets) {
      if (this.#known.has(token)) continue;
      if (this.#find.get(token) === undefined) this.#insert.run(token, this.#sealer.seal(token, value));
      if (this.#known.size >= rememberedTokens) this.#known.clear();
      this.#known.add(token);
    }
  }
}
