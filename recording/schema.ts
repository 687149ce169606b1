/** The tables of a recording segment: one SQLite file, its format number in `user_version`.
 * docs/recording-format.md explains it to people; a change here is a new format with a migration. */

/** Marks the file as ours (`PRAGMA application_id`): "Pnmb" in ASCII. */
export const applicationId = 0x506e6d62;

/** Bits of `exchange.flags`. */
export const flag = {
  /** The request's body is kept as length, hash, head and tail only. */
  requestCapped: 1,
  /** Likewise the answer's. */
  answerCapped: 2,
} as const;

export const schema = `
-- What holds for the whole segment; values are JSON.
CREATE TABLE meta (
  key   TEXT PRIMARY KEY,      -- tool, created_at_ms, monotonic_ms, epoch, labels, primaries, redaction, key_id, vault
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Body bytes, each kind of bytes once per segment.
CREATE TABLE body (
  id     INTEGER PRIMARY KEY,
  sha256 BLOB    NOT NULL UNIQUE,  -- of the bytes as they were sent, 32 bytes
  length INTEGER NOT NULL,         -- of the bytes as they were sent
  packed TEXT    NOT NULL,         -- 'raw' or 'zstd': here; 'pack': in a pack
  bytes  BLOB,                     -- NULL = in a pack
  pack   INTEGER,                  -- of which it is a part
  pack_at INTEGER                  -- where it begins in the pack's bytes, unpacked
) STRICT;

-- Many small things of one batch, compressed together: they look alike. (Since format 2.)
CREATE TABLE pack (
  id     INTEGER PRIMARY KEY,
  length INTEGER NOT NULL,         -- of the bytes, unpacked
  bytes  BLOB    NOT NULL          -- zstd
) STRICT;

-- One exchange a row; the columns can be asked, \`head\` holds what has no column.
CREATE TABLE exchange (
  id            INTEGER PRIMARY KEY,
  epoch         TEXT    NOT NULL,  -- one life of the live process
  sequence      INTEGER NOT NULL,  -- counts the captured exchanges of an epoch
  exchange_id   TEXT    NOT NULL,
  lane          TEXT,              -- session key, opaque
  connection    TEXT,              -- of the client, unique across instances; NULL = unknown
  at_ms         REAL    NOT NULL,  -- wall clock of the request's first byte, ms since 1970
  first_byte_ms REAL,              -- from at_ms to the answer's first byte; NULL = no answer
  took_ms       REAL    NOT NULL,  -- from at_ms to the end
  method        TEXT    NOT NULL,
  target        TEXT    NOT NULL,  -- request target as sent, after redaction
  status        INTEGER,           -- NULL = no answer
  outcome       TEXT    NOT NULL,  -- answered, timed-out, refused, …
  request_size  INTEGER,           -- body bytes; NULL = no body
  answer_size   INTEGER,
  request_body  INTEGER REFERENCES body (id),  -- whole, or the first part of a capped one
  request_tail  INTEGER REFERENCES body (id),  -- the last part of a capped one
  answer_body   INTEGER REFERENCES body (id),
  answer_tail   INTEGER REFERENCES body (id),
  flags         INTEGER NOT NULL,  -- 1 request capped, 2 answer capped
  inclusion     REAL,              -- probability of being in the recording; NULL = unknown
  head_pack     INTEGER NOT NULL,  -- the pack that holds its head; msgpack: version, headers, reason, capped bodies, labels, extra
  head_at       INTEGER NOT NULL,  -- where the head begins in the pack's bytes, unpacked
  head_length   INTEGER NOT NULL,
  crc32         INTEGER NOT NULL,  -- of the head and all other columns but id (since format 3; before, head_crc32 of the head)
  UNIQUE (epoch, sequence)
) STRICT;

-- The order of a replay.
CREATE INDEX exchange_by_start ON exchange (at_ms, id);

-- The live process's ledger, every 10 s: what the recording is missing, and why.
CREATE TABLE counters (
  id       INTEGER PRIMARY KEY,
  at_ms    REAL NOT NULL,
  snapshot TEXT NOT NULL           -- JSON
) STRICT;
`;
