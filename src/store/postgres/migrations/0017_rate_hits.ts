/** Hits that gateways count together. They last a minute: a crash of the server may forget them. */
export default `
CREATE UNLOGGED TABLE rate_hits (
  name TEXT COLLATE "C" NOT NULL,
  key TEXT COLLATE "C" NOT NULL,
  ends_at BIGINT NOT NULL,
  hits BIGINT NOT NULL,
  PRIMARY KEY (name, key, ends_at)
) WITH (fillfactor = 50);
CREATE INDEX rate_hits_by_end ON rate_hits (ends_at);
`;
