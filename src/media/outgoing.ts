import { createHash, type Hash } from "node:crypto";
import { join } from "node:path";
import { RefusedError } from "../errors.ts";
import type { MediaKind } from "../events/content.ts";
import { newId, type TenantId } from "../ids.ts";
import type { FetchedFile, FetchMedia } from "./fetch.ts";
import { seenTypeOf } from "./seen_type.ts";
import { kindOfType, type TypeClues, typeFor } from "./types.ts";

/** Where a file that is to be sent comes from. */
export type FileRequest =
  & {
    /** What the sender says the file is; else its bytes and its source tell. */
    readonly mimeType?: string;
  }
  & (
    | {
      readonly from: "url";
      readonly url: string;
      /** Where the URL was given, for errors. */
      readonly field: string;
    }
    | { readonly from: "upload"; readonly upload: Upload }
  );

/** A file that came with a request. */
export interface Upload {
  /** Where it lies until it is brought: a path on the disk, or the id of a file in the store. */
  readonly path: string;
  readonly sizeBytes: number;
  /** Of its bytes, hex. */
  readonly sha256: string;
  readonly fileName?: string;
  readonly mimeType?: string;
}

export interface BroughtFile {
  readonly kind: MediaKind;
  readonly mimeType: string;
  readonly sizeBytes: number;
  readonly fileName?: string;
}

/** The files of messages that are not sent yet, each under the media id of its message. */
export interface OutgoingFiles {
  pathOf(mediaId: string): string;
  /** Makes sure that a file that was brought is at its path. @throws {NotFoundError} If it is nowhere. */
  fetch(mediaId: string): Promise<void>;
  /** @throws {RefusedError} If it cannot be had, is too large, or is nothing that this kind of message takes. */
  bring(
    file: FileRequest,
    message: { readonly mediaId: string; readonly kind: MediaKind | "any"; readonly tenantId: TenantId },
  ): Promise<BroughtFile>;
  /**
   * Writes a file that comes with a request to the disk as it comes. Whoever asked discards it.
   * @throws {RefusedError} If it is too large.
   */
  receive(
    bytes: AsyncIterable<Uint8Array>,
    about: Pick<Upload, "fileName" | "mimeType">,
  ): Promise<Upload>;
  discardUpload(upload: Upload): Promise<void>;
  /** The file is not needed any more; harmless when there is none. */
  discard(mediaId: string): Promise<void>;
  /** Removes what an earlier run left behind. `isNeeded` is asked for each file. Call it before anything is sent. */
  sweep(olderThanMs: number, isNeeded: (mediaId: string) => Promise<boolean>): Promise<number>;
}

export interface OutgoingFilesDeps {
  /** Holds nothing else. */
  readonly folder: string;
  readonly maxBytes: number;
  readonly fetchMedia: FetchMedia;
  readonly now: () => number;
}

