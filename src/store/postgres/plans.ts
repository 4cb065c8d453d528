/**
 * Said before the large statements of the hot paths: they are planned once for each connection, as planning
 * takes as long as a small batch. They reach every large table by an index, and may not do otherwise, so the
 * plan stays good when the tables grow.
 */
export const PLAN_ONCE = "SET LOCAL plan_cache_mode = force_generic_plan; SET LOCAL enable_seqscan = off; " +
  "SET LOCAL enable_mergejoin = off";
