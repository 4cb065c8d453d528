import { Buffer } from "node:buffer";
import { randomBytes } from "node:crypto";
import { StoreUnavailableError } from "../../errors.ts";
import { createVault, keyOf, openVault, type Vault } from "../vault.ts";

/** Settings that tell with which key a store is sealed. */
export const SALT = "encryption.salt";
export const PROOF = "encryption.proof";
const SALT_BYTES = 16;

/** What a store says of its key. */
export interface Sealing {
  readonly salt: string | undefined;
  readonly proof: string | undefined;
}

/**
 * The vault of a store, and what is to be written to its settings first; nothing when it is known already.
 */
export interface OpenedVault {
  readonly vault: Vault;
  readonly settings: readonly (readonly [name: string, value: string])[];
}

/**
 * Decides with which vault a store is opened.
 * @param place What the error names.
 * @param words `ENCRYPTION_KEY`.
 * @throws {StoreUnavailableError} If the store was sealed and the key is missing or another one.
 */
export function decideVault(place: string, { salt, proof }: Sealing, words: string | undefined): OpenedVault {
  if (words === undefined) {
    if (proof === undefined) return { vault: openVault, settings: [] };
    throw new StoreUnavailableError(
      `Cannot open ${place}: its secrets are encrypted and ENCRYPTION_KEY is not set`,
    );
  }
  const used = salt ?? randomBytes(SALT_BYTES).toString("hex");
  const vault = createVault(keyOf(words, Buffer.from(used, "hex")));
  if (proof === undefined) return { vault, settings: [[SALT, used], [PROOF, vault.seal(PROOF, PROOF)]] };
  if (proves(vault, proof)) return { vault, settings: [] };
  throw new StoreUnavailableError(
    `Cannot open ${place}: ENCRYPTION_KEY is not the key that its secrets are encrypted with`,
  );
}

function proves(vault: Vault, proof: string): boolean {
  try {
    return vault.open(proof, PROOF) === PROOF;
  } catch (error) {
    if (error instanceof StoreUnavailableError) return false;
    throw error;
  }
}
