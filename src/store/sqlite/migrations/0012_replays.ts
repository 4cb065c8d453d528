/** Replays that were begun, so that they outlive a restart. */
export default `
CREATE TABLE replays (
  id TEXT PRIMARY KEY,
  tenant_id TEXT NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
  status TEXT NOT NULL,
  filter TEXT NOT NULL,
  total INTEGER NOT NULL,
  looked INTEGER NOT NULL,
  replayed INTEGER NOT NULL,
  after_number INTEGER NOT NULL,
  holder TEXT,
  held_until INTEGER NOT NULL,
  started_at INTEGER NOT NULL,
  finished_at INTEGER
) STRICT;
CREATE INDEX replays_by_tenant ON replays (tenant_id, started_at);
CREATE INDEX replays_running ON replays (held_until) WHERE status = 'running';
CREATE INDEX replays_finished ON replays (finished_at) WHERE finished_at IS NOT NULL;
`;
