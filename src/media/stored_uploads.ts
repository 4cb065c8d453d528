import type { Files } from "../store/files.ts";
import { bytesInStore } from "./file_bytes.ts";
import { readAbout, removeWithAbout, storeAbout } from "./file_pieces.ts";
import type { Upload } from "./outgoing.ts";
import { isUploadId, type KeptUpload, newUploadId, type Uploads, UPLOADS_LAST_MS } from "./uploads.ts";

/** What the ids of these files begin with. */
export const KEPT_UPLOADS = "kept-";
const SWEPT_AT_ONCE = 100;

/**
 * Uploaded files in the store, for whichever gateway is asked to send them.
 * @param deps.take Puts an upload into the store under this id; it is the caller's no more.
 */
export function createStoredUploads({ files, take, now }: {
  readonly files: Files;
  readonly take: (upload: Upload, id: string) => Promise<void>;
  readonly now: () => number;
}): Uploads {
  async function find(tenantId: string, id: string): Promise<KeptUpload | undefined> {
    if (!isUploadId(id)) return undefined;
    const found = await readAbout(files, KEPT_UPLOADS + id);
    if (found === undefined || found.createdAt + UPLOADS_LAST_MS <= now()) return undefined;
    const about = found.about as Omit<KeptUpload, "bytes">; // written below
    return about.tenantId === tenantId
      ? { ...about, bytes: bytesInStore(files, KEPT_UPLOADS + id) }
      : undefined;
  }

  return {
    async keep(tenantId, upload, mimeType) {
      const id = newUploadId();
      const { sha256, sizeBytes, fileName } = upload;
      await take(upload, KEPT_UPLOADS + id);
      const kept = { id, tenantId, mimeType, fileName, sha256, sizeBytes, createdAt: now() };
      await storeAbout(files, KEPT_UPLOADS + id, kept, now());
      return { ...kept, bytes: bytesInStore(files, KEPT_UPLOADS + id) };
    },
    get: find,
    async remove(tenantId, id) {
      if (await find(tenantId, id) === undefined) return false;
      await removeWithAbout(files, KEPT_UPLOADS + id);
      return true;
    },
    sweep: () => files.prune(now() - UPLOADS_LAST_MS, SWEPT_AT_ONCE, KEPT_UPLOADS),
  };
}
