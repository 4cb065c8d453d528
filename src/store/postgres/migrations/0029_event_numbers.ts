/**
 * A tenant's last event number is the highest of its events, or `last_seq`, which is set when that event is removed. To
 * count it up with every event left a dead row for each, which every later event had to step over for as long as
 * anybody looked at the database as it was before: a copy, a forgotten transaction.
 *
 * Gateways of the version before still count `last_seq` up; they go on from the highest number, too.
 */
export default `
CREATE FUNCTION keep_event_numbers() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE tenants SET last_seq = removed.newest
  FROM (SELECT tenant_id, max(tenant_seq) AS newest FROM gone GROUP BY tenant_id ORDER BY tenant_id) AS removed
  WHERE tenants.id = removed.tenant_id AND tenants.last_seq < removed.newest AND NOT EXISTS (
    SELECT FROM events WHERE events.tenant_id = removed.tenant_id AND events.tenant_seq > removed.newest
  );
  RETURN NULL;
END
$$;
CREATE TRIGGER events_removed AFTER DELETE ON events REFERENCING OLD TABLE AS gone
  FOR EACH STATEMENT EXECUTE FUNCTION keep_event_numbers();

CREATE FUNCTION count_from_events() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.last_seq = NEW.last_seq - OLD.last_seq + greatest(
    OLD.last_seq,
    (SELECT max(tenant_seq) FROM events WHERE tenant_id = OLD.id)
  );
  RETURN NEW;
END
$$;
CREATE TRIGGER tenants_counted BEFORE UPDATE OF last_seq ON tenants
  FOR EACH ROW WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION count_from_events();
`;
