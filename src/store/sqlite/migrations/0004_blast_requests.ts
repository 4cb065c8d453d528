/** Blasts that begin later, and the requests for blasts that carry an idempotency key, with what they were answered. */
export default `
ALTER TABLE blasts ADD COLUMN scheduled_at INTEGER;
CREATE INDEX blasts_scheduled ON blasts (status, scheduled_at) WHERE status = 'scheduled';

CREATE TABLE blast_requests (
  tenant_id TEXT NOT NULL,
  idempotency_key TEXT NOT NULL,
  blast_id TEXT NOT NULL UNIQUE REFERENCES blasts (id) ON DELETE CASCADE,
  digest TEXT NOT NULL,
  answer TEXT,
  UNIQUE (tenant_id, idempotency_key)
) STRICT;
`;
