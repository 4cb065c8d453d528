import type { Files } from "../store/files.ts";
import { HEAD_BYTES, seenTypeOf, seenTypeOfHead } from "./seen_type.ts";

const CHUNK_BYTES = 65_536;

/** Bytes of a file, the last one included. */
export interface ByteSpan {
  readonly start: number;
  readonly end: number;
}

/** What a file holds, wherever it lies. */
export interface FileBytes {
  /** As the body of an answer. Nothing is opened before the first bytes are wanted, and nothing stays open after. */
  body(span: ByteSpan): ReadableStream<Uint8Array<ArrayBuffer>>;
  /** The type that the bytes give away, as `seenTypeOf`. */
  seenType(): Promise<string | undefined>;
}

/** A file on the disk. */
export function bytesOnDisk(path: string): FileBytes {
  return { body: (span) => fileBody(path, span), seenType: () => seenTypeOf(path) };
}

/** A file of the store. */
export function bytesInStore(files: Pick<Files, "read">, id: string): FileBytes {
  return {
    body: ({ start, end }) =>
      ReadableStream.from(
        files.read(id, { from: start, to: end + 1 }) as AsyncIterable<Uint8Array<ArrayBuffer>>, // never of shared memory
      ),
    async seenType() {
      const head = await new Blob(
        await Array.fromAsync(files.read(id, { from: 0, to: HEAD_BYTES })) as Uint8Array<ArrayBuffer>[],
      ).bytes();
      return await seenTypeOfHead(head);
    },
  };
}

/**
 * The bytes of a file as the body of an answer. It is opened when the first of them are wanted, and closed when the
 * last are read, or nobody wants them any more: an answer that is never read holds no descriptor.
 */
export function fileBody(path: string, { start, end }: ByteSpan): ReadableStream<Uint8Array<ArrayBuffer>> {
  let file: Deno.FsFile | undefined;
  let at = start;

  function close(): void {
    file?.close();
    file = undefined;
  }

  async function next(): Promise<Uint8Array<ArrayBuffer> | null> {
    if (file === undefined) {
      file = await Deno.open(path);
      await file.seek(start, Deno.SeekMode.Start);
    }
    const chunk = new Uint8Array(Math.min(CHUNK_BYTES, end + 1 - at));
    const read = await file.read(chunk);
    return read === null ? null : chunk.subarray(0, read);
  }

  return new ReadableStream<Uint8Array<ArrayBuffer>>({
    async pull(controller) {
      try {
        const chunk = at > end ? null : await next();
        if (chunk === null) {
          close();
          return controller.close();
        }
        at += chunk.length;
        controller.enqueue(chunk);
      } catch (error) {
        close();
        throw error;
      }
    },
    cancel: close,
  }, { highWaterMark: 0 });
}
