/** What happened in each hour, for charts. */
export default `
CREATE TABLE attempt_hours (
  webhook_id TEXT COLLATE "C" NOT NULL,
  hour BIGINT NOT NULL,
  first BIGINT NOT NULL,
  retried BIGINT NOT NULL,
  failed BIGINT NOT NULL,
  d0 BIGINT NOT NULL,
  d1 BIGINT NOT NULL,
  d2 BIGINT NOT NULL,
  d3 BIGINT NOT NULL,
  d4 BIGINT NOT NULL,
  d5 BIGINT NOT NULL,
  d6 BIGINT NOT NULL,
  d7 BIGINT NOT NULL,
  d8 BIGINT NOT NULL,
  PRIMARY KEY (webhook_id, hour)
);
CREATE INDEX attempt_hours_by_hour ON attempt_hours (hour);
CREATE TABLE event_hours (
  tenant_id TEXT COLLATE "C" NOT NULL,
  hour BIGINT NOT NULL,
  device_id TEXT COLLATE "C" NOT NULL,
  type TEXT COLLATE "C" NOT NULL,
  count BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, hour, device_id, type)
);
CREATE INDEX event_hours_by_hour ON event_hours (hour);
`;
