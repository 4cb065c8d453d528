import { createHash } from "node:crypto";
import { join } from "node:path";
import type { Clock } from "../async/clock.ts";
import { createShared } from "../async/shared.ts";
import type { DeviceActions } from "../devices/session_for.ts";
import { NotFoundError } from "../errors.ts";
import type { DeviceId } from "../ids.ts";
import type { Device } from "../store/devices.ts";
import type { Files } from "../store/files.ts";
import type { Inbox } from "../store/inbox.ts";
import type { Downloaded } from "../whatsapp/actions.ts";
import type { ReadInbox } from "../whatsapp/read_inbox.ts";
import { type CachedFile, checkKnown, type MediaCache, refusalFor } from "./cache.ts";
import { bytesInStore } from "./file_bytes.ts";
import { readAbout, removeWithAbout, storeAbout, storeBytes, storeFile } from "./file_pieces.ts";

/** What the ids of these files begin with. */
export const CACHED = "cache-";

export interface StoredMediaCacheDeps {
  readonly files: Files;
  readonly ttlMs: number;
  readonly maxBytes: number;
  readonly inbox: Pick<Inbox, "named">;
  readonly readInbox: ReadInbox;
  /**
   * Who fetches a device's files from WhatsApp, and where they may lie on their way into the store. Undefined: it is
   * not held here. @throws {DeviceOfflineError} If it is not connected anywhere.
   */
  readonly fetcherOf: (
    device: Device,
  ) => { readonly session: Pick<DeviceActions, "download">; readonly folder: string } | undefined;
  /** Has the gateway that holds the device put a file into this cache. */
  readonly bring: (deviceId: DeviceId, mediaId: string) => Promise<void>;
  readonly clock: Pick<Clock, "now">;
}

/** The files of messages that came in, in the store: fetched by who holds the device, given by whoever is asked. */
export function createStoredMediaCache(deps: StoredMediaCacheDeps): MediaCache {
  const { files, ttlMs, maxBytes, clock } = deps;
  /** What is looked for, and fetched if need be: several who ask for one file wait for one download. */
  const shared = createShared<CachedFile>();

  const idOf = (deviceId: DeviceId, mediaId: string) =>
    CACHED + createHash("sha256").update(`${deviceId}/${mediaId}`).digest("hex");

  async function cached(id: string): Promise<CachedFile | undefined> {
    const found = await readAbout(files, id);
    if (found === undefined || clock.now() - found.createdAt > ttlMs) return undefined;
    return { ...found.about as Downloaded, bytes: bytesInStore(files, id) }; // written below
  }

  async function put(id: string, about: Downloaded, store: (now: number) => Promise<void>): Promise<void> {
    await removeWithAbout(files, id);
    const now = clock.now();
    await store(now);
    await storeAbout(files, id, about, now);
  }

  async function fetchFile(device: Device, mediaId: string, id: string): Promise<CachedFile> {
    await checkKnown(device, mediaId, deps);
    const fetcher = deps.fetcherOf(device);
    if (fetcher === undefined) {
      await deps.bring(device.id, mediaId);
    } else {
      const path = join(fetcher.folder, `${id}.part`);
      try {
        const about = await fetcher.session.download(mediaId, { path, maxBytes }).catch((error) => {
          throw refusalFor(mediaId, error, maxBytes);
        });
        await put(id, about, (now) => storeFile(files, id, { path, now }));
      } finally {
        await Deno.remove(path).catch((error) => {
          if (!(error instanceof Deno.errors.NotFound)) throw error;
        });
      }
    }
    const found = await cached(id);
    if (found === undefined) throw new NotFoundError("file", mediaId);
    return found;
  }

  return {
    get(device, mediaId) {
      const id = idOf(device.id, mediaId);
      return shared(id, async () => await cached(id) ?? await fetchFile(device, mediaId, id));
    },
    async keep(deviceId, mediaId, { bytes, kind, mimeType, fileName }) {
      const id = idOf(deviceId, mediaId);
      const about: Downloaded = { kind, mimeType, fileName, sizeBytes: bytes.length };
      await put(id, about, (now) => storeBytes(files, id, { bytes: ReadableStream.from([bytes]), now }));
    },
    start() {},
    stop() {},
  };
}
