import { createHash } from "node:crypto";
import { join } from "node:path";
import type { SessionFor } from "../devices/session_for.ts";
import { messageOf, RefusedError } from "../errors.ts";
import { logOf } from "../log.ts";
import type { Device } from "../store/devices.ts";
import type { Inbox } from "../store/inbox.ts";
import { type Downloaded, WhatsAppRefusal } from "../whatsapp/actions.ts";
import { readInbox } from "./history.ts";

const log = logOf("messages");
const SWEEP_EVERY_MS = 3_600_000;
const GONE = 404;
const TOO_LARGE = 413;

/** A file of a message that came in, decrypted, on the disk. */
export interface CachedFile extends Downloaded {
  readonly path: string;
}

/** The files of messages that came in: fetched from WhatsApp when somebody asks, and kept for a while. */
export interface MediaCache {
  /** @throws {RefusedError} If there is no such file, or WhatsApp has it no more, or it is too large. */
  get(device: Device, mediaId: string): Promise<CachedFile>;
  start(): void;
  stop(): void;
}

export interface MediaCacheDeps {
  /** Holds nothing else. */
  readonly folder: string;
  readonly ttlMs: number;
  readonly maxBytes: number;
  readonly inbox: Pick<Inbox, "get">;
  readonly sessionFor: SessionFor;
  readonly now: () => number;
}

export function createMediaCache(deps: MediaCacheDeps): MediaCache {
  const { folder, ttlMs, maxBytes, inbox, sessionFor, now } = deps;
  Deno.mkdirSync(folder, { recursive: true, mode: 0o700 });
  /** What is being fetched: several who ask for one file wait for one download. */
  const fetching = new Map<string, Promise<CachedFile>>();
  let timer: ReturnType<typeof setInterval> | undefined;

  async function cached(path: string): Promise<CachedFile | undefined> {
    try {
      const { mtime } = await Deno.stat(path);
      if (now() - (mtime?.getTime() ?? 0) > ttlMs) return undefined;
      const about = JSON.parse(await Deno.readTextFile(`${path}.json`)) as Downloaded; // written below
      return { ...about, path };
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return undefined;
      throw error;
    }
  }

  async function fetchFile(device: Device, mediaId: string, path: string): Promise<CachedFile> {
    const row = await inbox.get(device.id, mediaId);
    const [told] = row === undefined ? [] : await readInbox([row], device);
    if (told === undefined || !("content" in told.data) || !("media" in told.data.content)) {
      throw new RefusedError(
        "MEDIA_NOT_FOUND",
        `Cannot find file "${mediaId}": the device knows no such file`,
      );
    }
    const part = `${path}.part`;
    const about = await sessionFor(device).download(mediaId, { path: part, maxBytes }).catch((error) => {
      throw refusalFor(mediaId, error, maxBytes);
    });
    await Deno.writeTextFile(`${path}.json`, JSON.stringify(about), { mode: 0o600 });
    await Deno.rename(part, path);
    return { ...about, path };
  }

  async function sweep(): Promise<void> {
    for await (const { name } of Deno.readDir(folder)) {
      const path = join(folder, name);
      const { mtime } = await Deno.stat(path);
      if (now() - (mtime?.getTime() ?? 0) > ttlMs) await Deno.remove(path);
    }
  }

  const sweepInBackground = () => {
    sweep().catch((error) => log.warn("media.sweep_failed", { error: messageOf(error) }));
  };

  return {
    async get(device, mediaId) {
      const path = join(folder, createHash("sha256").update(`${device.id}/${mediaId}`).digest("hex"));
      const begun = fetching.get(path);
      if (begun !== undefined) return await begun;
      const known = await cached(path);
      if (known !== undefined) return known;
      const work = fetching.get(path) ??
        fetchFile(device, mediaId, path).finally(() => fetching.delete(path));
      fetching.set(path, work);
      return await work;
    },
    start() {
      sweepInBackground();
      timer = setInterval(sweepInBackground, SWEEP_EVERY_MS);
    },
    stop: () => clearInterval(timer),
  };
}

function refusalFor(mediaId: string, error: unknown, maxBytes: number): unknown {
  if (!(error instanceof WhatsAppRefusal)) return error;
  if (error.code === GONE) {
    const message =
      `Cannot fetch file "${mediaId}": WhatsApp has deleted it, and the phone does not have it either`;
    return new RefusedError("MEDIA_GONE", message);
  }
  if (error.code === TOO_LARGE) {
    return new RefusedError(
      "MEDIA_TOO_LARGE",
      `Cannot fetch file "${mediaId}": it is larger than ${maxBytes} bytes`,
    );
  }
  return error;
}
