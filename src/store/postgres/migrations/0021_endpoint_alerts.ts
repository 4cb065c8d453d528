/** Endpoints whose trouble was told and is not over. */
export default `
CREATE TABLE endpoint_alerts (
  webhook_id TEXT COLLATE "C" PRIMARY KEY REFERENCES webhooks (id) ON DELETE CASCADE,
  since BIGINT NOT NULL
);
`;
