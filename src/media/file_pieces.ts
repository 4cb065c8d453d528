import type { Files } from "../store/files.ts";

/** A piece of a file, as it is stored. */
const PIECE_BYTES = 262_144;
/** What is known of a file lies beside it, and is written last: a file without it is not whole. */
const ABOUT = ".about";

type Writable = Pick<Files, "create" | "append" | "finish">;

/** Puts a file of this machine into the store, piece by piece. */
export async function storeFile(
  files: Writable,
  id: string,
  { path, now }: { readonly path: string; readonly now: number },
): Promise<void> {
  using file = await Deno.open(path);
  await storeBytes(files, id, { bytes: readingAll(file), now });
}

/** Puts bytes into the store as they come, gathered into pieces. */
export async function storeBytes(
  files: Writable,
  id: string,
  { bytes, now }: { readonly bytes: AsyncIterable<Uint8Array>; readonly now: number },
): Promise<void> {
  await files.create(id, now);
  let gathered: Uint8Array[] = [];
  let size = 0;
  const append = async () => {
    const piece = new Uint8Array(size);
    let at = 0;
    for (const part of gathered) {
      piece.set(part, at);
      at += part.length;
    }
    [gathered, size] = [[], 0];
    if (piece.length > 0) await files.append(id, piece);
  };
  for await (const part of bytes) {
    gathered.push(part.slice()); // whoever reads may use its buffer again
    size += part.length;
    if (size >= PIECE_BYTES) await append();
  }
  await append();
  await files.finish(id);
}

/** Writes a file of the store to this machine, private to its owner. */
export async function saveFile(files: Pick<Files, "read">, id: string, path: string): Promise<void> {
  const file = await Deno.open(path, { write: true, create: true, truncate: true, mode: 0o600 });
  await ReadableStream.from(files.read(id)).pipeTo(file.writable);
}

/** Says of a file that is in the store what is known of it. */
export async function storeAbout(files: Writable, id: string, about: unknown, now: number): Promise<void> {
  const bytes = ReadableStream.from([new TextEncoder().encode(JSON.stringify(about))]);
  await storeBytes(files, id + ABOUT, { bytes, now });
}

/** What is known of a file, and when it was stored; undefined: there is none, or not all of it. */
export async function readAbout(
  files: Pick<Files, "info" | "read">,
  id: string,
): Promise<{ readonly about: unknown; readonly createdAt: number } | undefined> {
  const found = await files.info(id + ABOUT);
  if (found === undefined || !found.complete) return undefined;
  const text = await new Response(
    ReadableStream.from(files.read(id + ABOUT)) as ReadableStream<Uint8Array<ArrayBuffer>>,
  ).text();
  return { about: JSON.parse(text), createdAt: found.createdAt };
}

/** Removes a file and what is known of it, which goes first. */
export async function removeWithAbout(files: Pick<Files, "remove">, id: string): Promise<void> {
  await files.remove(id + ABOUT);
  await files.remove(id);
}

async function* readingAll(file: Deno.FsFile): AsyncGenerator<Uint8Array> {
  const buffer = new Uint8Array(PIECE_BYTES);
  for (let read = await file.read(buffer); read !== null; read = await file.read(buffer)) {
    yield buffer.subarray(0, read);
  }
}
