import { z } from "zod";
import type { Settings } from "../config.ts";
import { DataInUseError, lockData } from "../app/data_lock.ts";
import { DEFAULT_TENANT } from "../ids.ts";
import { openSqliteStore } from "../store/sqlite/open.ts";
import { exists } from "../store/sqlite/backup.ts";
import { renewDefaultKey } from "../tenants/default_tenant.ts";
import { type ClientSettings, createGatewayClient } from "./gateway_client.ts";
import { keepingOwner } from "./owner.ts";
import { CommandError } from "./verb.ts";

const rotated = z.object({ data: z.object({ api_key: z.string() }) });

/**
 * Gives the default tenant a new API key: in the database while no gateway uses it, otherwise by asking the one that
 * runs.
 * @throws {CommandError} If there is no database here, or a gateway has it that cannot be asked.
 * @throws {GatewayError} If the gateway that was asked refuses.
 */
export async function newKey(
  settings: ClientSettings & Pick<Settings, "DATA_DIR" | "ENCRYPTION_KEY">,
  print: (line: string) => void,
): Promise<void> {
  const { API_KEY, DATA_DIR, MASTER_KEY } = settings;
  if (API_KEY !== undefined) {
    throw new CommandError(
      "Cannot make a key: the setting API_KEY says what it is. Change it there, or unset it and try again",
    );
  }
  const key = await storedKey(settings) ?? await askedKey(settings);
  print(`API key (shown only this once; the one before stopped): ${key}`);

  /** Undefined when a gateway has the data and can be asked. */
  async function storedKey({ ENCRYPTION_KEY }: typeof settings): Promise<string | undefined> {
    const path = `${DATA_DIR}/logs.db`;
    if (!await exists(path)) {
      if (MASTER_KEY !== undefined) return undefined; // a gateway elsewhere
      throw new CommandError(`There is no ${path}: DATA_DIR says where the gateway's data is`);
    }
    const keep = await keepingOwner(DATA_DIR);
    const lock = await lockData(DATA_DIR).catch((error: unknown) => {
      if (!(error instanceof DataInUseError)) throw error;
      if (MASTER_KEY !== undefined) return undefined;
      throw new CommandError(
        `${error.message}. Stop it and try again, or set MASTER_KEY, here and for it, to ask it for a key`,
        { cause: error },
      );
    });
    if (lock === undefined) return undefined;
    try {
      const store = openSqliteStore({ path, encryptionKey: ENCRYPTION_KEY });
      try {
        return await renewDefaultKey({ ...store, now: Date.now });
      } finally {
        await store.close();
      }
    } finally {
      await lock.release();
      await keep();
    }
  }
}

async function askedKey(settings: ClientSettings): Promise<string> {
  const client = createGatewayClient(settings);
  return rotated.parse(await client.ask(`/admin/tenants/${DEFAULT_TENANT}/rotate-key`, {})).data.api_key;
}
