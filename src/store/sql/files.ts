import { ConflictError, NotFoundError } from "../../errors.ts";
import { type Database, first, run, send } from "./database.ts";
import type { Files } from "../files.ts";
import { afterAll } from "./prefixes.ts";
import { flagOf } from "./rows.ts";

/** Bytes of a row at most: larger pieces are cut. */
const CHUNK_BYTES = 262_144;

/** Files in the database itself, for gateways that share nothing else. */
export function createDatabaseFiles(db: Database): Files {
  const { build } = db;
  const byId = (id: string) => build.selectFrom("files").selectAll().where("id", "=", id);

  return {
    create: (id, createdAt) =>
      db.write(function* () {
        if ((yield* first(byId(id).compile())) !== undefined) {
          throw new ConflictError(`Cannot create file "${id}": it exists already`);
        }
        yield* send(
          build.insertInto("files").values({ id, size_bytes: 0, complete: 0, created_at: createdAt })
            .compile(),
        );
      }),
    append: (id, bytes) =>
      db.write(function* () {
        const row = yield* first(db.locked(byId(id)).compile());
        if (row === undefined) throw new NotFoundError("file", id);
        for (let start = 0; start < bytes.length; start += CHUNK_BYTES) {
          const piece = bytes.slice(start, start + CHUNK_BYTES);
          yield* send(
            build.insertInto("file_chunks")
              .values({ file_id: id, position: row.size_bytes + start, bytes: piece }).compile(),
          );
        }
        yield* send(
          build.updateTable("files").set({ size_bytes: row.size_bytes + bytes.length }).where("id", "=", id)
            .compile(),
        );
      }, { key: `file ${id}` }),
    finish: (id) =>
      db.write(function* () {
        const row = yield* first(
          build.updateTable("files").set({ complete: flagOf(true) }).where("id", "=", id).returning("id")
            .compile(),
        );
        if (row === undefined) throw new NotFoundError("file", id);
      }),
    info: (id) =>
      db.read(function* () {
        const row = yield* first(byId(id).compile());
        return row && { sizeBytes: row.size_bytes, complete: row.complete === 1, createdAt: row.created_at };
      }),
    async *read(id, { from, to = Number.MAX_SAFE_INTEGER } = { from: 0 }) {
      const known = await db.read(() => first(byId(id).compile()));
      if (known === undefined) throw new NotFoundError("file", id);
      const end = Math.min(to, known.size_bytes);
      for (let position = from; position < end;) {
        const chunk = await db.read(() =>
          first(
            build.selectFrom("file_chunks").select(["position", "bytes"]).where("file_id", "=", id)
              .where("position", "<=", position).orderBy("position", "desc").limit(1).compile(),
          )
        );
        if (chunk === undefined) throw new NotFoundError("file", id);
        const piece = chunk.bytes.subarray(position - chunk.position, end - chunk.position);
        yield piece;
        position += piece.length;
      }
    },
    move: (id, to) =>
      db.write(function* () {
        const row = yield* first(db.locked(byId(id)).compile());
        if (row === undefined) throw new NotFoundError("file", id);
        if ((yield* first(byId(to).compile())) !== undefined) {
          throw new ConflictError(`Cannot name file "${id}" "${to}": there is one already`);
        }
        yield* send(build.insertInto("files").values({ ...row, id: to }).compile());
        yield* send(
          build.updateTable("file_chunks").set({ file_id: to }).where("file_id", "=", id).compile(),
        );
        yield* send(build.deleteFrom("files").where("id", "=", id).compile());
      }),
    remove: (id) =>
      db.write(function* () {
        yield* send(build.deleteFrom("files").where("id", "=", id).compile());
      }),
    prune: (before, limit, prefix = "") =>
      db.write(function* () {
        const all = build.selectFrom("files").select("id").where("created_at", "<", before);
        const old = prefix === ""
          ? all.orderBy("created_at").limit(limit)
          : all.where("id", ">=", prefix).where("id", "<", afterAll(prefix)).limit(limit);
        return (yield* run(build.deleteFrom("files").where("id", "in", old).returning("id").compile()))
          .length;
      }),
  };
}
