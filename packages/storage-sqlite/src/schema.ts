/** Marks a SQLite file as a tradeswarm store, in its header: the letters `TSWM`. */
export const applicationId = 0x54_53_57_4d

/**
 * Each script takes the schema from the version of its place in the list to the next; `user_version` holds the version.
 * Scripts are only ever added. Times are epoch milliseconds; `tags` is a JSON object. A `checksum` is the CRC-32 of the
 * row's other fields, for scripts the function `row_checksum`; an entry of the journal has its hash for that, and a blob
 * its key. Rows of the journal up to the last segment are archived: of those only number and id are left.
 */
export const migrations: readonly string[] = [
  `
  CREATE TABLE journal (
    sequence INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    time INTEGER NOT NULL,
    text TEXT NOT NULL,
    hash TEXT NOT NULL
  ) STRICT;
  CREATE INDEX journal_by_kind ON journal (kind, sequence);

  CREATE TABLE journal_cursors (
    consumer TEXT PRIMARY KEY,
    sequence INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE key_value (
    key TEXT NOT NULL UNIQUE,
    value TEXT NOT NULL,
    revision INTEGER NOT NULL,
    expires_at INTEGER
  ) STRICT;
  CREATE INDEX key_value_by_expiry ON key_value (expires_at) WHERE expires_at IS NOT NULL;

  CREATE TABLE records (
    collection TEXT NOT NULL,
    id TEXT NOT NULL,
    time INTEGER NOT NULL,
    tags TEXT NOT NULL,
    text TEXT NOT NULL,
    UNIQUE (collection, id)
  ) STRICT;
  CREATE INDEX records_by_time ON records (collection, time, id);

  CREATE TABLE record_tags (
    collection TEXT NOT NULL,
    tag TEXT NOT NULL,
    value TEXT NOT NULL,
    time INTEGER NOT NULL,
    id TEXT NOT NULL,
    PRIMARY KEY (collection, tag, value, time, id)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE blobs (
    hash TEXT NOT NULL UNIQUE,
    text TEXT NOT NULL
  ) STRICT;
  `,
  `
  ALTER TABLE journal_cursors ADD COLUMN checksum INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE key_value ADD COLUMN checksum INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE records ADD COLUMN checksum INTEGER NOT NULL DEFAULT 0;
  UPDATE journal_cursors SET checksum = row_checksum(consumer, sequence);
  UPDATE key_value SET checksum = row_checksum(key, value, revision, expires_at);
  UPDATE records SET checksum = row_checksum(collection, id, time, tags, text);

  CREATE TABLE journal_segments (
    last INTEGER PRIMARY KEY,
    first INTEGER NOT NULL,
    previous_hash TEXT NOT NULL,
    hash TEXT NOT NULL,
    blob TEXT NOT NULL,
    checksum INTEGER NOT NULL
  ) STRICT;
  `,
]
