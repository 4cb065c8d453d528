/** Everything that the first release keeps. Status 0 of a delivery is pending, 2 is failed. */
export default `
CREATE TABLE settings (
  name TEXT PRIMARY KEY,
  value TEXT NOT NULL
) WITHOUT ROWID, STRICT;

CREATE TABLE sequences (
  name TEXT PRIMARY KEY,
  last INTEGER NOT NULL
) WITHOUT ROWID, STRICT;
INSERT INTO sequences VALUES ('events', 0), ('deliveries', 0);

CREATE TABLE tenants (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  status TEXT NOT NULL,
  key_hash TEXT UNIQUE,
  last_seq INTEGER NOT NULL DEFAULT 0,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;

CREATE TABLE devices (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  tenant_id TEXT NOT NULL REFERENCES tenants (id),
  kind TEXT NOT NULL,
  label TEXT NOT NULL,
  alias TEXT,
  status TEXT NOT NULL,
  phone_number TEXT,
  jid TEXT,
  lid TEXT,
  push_name TEXT,
  wanted INTEGER NOT NULL,
  last_error TEXT,
  connected_at INTEGER,
  disconnected_at INTEGER,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX devices_by_alias ON devices (tenant_id, alias) WHERE alias IS NOT NULL;
CREATE INDEX devices_by_tenant ON devices (tenant_id, status);

CREATE TABLE credentials (
  device_id TEXT PRIMARY KEY REFERENCES devices (id),
  value TEXT NOT NULL
) WITHOUT ROWID, STRICT;

CREATE TABLE signal_keys (
  device_id TEXT NOT NULL REFERENCES devices (id),
  type TEXT NOT NULL,
  id TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (device_id, type, id)
) WITHOUT ROWID, STRICT;

CREATE TABLE inbox (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  device_id TEXT NOT NULL REFERENCES devices (id),
  message_id TEXT NOT NULL,
  chat TEXT NOT NULL,
  sender TEXT,
  from_me INTEGER NOT NULL,
  payload BLOB NOT NULL,
  sent_at INTEGER NOT NULL,
  published INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX inbox_by_message ON inbox (device_id, message_id, chat);
CREATE INDEX inbox_by_chat ON inbox (device_id, chat, sent_at);
CREATE INDEX inbox_by_age ON inbox (sent_at);
CREATE INDEX inbox_unpublished ON inbox (device_id) WHERE published = 0;

CREATE TABLE webhooks (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  tenant_id TEXT NOT NULL REFERENCES tenants (id),
  url TEXT NOT NULL,
  format TEXT NOT NULL,
  events TEXT NOT NULL,
  devices TEXT,
  secrets TEXT NOT NULL,
  headers TEXT NOT NULL,
  retry TEXT,
  timeout_ms INTEGER,
  ordering TEXT NOT NULL,
  recovery INTEGER NOT NULL,
  status TEXT NOT NULL,
  status_reason TEXT,
  source TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;
CREATE INDEX webhooks_by_tenant ON webhooks (tenant_id);

CREATE TABLE events (
  seq INTEGER PRIMARY KEY,
  tenant_id TEXT NOT NULL,
  tenant_seq INTEGER NOT NULL,
  id TEXT NOT NULL,
  type TEXT NOT NULL,
  device_id TEXT,
  device_alias TEXT,
  at INTEGER NOT NULL,
  dedupe_key TEXT,
  data TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX events_by_id ON events (id);
CREATE UNIQUE INDEX events_by_tenant ON events (tenant_id, tenant_seq);
CREATE INDEX events_by_type ON events (tenant_id, type);
CREATE INDEX events_by_device ON events (device_id) WHERE device_id IS NOT NULL;
CREATE UNIQUE INDEX events_by_dedupe_key ON events (tenant_id, dedupe_key) WHERE dedupe_key IS NOT NULL;

CREATE TABLE deliveries (
  number INTEGER PRIMARY KEY,
  tenant_id TEXT NOT NULL,
  webhook_id TEXT NOT NULL,
  event_seq INTEGER NOT NULL,
  event_id TEXT NOT NULL,
  device_id TEXT,
  name TEXT NOT NULL,
  status INTEGER NOT NULL,
  blocked INTEGER NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  round_start INTEGER NOT NULL DEFAULT 0,
  due_at INTEGER NOT NULL,
  leased_until INTEGER NOT NULL,
  lease_epoch INTEGER NOT NULL,
  ordering_key TEXT,
  status_code INTEGER,
  error TEXT,
  last_attempt_at INTEGER,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;
CREATE INDEX deliveries_by_webhook ON deliveries (webhook_id);
CREATE INDEX deliveries_by_tenant ON deliveries (tenant_id);
CREATE INDEX deliveries_by_event ON deliveries (event_seq);
CREATE INDEX deliveries_pending ON deliveries (webhook_id, blocked, due_at) WHERE status = 0;
CREATE INDEX deliveries_in_order ON deliveries (webhook_id, ordering_key) WHERE status = 0 AND ordering_key IS NOT NULL;
CREATE INDEX deliveries_failed ON deliveries (webhook_id) WHERE status = 2;
CREATE INDEX deliveries_failed_by_tenant ON deliveries (tenant_id) WHERE status = 2;

CREATE TABLE attempts (
  delivery_number INTEGER NOT NULL,
  attempt INTEGER NOT NULL,
  started_at INTEGER NOT NULL,
  duration_ms INTEGER NOT NULL,
  status_code INTEGER,
  error TEXT,
  response TEXT,
  PRIMARY KEY (delivery_number, attempt)
) WITHOUT ROWID, STRICT;

CREATE TABLE delivery_counts (
  webhook_id TEXT NOT NULL,
  hour INTEGER NOT NULL,
  device_id TEXT NOT NULL,
  name TEXT NOT NULL,
  status INTEGER NOT NULL,
  count INTEGER NOT NULL,
  PRIMARY KEY (webhook_id, hour, device_id, name, status)
) WITHOUT ROWID, STRICT;
CREATE INDEX delivery_counts_by_device ON delivery_counts (device_id, hour);
CREATE INDEX delivery_counts_by_hour ON delivery_counts (hour);

CREATE TABLE message_logs (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  job_id TEXT NOT NULL UNIQUE,
  channel TEXT NOT NULL,
  recipient_email TEXT,
  recipient_phone TEXT,
  recipient_name TEXT,
  template_id TEXT,
  template_name TEXT,
  subject TEXT,
  status TEXT NOT NULL,
  error_message TEXT,
  message_id TEXT,
  attempts INTEGER NOT NULL,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  tenant_id TEXT NOT NULL,
  device_id TEXT,
  to_address TEXT NOT NULL,
  receipt TEXT,
  content TEXT NOT NULL,
  context TEXT NOT NULL,
  error_code INTEGER,
  idempotency_key TEXT,
  blast_id TEXT,
  status_at INTEGER,
  sent_at INTEGER,
  delivered_at INTEGER,
  read_at INTEGER,
  created_ms INTEGER NOT NULL,
  updated_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX message_logs_by_message_id ON message_logs (message_id) WHERE message_id IS NOT NULL;
CREATE INDEX message_logs_by_tenant ON message_logs (tenant_id);
CREATE INDEX message_logs_by_tenant_channel ON message_logs (tenant_id, channel);
CREATE INDEX message_logs_by_tenant_channel_status ON message_logs (tenant_id, channel, status);
CREATE INDEX message_logs_by_device ON message_logs (device_id) WHERE device_id IS NOT NULL;
CREATE INDEX message_logs_by_device_status ON message_logs (device_id, status) WHERE device_id IS NOT NULL;
CREATE INDEX message_logs_outbox ON message_logs (device_id, status) WHERE blast_id IS NULL;
CREATE INDEX message_logs_by_status ON message_logs (status, updated_at);
CREATE INDEX message_logs_by_blast ON message_logs (blast_id) WHERE blast_id IS NOT NULL;
CREATE INDEX message_logs_by_phone ON message_logs (recipient_phone) WHERE recipient_phone IS NOT NULL;
CREATE UNIQUE INDEX message_logs_by_idempotency_key ON message_logs (tenant_id, idempotency_key)
  WHERE idempotency_key IS NOT NULL;

CREATE TABLE member_receipts (
  message_id TEXT NOT NULL REFERENCES message_logs (job_id) ON DELETE CASCADE,
  participant TEXT NOT NULL,
  receipt TEXT NOT NULL,
  delivered_at INTEGER NOT NULL,
  read_at INTEGER,
  PRIMARY KEY (message_id, participant)
) WITHOUT ROWID, STRICT;

CREATE TABLE system_logs (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  level TEXT NOT NULL,
  message TEXT NOT NULL,
  metadata TEXT,
  created_at TEXT NOT NULL,
  created_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX system_logs_by_level ON system_logs (level);
`;
