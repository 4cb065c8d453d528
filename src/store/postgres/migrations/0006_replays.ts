/** Replays that were begun, so that they outlive a restart. */
export default `
CREATE TABLE replays (
  id TEXT COLLATE "C" PRIMARY KEY,
  tenant_id TEXT COLLATE "C" NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
  status TEXT COLLATE "C" NOT NULL,
  filter TEXT COLLATE "C" NOT NULL,
  total BIGINT NOT NULL,
  looked BIGINT NOT NULL,
  replayed BIGINT NOT NULL,
  after_number BIGINT NOT NULL,
  holder TEXT COLLATE "C",
  held_until BIGINT NOT NULL,
  started_at BIGINT NOT NULL,
  finished_at BIGINT
);
CREATE INDEX replays_by_tenant ON replays (tenant_id, started_at);
CREATE INDEX replays_running ON replays (held_until) WHERE status = 'running';
CREATE INDEX replays_finished ON replays (finished_at) WHERE finished_at IS NOT NULL;
`;
