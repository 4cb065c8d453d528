import type { Selectable } from "kysely";
import { type Database, run } from "../database.ts";
import type { LogLevel, SystemLog, SystemLogLine } from "../system_log.ts";
import { hot } from "./hot.ts";
import { fromJson, jsonOf } from "./rows.ts";
import type { SystemLogRow } from "./tables.ts";
import { utcText } from "./times.ts";

function toLine(row: Selectable<SystemLogRow>): SystemLogLine {
  return {
    id: row.id,
    level: row.level as LogLevel,
    message: row.message,
    metadata: row.metadata === null ? null : fromJson(row.metadata),
    createdAt: row.created_ms,
  };
}

export function createSystemLog(db: Database): SystemLog {
  const { build } = db;
  type Line = {
    level: string;
    message: string;
    metadata: string | null;
    createdAt: string;
    createdMs: number;
  };
  const insert = hot((p: Line) =>
    build.insertInto("system_logs").values({
      level: p.level,
      message: p.message,
      metadata: p.metadata,
      created_at: p.createdAt,
      created_ms: p.createdMs,
    })
  );

  return {
    write({ level, message, metadata, createdAt: createdMs }) {
      const line = { level, message, metadata: jsonOf(metadata), createdAt: utcText(createdMs), createdMs };
      return db.write(function* () {
        yield* run(insert(line));
      });
    },
    list: ({ level }, { limit, offset = 0 }) =>
      db.read(function* () {
        let query = build.selectFrom("system_logs").selectAll().orderBy("id", "desc").limit(limit).offset(
          offset,
        );
        if (level !== undefined) query = query.where("level", "=", level);
        return (yield* run(query.compile())).map(toLine);
      }),
    // lines come in the order of time, so the oldest are the first
    prune: (before, limit) =>
      db.write(function* () {
        const oldest = build.selectFrom("system_logs").select(["id", "created_ms"]).orderBy("id").limit(
          limit,
        );
        const old = build.selectFrom(oldest.as("oldest")).select("id").where("created_ms", "<", before);
        const rows = yield* run(
          build.deleteFrom("system_logs").where("id", "in", old).returning("id").compile(),
        );
        return rows.length;
      }),
  };
}