export function createOutgoingFiles(deps: OutgoingFilesDeps): OutgoingFiles {
  const { folder, maxBytes, fetchMedia, now } = deps;
  Deno.mkdirSync(folder, { recursive: true, mode: 0o700 });
  const pathOf = (mediaId: string) => join(folder, mediaId.replace(/[^\w-]/g, "_"));

  /** Writes a file; what is left of one that broke off is removed. */
  async function write(path: string, bytes: AsyncIterable<Uint8Array>, hash?: Hash): Promise<number> {
    const file = await Deno.open(path, { write: true, create: true, truncate: true, mode: 0o600 });
    let sizeBytes = 0;
    let whole = false;
    try {
      for await (const chunk of bytes) {
        sizeBytes += chunk.length;
        if (sizeBytes > maxBytes) throw tooLarge(maxBytes);
        hash?.update(chunk);
        for (let done = 0; done < chunk.length;) done += await file.write(chunk.subarray(done));
      }
      await file.syncData();
      whole = true;
    } finally {
      file.close();
      if (!whole) await remove(path);
    }
    if (sizeBytes === 0) {
      await remove(path);
      throw new RefusedError("INVALID_MEDIA", "Cannot send an empty file");
    }
    return sizeBytes;
  }

  /** Puts the file at `path`; what its source says of it. */
  async function put(
    request: FileRequest,
    path: string,
    tenantId: TenantId,
  ): Promise<{ readonly sizeBytes: number; readonly told?: string; readonly fileName?: string }> {
    switch (request.from) {
      case "url": {
        const { bytes, mimeType: told, fileName } = await fetchFor(fetchMedia, request, {
          tenantId,
          maxBytes,
        });
        return { sizeBytes: await write(path, bytes), told, fileName };
      }
      case "upload": {
        const { sizeBytes, mimeType: told, fileName } = request.upload;
        await Deno.rename(request.upload.path, path);
        return { sizeBytes, told, fileName };
      }
    }
  }

  return {
    pathOf,
    fetch: () => Promise.resolve(), // it never left

    async bring(request, { mediaId, kind, tenantId }) {
      const path = pathOf(mediaId);
      const { sizeBytes, told, fileName } = await put(request, path, tenantId);
      try {
        return briefed(
          kind,
          { said: request.mimeType, told, fileName, seen: await seenTypeOf(path) },
          sizeBytes,
        );
      } catch (error) {
        await remove(path);
        throw error;
      }
    },

    async receive(bytes, about) {
      const path = join(folder, `${newId("msg")}.upload`);
      const hash = createHash("sha256");
      const sizeBytes = await write(path, bytes, hash);
      return { path, sizeBytes, sha256: hash.digest("hex"), ...about };
    },

    discardUpload: ({ path }) => remove(path),
    discard: (mediaId) => remove(pathOf(mediaId)),

    async sweep(olderThanMs, isNeeded) {
      let removed = 0;
      for await (const { name, isFile } of Deno.readDir(folder)) {
        const path = join(folder, name);
        const { mtime } = await Deno.stat(path);
        const isOld = now() - (mtime?.getTime() ?? 0) > olderThanMs;
        const isUpload = name.endsWith(".upload");
        if (!isFile || (!isOld && !isUpload)) continue;
        if (!isUpload && await isNeeded(name)) continue;
        await remove(path);
        removed++;
      }
      return removed;
    },
  };
}

/** What is known of a file that was brought. @throws {RefusedError} If this kind of message does not take it. */
export function briefed(kind: MediaKind | "any", clues: TypeClues, sizeBytes: number): BroughtFile {
  const mimeType = typeFor(kind === "any" ? "document" : kind, clues);
  const { fileName } = clues;
  return {
    kind: kind === "any" ? kindOfType(mimeType) : kind,
    mimeType,
    sizeBytes,
    ...(fileName === undefined ? {} : { fileName }),
  };
}

/** Fetches a file that a URL leads to. @throws {RefusedError} If it cannot be had, or is announced as too large. */
export async function fetchFor(
  fetchMedia: FetchMedia,
  request: Extract<FileRequest, { from: "url" }>,
  { tenantId, maxBytes }: { readonly tenantId: TenantId; readonly maxBytes: number },
): Promise<FetchedFile> {
  const fetched = await fetchMedia(request.url, tenantId).catch((error) => {
    throw namingField(error, request);
  });
  if ((fetched.sizeBytes ?? 0) <= maxBytes) return fetched;
  fetched.breakOff();
  throw tooLarge(maxBytes);
}

async function remove(path: string): Promise<void> {
  await Deno.remove(path).catch((error) => {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  });
}

/** A refused URL's error, saying which URL of which field; the URL without what may be a key. */
function namingField(
  error: unknown,
  { url, field }: { readonly url: string; readonly field: string },
): unknown {
  if (!(error instanceof RefusedError) || error.code !== "MEDIA_URL_REFUSED") return error;
  const parsed = URL.parse(url);
  const plain = parsed === null ? url : `${parsed.protocol}//${parsed.host}${parsed.pathname}`;
  const shown = plain.length > 100 ? `${plain.slice(0, 100)}…` : plain;
  return new RefusedError(error.code, `Cannot use "${shown}" as ${field}: ${error.message}`, { field });
}

/** The refusal of a file of more bytes than the setting allows. */
export function tooLarge(maxBytes: number): RefusedError {
  const limit = `${(maxBytes / 1_000_000).toFixed(maxBytes < 1_000_000 ? 3 : 0)} MB`;
  return new RefusedError("MEDIA_TOO_LARGE", `Cannot send this file: it is larger than ${limit}`, {
    max_bytes: maxBytes,
    setting: "MAX_ATTACHMENT_SIZE",
  });
}
