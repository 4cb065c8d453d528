/** Endpoints whose trouble was told and is not over. */
export default `
CREATE TABLE endpoint_alerts (
  webhook_id TEXT PRIMARY KEY REFERENCES webhooks (id) ON DELETE CASCADE,
  since INTEGER NOT NULL
) STRICT;
`;
