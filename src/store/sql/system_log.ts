import type { Selectable } from "kysely";
import { type Database, type Gathered, run, send, type Work } from "./database.ts";
import type { LogLevel, SystemLog, SystemLogLine } from "../system_log.ts";
import { hotRows } from "./hot.ts";
import { fromJson, jsonOf } from "./rows.ts";
import type { SystemLogRow } from "./tables.ts";
import { utcText } from "./times.ts";

/** Lines that a text is looked for in. */
const LOOKED_AT = 10_000;

const LINES = Symbol("lines of the log");

function toLine(row: Selectable<SystemLogRow>): SystemLogLine {
  return {
    id: row.id,
    level: row.level as LogLevel,
    message: row.message,
    metadata: row.metadata === null ? null : fromJson(row.metadata),
    createdAt: row.created_ms,
    ...(row.tenant_id !== null && { tenantId: row.tenant_id }),
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
    tenantId: string | null;
  };
  const insert = hotRows((lines: readonly Line[]) =>
    build.insertInto("system_logs").values(lines.map((line) => ({
      level: line.level,
      message: line.message,
      metadata: line.metadata,
      created_at: line.createdAt,
      created_ms: line.createdMs,
      tenant_id: line.tenantId,
    })))
  );

  /** The lines that are written in one transaction. */
  class Lines implements Gathered {
    readonly all: Line[] = [];

    *flush(): Work<void> {
      for (const query of insert(this.all)) yield* send(query);
    }
  }

  return {
    write({ level, message, metadata, createdAt: createdMs, tenantId = null }) {
      const createdAt = utcText(createdMs);
      const line = { level, message, metadata: jsonOf(metadata), createdAt, createdMs, tenantId };
      // deno-lint-ignore require-yield -- what is gathered is written by all together
      return db.write(function* (batch) {
        batch.gather(LINES, () => new Lines()).all.push(line);
      }, { key: "log" });
    },
    get: (id) =>
      db.read(function* () {
        const query = build.selectFrom("system_logs").selectAll().where("id", "=", id);
        const [row] = yield* run(query.compile());
        return row && toLine(row);
      }),
    amend: (id, metadata) =>
      db.write(function* () {
        yield* send(
          build.updateTable("system_logs").set({ metadata: jsonOf(metadata) }).where("id", "=", id).compile(),
        );
      }),
    list: ({ level, text, tenantId }, { limit, offset = 0, before }) =>
      db.read(function* () {
        let query = build.selectFrom("system_logs").selectAll().orderBy("id", "desc");
        if (level !== undefined) query = query.where("level", "=", level);
        if (tenantId !== undefined) {
          query = query.where("tenant_id", "=", tenantId).where("tenant_id", "is not", null);
        }
        if (before !== undefined) query = query.where("id", "<", before);
        if (text === undefined) return (yield* run(query.limit(limit).offset(offset).compile())).map(toLine);
        const rows = yield* run(query.limit(LOOKED_AT).compile());
        const wanted = text.toLowerCase();
        return rows.filter(({ message, metadata }) =>
          message.toLowerCase().includes(wanted) || metadata?.toLowerCase().includes(wanted)
        ).slice(offset, offset + limit).map(toLine);
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
