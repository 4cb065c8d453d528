/** Hits that several gateways count together. */
export default `
CREATE TABLE rate_hits (
  name TEXT NOT NULL,
  key TEXT NOT NULL,
  ends_at INTEGER NOT NULL,
  hits INTEGER NOT NULL,
  PRIMARY KEY (name, key, ends_at)
) STRICT, WITHOUT ROWID;
CREATE INDEX rate_hits_by_end ON rate_hits (ends_at);
`;
