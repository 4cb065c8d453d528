/** What webhooks were that are gone: their deliveries stay listed, with where they went and what they said. */
export default `
CREATE TABLE removed_webhooks (
  id TEXT COLLATE "C" PRIMARY KEY,
  tenant_id TEXT COLLATE "C" NOT NULL,
  url TEXT COLLATE "C" NOT NULL,
  format TEXT COLLATE "C" NOT NULL,
  removed_at BIGINT NOT NULL
);
CREATE INDEX removed_webhooks_by_tenant ON removed_webhooks (tenant_id, removed_at);
`;
