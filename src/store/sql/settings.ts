import { type Database, first, send } from "./database.ts";
import type { Settings } from "../settings.ts";

export function createSettings(db: Database): Settings {
  const { build } = db;
  return {
    get: (name) =>
      db.read(function* () {
        const row = yield* first(
          build.selectFrom("settings").select("value").where("name", "=", name).compile(),
        );
        return row?.value;
      }),
    set: (name, value) =>
      db.write(function* () {
        yield* send(
          build.insertInto("settings").values({ name, value })
            .onConflict((conflict) => conflict.column("name").doUpdateSet({ value })).compile(),
        );
      }, { key: `setting ${name}` }),
  };
}
