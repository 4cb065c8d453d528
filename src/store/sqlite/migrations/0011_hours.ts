/** What happened in each hour, for charts. */
export default `
CREATE TABLE attempt_hours (
  webhook_id TEXT NOT NULL,
  hour INTEGER NOT NULL,
  first INTEGER NOT NULL,
  retried INTEGER NOT NULL,
  failed INTEGER NOT NULL,
  d0 INTEGER NOT NULL,
  d1 INTEGER NOT NULL,
  d2 INTEGER NOT NULL,
  d3 INTEGER NOT NULL,
  d4 INTEGER NOT NULL,
  d5 INTEGER NOT NULL,
  d6 INTEGER NOT NULL,
  d7 INTEGER NOT NULL,
  d8 INTEGER NOT NULL,
  PRIMARY KEY (webhook_id, hour)
) WITHOUT ROWID, STRICT;
CREATE INDEX attempt_hours_by_hour ON attempt_hours (hour);
CREATE TABLE event_hours (
  tenant_id TEXT NOT NULL,
  hour INTEGER NOT NULL,
  device_id TEXT NOT NULL,
  type TEXT NOT NULL,
  count INTEGER NOT NULL,
  PRIMARY KEY (tenant_id, hour, device_id, type)
) WITHOUT ROWID, STRICT;
CREATE INDEX event_hours_by_hour ON event_hours (hour);
`;
