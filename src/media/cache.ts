import { createHash } from "node:crypto";
import { join } from "node:path";
import type { Clock, Timer } from "../async/clock.ts";
import { createShared } from "../async/shared.ts";
import type { SessionFor } from "../devices/session_for.ts";
import { messageOf, RefusedError } from "../errors.ts";
import { mediaOf } from "../events/content.ts";
import { bytesOnDisk, type FileBytes } from "./file_bytes.ts";
import { logOf } from "../log.ts";
import type { DeviceId } from "../ids.ts";
import type { Device } from "../store/devices.ts";
import type { Inbox } from "../store/inbox.ts";
import { type Downloaded, WhatsAppRefusal } from "../whatsapp/actions.ts";
import type { ReadInbox } from "../whatsapp/read_inbox.ts";

const log = logOf("messages");
const SWEEP_EVERY_MS = 3_600_000;
const GONE = 404;
const TOO_LARGE = 413;

/** A file of a message that came in, decrypted. */
export interface CachedFile extends Downloaded {
  readonly bytes: FileBytes;
}

/** A file that somebody else brought. */
export interface KeptFile extends Omit<Downloaded, "sizeBytes"> {
  readonly bytes: Uint8Array;
}

/** The files of messages that came in: fetched from WhatsApp when somebody asks, and kept for a while. */
export interface MediaCache {
  /** @throws {RefusedError} If there is no such file, or WhatsApp has it no more, or it is too large. */
  get(device: Device, mediaId: string): Promise<CachedFile>;
  /** Takes in a file that came from elsewhere; of two under one name the later one stays. */
  keep(deviceId: DeviceId, mediaId: string, file: KeptFile): Promise<void>;
  start(): void;
  stop(): void;
}

export interface MediaCacheDeps {
  /** Holds nothing else. */
  readonly folder: string;
  readonly ttlMs: number;
  readonly maxBytes: number;
  readonly inbox: Pick<Inbox, "named">;
  readonly readInbox: ReadInbox;
  readonly sessionFor: SessionFor;
  readonly clock: Pick<Clock, "now" | "every">;
}

export function createMediaCache(deps: MediaCacheDeps): MediaCache {
  const { folder, ttlMs, maxBytes, inbox, readInbox, sessionFor, clock } = deps;
  const { now } = clock;
  Deno.mkdirSync(folder, { recursive: true, mode: 0o700 });
  /** What is looked for, and fetched if need be: several who ask for one file wait for one download. */
  const shared = createShared<CachedFile>();
  let timer: Timer | undefined;

  async function cached(path: string): Promise<CachedFile | undefined> {
    try {
      const { mtime } = await Deno.stat(path);
      if (now() - (mtime?.getTime() ?? 0) > ttlMs) return undefined;
      const about = JSON.parse(await Deno.readTextFile(`${path}.json`)) as Downloaded; // written below
      return { ...about, bytes: bytesOnDisk(path) };
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return undefined;
      throw error;
    }
  }

  async function fetchFile(device: Device, mediaId: string, path: string): Promise<CachedFile> {
    await checkKnown(device, mediaId, { inbox, readInbox });
    const part = `${path}.part`;
    const about = await sessionFor(device).download(mediaId, { path: part, maxBytes }).catch((error) => {
      throw refusalFor(mediaId, error, maxBytes);
    });
    await Deno.writeTextFile(`${path}.json`, JSON.stringify(about), { mode: 0o600 });
    await Deno.rename(part, path);
    return { ...about, bytes: bytesOnDisk(path) };
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

  const pathOf = (deviceId: DeviceId, mediaId: string) =>
    join(folder, createHash("sha256").update(`${deviceId}/${mediaId}`).digest("hex"));

  return {
    get(device, mediaId) {
      const path = pathOf(device.id, mediaId);
      return shared(path, async () => await cached(path) ?? await fetchFile(device, mediaId, path));
    },
    async keep(deviceId, mediaId, { bytes, kind, mimeType, fileName }) {
      const path = pathOf(deviceId, mediaId);
      const part = `${path}.${crypto.randomUUID()}.part`;
      const about: Downloaded = { kind, mimeType, fileName, sizeBytes: bytes.length };
      await Deno.writeFile(part, bytes, { mode: 0o600 });
      await Deno.writeTextFile(`${path}.json`, JSON.stringify(about), { mode: 0o600 });
      await Deno.rename(part, path);
    },
    start() {
      sweepInBackground();
      timer = clock.every(SWEEP_EVERY_MS, sweepInBackground);
    },
    stop: () => timer?.cancel(),
  };
}

/** The id of a file's message: its name may have more behind it. */
export function messageIdIn(mediaId: string): string {
  return mediaId.split(".", 1)[0];
}

/** @throws {RefusedError} If the device got no message with such a file. */
export async function checkKnown(
  device: Device,
  mediaId: string,
  { inbox, readInbox }: Pick<MediaCacheDeps, "inbox" | "readInbox">,
): Promise<void> {
  // an id is its sender's choice, and others may have copied it: the file has to have this very name
  const told = await readInbox(await inbox.named(device.id, messageIdIn(mediaId)), device);
  const isKnown = told.some(({ data }) => "content" in data && mediaOf(data.content)?.mediaId === mediaId);
  if (isKnown) return;
  throw unknownFile(mediaId);
}

/** What is said of a file that a device did not get. */
export function unknownFile(mediaId: string): RefusedError {
  return new RefusedError("MEDIA_NOT_FOUND", `Cannot find file "${mediaId}": the device knows no such file`);
}

/** What an error of a download means for who asked for the file. */
export function refusalFor(mediaId: string, error: unknown, maxBytes: number): unknown {
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
