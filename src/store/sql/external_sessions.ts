import { type Database, first, send } from "./database.ts";
import type { ExternalSessions } from "../external_sessions.ts";
import { mentioned } from "./rows.ts";

export function createExternalSessions(db: Database): ExternalSessions {
  const { build } = db;
  return {
    get: (deviceId) =>
      db.read(function* () {
        const row = yield* first(
          build.selectFrom("external_sessions").selectAll().where("device_id", "=", deviceId).compile(),
        );
        if (row === undefined) return undefined;
        const { status, message, qr, created_at: createdAt, updated_at: updatedAt } = row;
        return { deviceId, status, message, qr, createdAt, updatedAt };
      }),
    put({ deviceId, status, message, qr }, now) {
      const insert = build.insertInto("external_sessions").values({
        device_id: deviceId,
        status,
        message,
        qr: qr ?? null,
        created_at: now,
        updated_at: now,
      }).onConflict((conflict) =>
        conflict.column("device_id").doUpdateSet(mentioned({ status, message, qr, updated_at: now }))
      ).compile();
      return db.write(function* () {
        yield* send(insert);
      }, { key: `device ${deviceId}` });
    },
    remove: (deviceId) =>
      db.write(function* () {
        yield* send(build.deleteFrom("external_sessions").where("device_id", "=", deviceId).compile());
      }),
  };
}
