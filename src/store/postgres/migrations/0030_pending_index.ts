/**
 * Looking for the first delivery of an ordering key, the planner took either index of those that are pending: both are
 * as good as empty by its numbers. While an old snapshot is open, this one has all that were made meanwhile, the one of
 * keys only those of the key. So it is no longer for those who do not say `blocked`.
 */
export default `
DROP INDEX deliveries_pending;
CREATE INDEX deliveries_pending ON deliveries (webhook_id, blocked, due_at)
  WHERE status = 0 AND blocked >= 0;
`;
