import { LeaseLostError, messageOf } from "../../errors.ts";
import type { HeldLease } from "../leases.ts";
import type { Connection } from "./connection.ts";
import { stateOf } from "./failures.ts";

const LOCK_LEASES = `
  SELECT name, holder, epoch FROM leases WHERE name = ANY($1::text[]) ORDER BY name FOR SHARE`;

/** What the function `lease_lost` of the schema fails with; the error's message is the name. */
const LEASE_LOST = "KB001";

const REQUIRE_LEASES = `
  WITH held AS MATERIALIZED (${LOCK_LEASES})
  SELECT lease_lost(asked.name)
  FROM unnest($1::text[], $2::text[], $3::bigint[]) AS asked (name, holder, epoch)
  LEFT JOIN held ON held.name = asked.name AND held.holder = asked.holder AND held.epoch = asked.epoch
  WHERE held.name IS NULL`;

/**
 * Keeps leases from being taken until the commit, and tells who holds them: a write under a lease is either seen by the
 * next holder or refused.
 */
export function lockLeases(connection: Connection, names: Iterable<string>) {
  return connection.send(LOCK_LEASES, [[...new Set(names)]]);
}

/**
 * The same for whoever needs all of them: the server itself refuses the rest of the transaction, so that this does not
 * wait for the answer.
 * @throws {LeaseLostError} For the first that is not held as it is said.
 */
export async function requireLeases(connection: Connection, leases: readonly HeldLease[]): Promise<void> {
  const asked = [...new Set(leases)];
  const columns = [
    asked.map(({ name }) => name),
    asked.map(({ holder }) => holder),
    asked.map(({ epoch }) => epoch),
  ];
  try {
    await connection.send(REQUIRE_LEASES, columns);
  } catch (error) {
    throw stateOf(error) === LEASE_LOST ? new LeaseLostError(messageOf(error)) : error;
  }
}
