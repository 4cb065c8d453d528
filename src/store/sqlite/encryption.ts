import type { DatabaseSync } from "node:sqlite";
import { Buffer } from "node:buffer";
import { randomBytes } from "node:crypto";
import { StoreUnavailableError } from "../../errors.ts";
import { secretPlaces } from "../sql/secret_places.ts";
import { createVault, isSealed, keyOf, openVault, type Vault } from "../vault.ts";

const SALT = "encryption.salt";
const PROOF = "encryption.proof";
const SALT_BYTES = 16;

/**
 * The vault of a store. The first start with a key seals the secrets that are there and leaves no trace of them in the
 * file; from then on the store opens with that key only.
 * @param words `ENCRYPTION_KEY`.
 * @throws {StoreUnavailableError} If the store was sealed and the key is missing or another one.
 */
export function openVaultOf(writer: DatabaseSync, path: string, words: string | undefined): Vault {
  const proof = settingOf(writer, PROOF);
  if (words === undefined) {
    if (proof === undefined) return openVault;
    throw new StoreUnavailableError(
      `Cannot open ${path}: its secrets are encrypted and ENCRYPTION_KEY is not set`,
    );
  }
  const salt = settingOf(writer, SALT) ?? randomBytes(SALT_BYTES).toString("hex");
  const vault = createVault(keyOf(words, Buffer.from(salt, "hex")));
  if (proof !== undefined && !proves(vault, proof)) {
    throw new StoreUnavailableError(
      `Cannot open ${path}: ENCRYPTION_KEY is not the key that its secrets are encrypted with`,
    );
  }
  writer.exec("PRAGMA secure_delete = ON; BEGIN IMMEDIATE");
  try {
    if (proof === undefined) {
      setSetting(writer, SALT, salt);
      setSetting(writer, PROOF, vault.seal(PROOF, PROOF));
    }
    const sealed = sealAll(writer, vault);
    writer.exec("COMMIT; PRAGMA secure_delete = OFF");
    if (sealed > 0) writer.exec("PRAGMA wal_checkpoint(TRUNCATE)"); // the log still has them in the open
  } catch (error) {
    if (writer.isTransaction) writer.exec("ROLLBACK");
    throw error;
  }
  return vault;
}

function proves(vault: Vault, proof: string): boolean {
  try {
    return vault.open(proof, PROOF) === PROOF;
  } catch (error) {
    if (error instanceof StoreUnavailableError) return false;
    throw error;
  }
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
