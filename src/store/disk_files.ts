import { join } from "node:path";
import { ConflictError, InvalidError, NotFoundError } from "../errors.ts";
import type { FileInfo, Files } from "./files.ts";

/** Bytes that are read at once. */
const PIECE_BYTES = 262_144;
/** What a file's name ends with while it is being written. */
const PART = ".part";

/** Files in a folder, which only this machine has. The folder is made, private to its owner, with the first file. */
export function createDiskFiles(folder: string): Files {
  const whole = (id: string) => join(folder, checked(id));
  const part = (id: string) => whole(id) + PART;

  async function statOf(id: string): Promise<FileInfo | undefined> {
    for (const [path, complete] of [[whole(id), true], [part(id), false]] as const) {
      const found = await ifFound(() => Deno.stat(path));
      if (found !== undefined) {
        return { sizeBytes: found.size, complete, createdAt: found.mtime?.getTime() ?? 0 };
      }
    }
    return undefined;
  }

  return {
    async create(id, createdAt) {
      await Deno.mkdir(folder, { recursive: true, mode: 0o700 });
      if (await statOf(id) !== undefined) {
        throw new ConflictError(`Cannot create file "${id}": it exists already`);
      }
      (await Deno.open(part(id), { write: true, createNew: true, mode: 0o600 })).close();
      await stamp(part(id), createdAt);
    },
    async append(id, bytes) {
      const stat = await ifFound(() => Deno.stat(part(id)));
      const file = await ifFound(() => Deno.open(part(id), { append: true, create: false }));
      if (file === undefined || stat === undefined) throw new NotFoundError("file", id);
      try {
        for (let written = 0; written < bytes.length;) {
          written += await file.write(bytes.subarray(written));
        }
      } finally {
        file.close();
      }
      await stamp(part(id), stat.mtime?.getTime() ?? 0);
    },
    async finish(id) {
      const done = await ifFound(async () => {
        await Deno.rename(part(id), whole(id));
        return true;
      });
      if (done === undefined && await statOf(id) === undefined) throw new NotFoundError("file", id);
    },
    info: statOf,
    async *read(id, { from, to = Number.MAX_SAFE_INTEGER } = { from: 0 }) {
      const file = await ifFound(() => Deno.open(whole(id))) ?? await ifFound(() => Deno.open(part(id)));
      if (file === undefined) throw new NotFoundError("file", id);
      try {
        const end = Math.min(to, (await file.stat()).size);
        await file.seek(from, Deno.SeekMode.Start);
        for (let left = end - from; left > 0;) {
          const piece = new Uint8Array(Math.min(PIECE_BYTES, left));
          const count = await file.read(piece);
          if (count === null) break;
          yield piece.subarray(0, count);
          left -= count;
        }
      } finally {
        file.close();
      }
    },
    async move(id, to) {
      if (await statOf(to) !== undefined) {
        throw new ConflictError(`Cannot name file "${id}" "${to}": there is one already`);
      }
      const moved = await ifFound(async () => {
        await Deno.rename(whole(id), whole(to));
        return true;
      });
      if (moved === undefined) throw new NotFoundError("file", id);
    },
    async remove(id) {
      for (const path of [whole(id), part(id)]) await ifFound(() => Deno.remove(path));
    },
    async prune(before, limit, prefix = "") {
      let removed = 0;
      const entries = await ifFound(() => Array.fromAsync(Deno.readDir(folder)));
      for (const { name, isFile } of entries ?? []) {
        if (removed >= limit) break;
        if (!name.startsWith(prefix)) continue;
        const path = join(folder, name);
        const stat = isFile ? await ifFound(() => Deno.stat(path)) : undefined;
        if (stat === undefined || (stat.mtime?.getTime() ?? 0) >= before) continue;
        await ifFound(() => Deno.remove(path));
        removed++;
      }
      return removed;
    },
  };
}

/** A file's time of change tells when it was begun. */
async function stamp(path: string, createdAt: number): Promise<void> {
  await Deno.utime(path, new Date(), new Date(createdAt));
}

function checked(id: string): string {
  if (!/^[A-Za-z0-9_-][A-Za-z0-9_.-]*$/.test(id) || id.endsWith(PART)) {
    throw new InvalidError("id", `Cannot name a file "${id}": ids hold letters, digits, "_", "-" and "."`);
  }
  return id;
}

/** Undefined when there is no such file. */
async function ifFound<T>(look: () => Promise<T>): Promise<T | undefined> {
  try {
    return await look();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
