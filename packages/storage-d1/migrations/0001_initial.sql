CREATE TABLE swarm_schema (version INTEGER NOT NULL) STRICT;

CREATE TABLE swarm_head (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  commits INTEGER NOT NULL,
  token TEXT NOT NULL,
  sequence INTEGER NOT NULL,
  hash TEXT NOT NULL,
  archived_sequence INTEGER NOT NULL,
  archived_hash TEXT NOT NULL
) STRICT;

INSERT INTO swarm_head VALUES (
  1, 0, '', 0, '0000000000000000000000000000000000000000000000000000000000000000', 0, '0000000000000000000000000000000000000000000000000000000000000000'
);

CREATE TABLE swarm_preconditions (
  is_head INTEGER CONSTRAINT head_conflict CHECK (is_head = 1),
  is_new INTEGER CONSTRAINT duplicate_id CHECK (is_new = 1),
  is_revision INTEGER CONSTRAINT revision_conflict CHECK (is_revision = 1),
  is_segment INTEGER CONSTRAINT archive_conflict CHECK (is_segment = 1)
) STRICT;

CREATE TABLE swarm_journal (
  sequence INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL,
  time INTEGER NOT NULL,
  text TEXT NOT NULL,
  hash TEXT NOT NULL,
  checksum INTEGER NOT NULL
) STRICT;

CREATE INDEX swarm_journal_by_kind ON swarm_journal (kind, sequence);

CREATE TABLE swarm_archived_ids (
  id TEXT PRIMARY KEY,
  sequence INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE swarm_segments (
  to_sequence INTEGER PRIMARY KEY,
  from_sequence INTEGER NOT NULL,
  previous_hash TEXT NOT NULL,
  hash TEXT NOT NULL,
  blob TEXT NOT NULL,
  checksum INTEGER NOT NULL
) STRICT;

CREATE TABLE swarm_cursors (
  consumer TEXT PRIMARY KEY,
  sequence INTEGER NOT NULL,
  checksum INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE swarm_key_value (
  key TEXT NOT NULL UNIQUE,
  value TEXT NOT NULL,
  revision INTEGER NOT NULL,
  expires_at INTEGER,
  checksum INTEGER NOT NULL
) STRICT;

CREATE INDEX swarm_key_value_by_expiry ON swarm_key_value (expires_at) WHERE expires_at IS NOT NULL;

CREATE TABLE swarm_records (
  collection TEXT NOT NULL,
  id TEXT NOT NULL,
  time INTEGER NOT NULL,
  tags TEXT NOT NULL,
  text TEXT NOT NULL,
  checksum INTEGER NOT NULL,
  UNIQUE (collection, id)
) STRICT;

CREATE INDEX swarm_records_by_time ON swarm_records (collection, time, id);

CREATE TABLE swarm_record_tags (
  collection TEXT NOT NULL,
  tag TEXT NOT NULL,
  value TEXT NOT NULL,
  time INTEGER NOT NULL,
  id TEXT NOT NULL,
  PRIMARY KEY (collection, tag, value, time, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE swarm_blobs (
  hash TEXT PRIMARY KEY,
  erasing INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX swarm_blobs_erasing ON swarm_blobs (hash) WHERE erasing = 1;

INSERT INTO swarm_schema VALUES (1);
