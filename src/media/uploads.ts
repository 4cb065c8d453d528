import { join } from "node:path";
import type { TenantId } from "../ids.ts";
import { bytesOnDisk, type FileBytes } from "./file_bytes.ts";
import type { Upload } from "./outgoing.ts";

/** A file that a tenant has uploaded before the message that sends it. */
export interface KeptUpload {
  /** 16 digits that begin with 9, as clients of the Cloud API expect of media ids. */
  readonly id: string;
  readonly tenantId: TenantId;
  readonly bytes: FileBytes;
  readonly mimeType: string;
  readonly fileName?: string;
  /** Hex. */
  readonly sha256: string;
  readonly sizeBytes: number;
  readonly createdAt: number;
}

/** Uploaded files, each under an id of its own, until they are removed or a month old. */
export interface Uploads {
  /** Takes the file over: it is not the caller's to discard any more. */
  keep(tenantId: TenantId, upload: Upload, mimeType: string): Promise<KeptUpload>;
  /** Undefined: there is none of this tenant, or it is too old. */
  get(tenantId: TenantId, id: string): Promise<KeptUpload | undefined>;
  remove(tenantId: TenantId, id: string): Promise<boolean>;
  /** Removes what is too old. */
  sweep(): Promise<number>;
}

/** Meta keeps uploads for 30 days. */
export const UPLOADS_LAST_MS = 30 * 24 * 3_600_000;
const ID = /^9\d{15}$/;

/** @param deps.folder Holds nothing else; made when it is first needed. */
export function createUploads({ folder, now }: {
  readonly folder: string;
  readonly now: () => number;
}): Uploads {
  const about = (id: string) => join(folder, `${id}.json`);
  const content = (id: string) => join(folder, `${id}.bin`);
  let swept = now();

  async function read(id: string): Promise<KeptUpload | undefined> {
    if (!isUploadId(id)) return undefined;
    try {
      return { ...JSON.parse(await Deno.readTextFile(about(id))), bytes: bytesOnDisk(content(id)) };
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return undefined;
      throw error;
    }
  }

  async function drop(id: string): Promise<void> {
    for (const path of [about(id), content(id)]) {
      await Deno.remove(path).catch((error) => {
        if (!(error instanceof Deno.errors.NotFound)) throw error;
      });
    }
  }

  async function sweep(): Promise<number> {
    swept = now();
    let removed = 0;
    for await (const { name } of Deno.readDir(folder)) {
      const id = name.replace(/\.json$/, "");
      const found = await read(id);
      if (found === undefined || found.createdAt + UPLOADS_LAST_MS > now()) continue;
      await drop(id);
      removed++;
    }
    return removed;
  }

  return {
    async keep(tenantId, upload, mimeType) {
      await Deno.mkdir(folder, { recursive: true, mode: 0o700 });
      if (now() - swept > 3_600_000) await sweep();
      const id = newUploadId();
      const { sha256, sizeBytes, fileName } = upload;
      await Deno.rename(upload.path, content(id));
      const kept = { id, tenantId, mimeType, fileName, sha256, sizeBytes, createdAt: now() };
      await Deno.writeTextFile(about(id), JSON.stringify(kept), { mode: 0o600 });
      return { ...kept, bytes: bytesOnDisk(content(id)) };
    },
    async get(tenantId, id) {
      const found = await read(id);
      return found?.tenantId === tenantId && found.createdAt + UPLOADS_LAST_MS > now() ? found : undefined;
    },
    async remove(tenantId, id) {
      if ((await read(id))?.tenantId !== tenantId) return false;
      await drop(id);
      return true;
    },
    sweep,
  };
}

/** Whether it can be the id of an upload. */
export function isUploadId(id: string): boolean {
  return ID.test(id);
}

/** 16 digits that begin with 9. */
export function newUploadId(): string {
  const digits = crypto.getRandomValues(new BigUint64Array(1))[0]! % 1_000_000_000_000_000n;
  return `9${String(digits).padStart(15, "0")}`;
}
