/** Blasts and their templates, what other systems report, and counts of messages that history does not slow down. */
export default `
CREATE TABLE templates (
  tenant_id TEXT NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
  id TEXT NOT NULL,
  name TEXT NOT NULL,
  type TEXT,
  body TEXT NOT NULL,
  variables TEXT NOT NULL,
  qiscus TEXT,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  PRIMARY KEY (tenant_id, id)
) WITHOUT ROWID, STRICT;

CREATE TABLE blasts (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  tenant_id TEXT NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
  status TEXT NOT NULL,
  reason TEXT,
  via TEXT NOT NULL,
  device_ids TEXT NOT NULL,
  stopped TEXT NOT NULL,
  template_id TEXT,
  template_name TEXT,
  pace TEXT NOT NULL,
  total INTEGER NOT NULL,
  duplicates INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  started_at INTEGER,
  finished_at INTEGER,
  updated_at INTEGER NOT NULL
) STRICT;
CREATE INDEX blasts_by_tenant ON blasts (tenant_id);
CREATE INDEX blasts_by_status ON blasts (status);

ALTER TABLE message_logs ADD COLUMN payload TEXT;
CREATE UNIQUE INDEX message_logs_once_in_blast ON message_logs (blast_id, to_address) WHERE blast_id IS NOT NULL;
CREATE INDEX message_logs_in_blast ON message_logs (blast_id, status, receipt) WHERE blast_id IS NOT NULL;
CREATE INDEX message_logs_unconfirmed ON message_logs (blast_id)
  WHERE blast_id IS NOT NULL AND status = 'processing' AND message_id IS NULL;
CREATE INDEX message_logs_by_tenant_status ON message_logs (tenant_id, status);
CREATE INDEX message_logs_failed ON message_logs (updated_ms) WHERE status = 'failed';

CREATE TABLE blast_claims (
  device_id TEXT NOT NULL,
  slot INTEGER NOT NULL,
  count INTEGER NOT NULL,
  PRIMARY KEY (device_id, slot)
) WITHOUT ROWID, STRICT;

CREATE TABLE orphans (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  wa_message_id TEXT NOT NULL,
  status TEXT NOT NULL,
  status_at INTEGER,
  recipient TEXT,
  error TEXT,
  announced INTEGER NOT NULL,
  received_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX orphans_by_status ON orphans (wa_message_id, status, ifnull(status_at, 0));
CREATE INDEX orphans_by_age ON orphans (received_at);
CREATE INDEX orphans_unannounced ON orphans (received_at) WHERE announced = 0;

CREATE TABLE external_sessions (
  device_id TEXT PRIMARY KEY REFERENCES devices (id) ON DELETE CASCADE,
  status TEXT NOT NULL,
  message TEXT,
  qr TEXT,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) WITHOUT ROWID, STRICT;

CREATE TABLE message_counts (
  tenant_id TEXT NOT NULL,
  date TEXT NOT NULL,
  channel TEXT NOT NULL,
  status TEXT NOT NULL,
  count INTEGER NOT NULL,
  PRIMARY KEY (tenant_id, date, channel, status)
) WITHOUT ROWID, STRICT;
INSERT INTO message_counts (tenant_id, date, channel, status, count)
  SELECT tenant_id, substr(created_at, 1, 10), channel, status, count(*) FROM message_logs GROUP BY 1, 2, 3, 4;
CREATE TRIGGER message_logs_counted_in AFTER INSERT ON message_logs BEGIN
  INSERT INTO message_counts (tenant_id, date, channel, status, count)
    VALUES (new.tenant_id, substr(new.created_at, 1, 10), new.channel, new.status, 1)
    ON CONFLICT DO UPDATE SET count = count + 1;
END;
CREATE TRIGGER message_logs_counted_on AFTER UPDATE OF status ON message_logs WHEN new.status <> old.status BEGIN
  UPDATE message_counts SET count = count - 1
    WHERE tenant_id = old.tenant_id AND date = substr(old.created_at, 1, 10)
      AND channel = old.channel AND status = old.status;
  INSERT INTO message_counts (tenant_id, date, channel, status, count)
    VALUES (new.tenant_id, substr(new.created_at, 1, 10), new.channel, new.status, 1)
    ON CONFLICT DO UPDATE SET count = count + 1;
END;
CREATE TRIGGER message_logs_counted_out AFTER DELETE ON message_logs BEGIN
  UPDATE message_counts SET count = count - 1
    WHERE tenant_id = old.tenant_id AND date = substr(old.created_at, 1, 10)
      AND channel = old.channel AND status = old.status;
END;
`;
