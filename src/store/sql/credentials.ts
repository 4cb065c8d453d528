import { NotFoundError } from "../../errors.ts";
import { type Credentials, RATCHETS } from "../credentials.ts";
import { type Database, first, MissingParentError, type Query, run, send } from "./database.ts";
import type { Vault } from "../vault.ts";
import { hot, piecesOf } from "./hot.ts";
import { DEVICE_CREDENTIALS } from "./secret_places.ts";

/** Key entries that one statement writes. */
const ROWS_PER_INSERT = 64;

export function createCredentials(db: Database, vault: Vault): Credentials {
  const { build } = db;
  const load = hot((p: { deviceId: string }) =>
    build.selectFrom("credentials").select("value").where("device_id", "=", p.deviceId)
  );
  const save = hot((p: { deviceId: string; value: string }) =>
    build.insertInto("credentials").values({ device_id: p.deviceId, value: p.value })
      .onConflict((conflict) =>
        conflict.column("device_id").doUpdateSet((eb) => ({ value: eb.ref("excluded.value") }))
      )
  );
  const key = hot((p: { deviceId: string; type: string; id: string }) =>
    build.selectFrom("signal_keys").select(["id", "value"]).where("device_id", "=", p.deviceId)
      .where("type", "=", p.type).where("id", "=", p.id)
  );
  const byCount = new Map<number, ReturnType<typeof someKeys>>();
  /** Its parameters are a device, a type and the ids, in this order. */
  const someKeys = (count: number) =>
    build.selectFrom("signal_keys").select(["id", "value"]).where("device_id", "=", "")
      .where("type", "=", "").where("id", "in", Array.from({ length: count }, () => "")).compile();
  function keysAmong(deviceId: string, type: string, ids: readonly string[]): ReturnType<typeof someKeys> {
    const query = byCount.get(ids.length) ?? someKeys(ids.length);
    byCount.set(ids.length, query);
    return { ...query, parameters: [deviceId, type, ...ids] };
  }
  const removeKey = hot((p: { deviceId: string; type: string; id: string }) =>
    build.deleteFrom("signal_keys").where("device_id", "=", p.deviceId).where("type", "=", p.type)
      .where("id", "=", p.id)
  );
  type KeyRow = {
    readonly device_id: string;
    readonly type: string;
    readonly id: string;
    readonly value: string;
  };
  const setKeys = (rows: readonly KeyRow[]) =>
    build.insertInto("signal_keys").values(rows)
      .onConflict((conflict) =>
        conflict.columns(["device_id", "type", "id"]).doUpdateSet((eb) => ({
          value: eb.ref("excluded.value"),
        }))
      );
  const blank: KeyRow = { device_id: "", type: "", id: "", value: "" };
  let manyRows: Query | undefined;
  /** Exactly as many as one statement writes. Its parameters are those of the rows, one after the other. */
  function setMany(rows: readonly KeyRow[]): Query {
    manyRows ??= setKeys(Array(ROWS_PER_INSERT).fill(blank)).compile();
    const parameters = rows.flatMap(({ device_id, type, id, value }) => [device_id, type, id, value]);
    return { ...manyRows, parameters };
  }
  const setKey = hot((p: { deviceId: string; type: string; id: string; value: string }) =>
    setKeys([{ device_id: p.deviceId, type: p.type, id: p.id, value: p.value }])
  );

  return {
    load: (deviceId) =>
      db.read(function* () {
        const row = yield* first(load({ deviceId }));
        return row && vault.open(row.value, DEVICE_CREDENTIALS.place(deviceId));
      }),
    save: (deviceId, creds) =>
      db.write(function* () {
        yield* send(save({ deviceId, value: vault.seal(creds, DEVICE_CREDENTIALS.place(deviceId)) }));
      }, { key: `device ${deviceId}` }).catch((error) => refuseUnknown(error, deviceId)),
    keys: (deviceId, type, ids) =>
      db.read(function* () {
        const found = new Map<string, string>();
        if (ids.length === 1) {
          for (const row of yield* run(key({ deviceId, type, id: ids[0] }))) found.set(row.id, row.value);
          return found;
        }
        for (const piece of piecesOf(ids)) {
          const rows = yield* run(keysAmong(deviceId, type, piece));
          for (const row of rows) found.set(row.id, row.value);
        }
        return found;
      }),
    setKeys(deviceId, entries) {
      // the last of several entries for a key counts
      const last = new Map(entries.map((entry) => [`${entry.type} ${entry.id}`, entry]));
      const rows: KeyRow[] = [];
      const removed: { readonly type: string; readonly id: string }[] = [];
      for (const { type, id, value } of last.values()) {
        if (value === null) removed.push({ type, id });
        else rows.push({ device_id: deviceId, type, id, value });
      }
      return db.write(function* () {
        for (const { type, id } of removed) yield* send(removeKey({ deviceId, type, id }));
        let start = 0;
        for (; rows.length - start >= ROWS_PER_INSERT; start += ROWS_PER_INSERT) {
          yield* send(setMany(rows.slice(start, start + ROWS_PER_INSERT)));
        }
        const rest = rows.slice(start);
        if (db.queriesTravel && rest.length > 1) yield* send(setKeys(rest).compile());
        else for (const { type, id, value } of rest) yield* send(setKey({ deviceId, type, id, value }));
      }, { key: `device ${deviceId}` }).catch((error) => refuseUnknown(error, deviceId));
    },
    forgetRatchets: () =>
      db.write(function* () {
        yield* send(build.deleteFrom("signal_keys").where("type", "in", RATCHETS).compile());
      }),
    clear: (deviceId) =>
      db.write(function* () {
        yield* send(build.deleteFrom("signal_keys").where("device_id", "=", deviceId).compile());
        yield* send(build.deleteFrom("credentials").where("device_id", "=", deviceId).compile());
      }, { key: `device ${deviceId}` }),
  };
}

/** Keys of a device that was removed meanwhile must not stay behind. */
function refuseUnknown(error: unknown, deviceId: string): never {
  throw error instanceof MissingParentError ? new NotFoundError("device", deviceId) : error;
}
