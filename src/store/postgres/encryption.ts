import { decideVault, PROOF, SALT } from "../sql/sealing.ts";
import { secretPlaces } from "../sql/secret_places.ts";
import { isSealed, type Vault } from "../vault.ts";
import type { Connection } from "./connection.ts";

/**
 * The vault of a store. The first start with a key seals the secrets that are there; what they were in the
 * open stays in the server's log and dead rows until it vacuums these and in its backups.
 * @param connection In a transaction that nobody else runs at the same time.
 * @throws {StoreUnavailableError} If the store was sealed and the key is missing or another one.
 */
export async function openVaultOf(connection: Connection, words: string | undefined): Promise<Vault> {
  const sealing = { salt: await settingOf(connection, SALT), proof: await settingOf(connection, PROOF) };
  const { vault, settings } = decideVault("the database", sealing, words);
  for (const [name, value] of settings) {
    await connection.send(
      "INSERT INTO settings VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
      [name, value],
    );
  }
  if (words !== undefined) await sealAll(connection, vault);
  return vault;
}

/** Seals what is still in the open. */
async function sealAll(connection: Connection, vault: Vault): Promise<void> {
  for (const { table, id, column, place } of secretPlaces) {
    const { rows } = await connection.send(
      `SELECT "${id}" AS id, "${column}" AS value FROM "${table}" WHERE "${column}" NOT LIKE 'sealed:%' FOR UPDATE`,
    );
    for (const { id: key, value } of rows) {
      if (isSealed(value)) continue;
      await connection.send(`UPDATE "${table}" SET "${column}" = $1 WHERE "${id}" = $2`, [
        vault.seal(value, place(key)),
        key,
      ]);
    }
  }
}

async function settingOf(connection: Connection, name: string): Promise<string | undefined> {
  const { rows: [row] } = await connection.send("SELECT value FROM settings WHERE name = $1", [name]);
  return row?.value;
}
