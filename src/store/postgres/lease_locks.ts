import type { Connection } from "./connection.ts";

const LOCK_LEASES = `
  SELECT name, holder, epoch FROM leases WHERE name = ANY($1::text[]) ORDER BY name FOR SHARE`;

/**
 * Keeps leases from being taken until the commit, and tells who holds them: a write under a lease is either seen by the
 * next holder or refused.
 */
export function lockLeases(connection: Connection, names: Iterable<string>) {
  return connection.send(LOCK_LEASES, [[...new Set(names)]]);
}
