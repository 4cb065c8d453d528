import { createHash, type Hash } from "node:crypto";
import { RefusedError } from "../errors.ts";
import { newId } from "../ids.ts";
import type { Files } from "../store/files.ts";
import type { FetchMedia } from "./fetch.ts";
import { bytesInStore } from "./file_bytes.ts";
import { storeBytes } from "./file_pieces.ts";
import { briefed, fetchFor, type OutgoingFiles, tooLarge } from "./outgoing.ts";

/** What the ids of files begin with that came with a request and have no message yet. */
export const UPLOADED = "upload-";
const SWEPT_AT_ONCE = 100;

export interface StoredOutgoingDeps {
  readonly files: Files;
  readonly maxBytes: number;
  readonly fetchMedia: FetchMedia;
  readonly now: () => number;
}

/** Files of messages that are not sent yet, in the store alone: for a gateway without a disk, which sends nothing. */
export function createStoredOutgoing(
  { files, maxBytes, fetchMedia, now }: StoredOutgoingDeps,
): OutgoingFiles {
  /** Stores a file; what is left of one that broke off is removed. */
  async function write(id: string, bytes: AsyncIterable<Uint8Array>, hash?: Hash): Promise<number> {
    let sizeBytes = 0;
    async function* bounded(): AsyncGenerator<Uint8Array> {
      for await (const chunk of bytes) {
        sizeBytes += chunk.length;
        if (sizeBytes > maxBytes) throw tooLarge(maxBytes);
        hash?.update(chunk);
        yield chunk;
      }
      if (sizeBytes === 0) throw new RefusedError("INVALID_MEDIA", "Cannot send an empty file");
    }
    try {
      await storeBytes(files, id, { bytes: bounded(), now: now() });
      return sizeBytes;
    } catch (error) {
      await files.remove(id);
      throw error;
    }
  }

  return {
    pathOf: (mediaId) => mediaId,
    fetch: () => Promise.resolve(), // nothing is sent from here

    async bring(request, { mediaId, kind, tenantId }) {
      await files.remove(mediaId); // what the same request left when it was made before, whole or in part
      const put = async () => {
        if (request.from === "upload") {
          await files.move(request.upload.path, mediaId);
          return request.upload;
        }
        const { bytes, ...about } = await fetchFor(fetchMedia, request, { tenantId, maxBytes });
        return { ...about, sizeBytes: await write(mediaId, bytes) };
      };
      const { sizeBytes, mimeType: told, fileName } = await put();
      try {
        const seen = await bytesInStore(files, mediaId).seenType();
        return briefed(kind, { said: request.mimeType, told, fileName, seen }, sizeBytes);
      } catch (error) {
        await files.remove(mediaId);
        throw error;
      }
    },

    async receive(bytes, about) {
      const id = UPLOADED + newId("msg");
      const hash = createHash("sha256");
      const sizeBytes = await write(id, bytes, hash);
      return { path: id, sizeBytes, sha256: hash.digest("hex"), ...about };
    },

    discardUpload: ({ path }) => files.remove(path),
    discard: (mediaId) => files.remove(mediaId),
    sweep: (olderThanMs) => files.prune(now() - olderThanMs, SWEPT_AT_ONCE, UPLOADED),
  };
}
