/**
 * Gateways that share a store, who holds what, what they ask of each other, and files that any of them may be asked
 * for.
 */
export default `
ALTER TABLE tenants ADD COLUMN webhooks_version INTEGER NOT NULL DEFAULT 0;

CREATE TABLE gateways (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  roles TEXT NOT NULL,
  weight INTEGER NOT NULL,
  draining INTEGER NOT NULL,
  settings_digest TEXT NOT NULL,
  version TEXT NOT NULL,
  started_at INTEGER NOT NULL,
  beat INTEGER NOT NULL
) STRICT;

CREATE TABLE leases (
  name TEXT PRIMARY KEY,
  holder TEXT,
  epoch INTEGER NOT NULL,
  wanted INTEGER NOT NULL,
  prefer TEXT,
  free_since INTEGER
) WITHOUT ROWID, STRICT;
CREATE INDEX leases_by_holder ON leases (holder) WHERE holder IS NOT NULL;

CREATE TABLE device_calls (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  device_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  request TEXT NOT NULL,
  deadline INTEGER NOT NULL,
  state TEXT NOT NULL,
  holder TEXT,
  answer TEXT
) STRICT;
CREATE INDEX device_calls_asked ON device_calls (device_id) WHERE state = 'asked';
CREATE INDEX device_calls_taken ON device_calls (holder) WHERE state = 'taken';
CREATE INDEX device_calls_by_deadline ON device_calls (deadline);

CREATE TABLE files (
  id TEXT PRIMARY KEY,
  size_bytes INTEGER NOT NULL,
  complete INTEGER NOT NULL,
  created_at INTEGER NOT NULL
) WITHOUT ROWID, STRICT;
CREATE INDEX files_by_age ON files (created_at);

CREATE TABLE file_chunks (
  file_id TEXT NOT NULL REFERENCES files (id) ON DELETE CASCADE,
  position INTEGER NOT NULL,
  bytes BLOB NOT NULL,
  PRIMARY KEY (file_id, position)
) STRICT;
`;
