/** What webhooks were that are gone: their deliveries stay listed, with where they went and what they said. */
export default `
CREATE TABLE removed_webhooks (
  id TEXT PRIMARY KEY,
  tenant_id TEXT NOT NULL,
  url TEXT NOT NULL,
  format TEXT NOT NULL,
  removed_at INTEGER NOT NULL
) STRICT;
CREATE INDEX removed_webhooks_by_tenant ON removed_webhooks (tenant_id, removed_at);
`;
