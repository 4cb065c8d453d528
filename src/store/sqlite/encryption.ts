import type { DatabaseSync } from "node:sqlite";
import { decideVault, PROOF, SALT } from "../sql/sealing.ts";
import { secretPlaces } from "../sql/secret_places.ts";
import { isSealed, type Vault } from "../vault.ts";

/** The setting that says so; a file that was written anew has it no more. */
export const RESIDUE = "store.residue";

/**
 * The vault of a store. The first start with a key seals the secrets that are there and notes under `RESIDUE` that the
 * file may still have traces of them, in the slack of its pages; from then on the store opens with that key only.
 * @param words `ENCRYPTION_KEY`.
 * @throws {StoreUnavailableError} If the store was sealed and the key is missing or another one.
 */
export function openVaultOf(writer: DatabaseSync, path: string, words: string | undefined): Vault {
  const sealing = { salt: settingOf(writer, SALT), proof: settingOf(writer, PROOF) };
  const { vault, settings } = decideVault(path, sealing, words);
  if (words === undefined) return vault;
  writer.exec("BEGIN IMMEDIATE");
  try {
    for (const [name, value] of settings) setSetting(writer, name, value);
    const sealed = sealAll(writer, vault);
    if (sealed > 0) setSetting(writer, RESIDUE, String(sealed));
    writer.exec("COMMIT");
    if (sealed > 0) writer.exec("PRAGMA wal_checkpoint(TRUNCATE)"); // the log still has them in the open
  } catch (error) {
    if (writer.isTransaction) writer.exec("ROLLBACK");
    throw error;
  }
  return vault;
}

/** Whether the file may have traces of what was sealed. */
export function hasResidue(writer: DatabaseSync): boolean {
  return settingOf(writer, RESIDUE) !== undefined;
}

/** Seals what is still in the open; gives how much that was. */
function sealAll(writer: DatabaseSync, vault: Vault): number {
  let sealed = 0;
  for (const { table, id, column, place } of secretPlaces) {
    const rows = writer.prepare(`SELECT "${id}" AS id, "${column}" AS value FROM "${table}"`).all();
    const update = writer.prepare(`UPDATE "${table}" SET "${column}" = ? WHERE "${id}" = ?`);
    for (const row of rows) {
      const [key, value] = [String(row.id), String(row.value)];
      if (isSealed(value)) continue;
      update.run(vault.seal(value, place(key)), key);
      sealed++;
    }
  }
  return sealed;
}

function settingOf(writer: DatabaseSync, name: string): string | undefined {
  const row = writer.prepare("SELECT value FROM settings WHERE name = ?").get(name);
  return row === undefined ? undefined : String(row.value);
}

function setSetting(writer: DatabaseSync, name: string, value: string): void {
  writer.prepare("INSERT INTO settings VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value")
    .run(name, value);
}
