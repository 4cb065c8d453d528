import type { DeviceService } from "../../devices/devices.ts";
import { mediaOf } from "../../events/content.ts";
import type { Jid } from "../../events/person.ts";
import { cleanMimeType } from "../../events/mime_type.ts";
import type { TenantId } from "../../ids.ts";
import type { MediaCache } from "../../media/cache.ts";
import type { FileBytes } from "../../media/file_bytes.ts";
import type { Uploads } from "../../media/uploads.ts";
import type { Device } from "../../store/devices.ts";
import type { Events } from "../../store/events.ts";
import { GraphError } from "../graph_errors.ts";

/** A file behind a media id. */
export interface CloudFile {
  readonly id: string;
  readonly bytes: FileBytes;
  readonly mimeType: string;
  readonly fileName?: string;
  readonly sizeBytes: number;
  /** Hex; undefined where the sender told none. */
  readonly sha256?: string;
}

/** Whether somebody may have the files of a chat. */
export type MayHave = (where: { readonly device: Device; readonly chat: Jid }) => Promise<boolean>;

/** Files by media id: those that were uploaded, and those of messages, whose id is the event's number. */
export interface CloudFiles {
  /**
   * Fetches a message's file from WhatsApp where it has to.
   * @param mayHave Asked about the chat of a message's file, whose ids are numbers in a row; left out: all are had.
   * @throws {GraphError} If there is none of this tenant, or it may not be had.
   */
  get(tenantId: TenantId, id: string, mayHave?: MayHave): Promise<CloudFile>;
  /** Only uploads can be removed. */
  remove(tenantId: TenantId, id: string): Promise<void>;
}

export interface CloudFilesDeps {
  readonly uploads: Pick<Uploads, "get" | "remove">;
  readonly events: Pick<Events, "bySeq">;
  readonly devices: Pick<DeviceService, "get">;
  readonly media: Pick<MediaCache, "get">;
}

export function createCloudFiles({ uploads, events, devices, media }: CloudFilesDeps): CloudFiles {
  async function received(
    tenantId: TenantId,
    id: string,
    mayHave: MayHave,
  ): Promise<CloudFile | undefined> {
    const seq = Number(id);
    if (!/^\d{1,15}$/.test(id) || !Number.isSafeInteger(seq)) return undefined;
    const event = (await events.bySeq([seq])).get(seq);
    if (event === undefined || event.tenantId !== tenantId || event.device === null) return undefined;
    if (!("content" in event.data) || !("chat" in event.data)) return undefined;
    const file = mediaOf(event.data.content);
    if (file === undefined) return undefined;
    const device = await devices.get(tenantId, event.device.id);
    if (!await mayHave({ device, chat: event.data.chat.jid })) return undefined;
    const { bytes, sizeBytes, mimeType, fileName } = await media.get(device, file.mediaId);
    return {
      id,
      bytes,
      sizeBytes,
      mimeType: cleanMimeType(mimeType),
      ...(fileName === null ? {} : { fileName }),
      ...(file.sha256 !== undefined && { sha256: file.sha256 }),
    };
  }

  return {
    async get(tenantId, id, mayHave = () => Promise.resolve(true)) {
      const found = await uploads.get(tenantId, id) ?? await received(tenantId, id, mayHave);
      if (found === undefined) throw unknownMedia(id);
      return found;
    },
    async remove(tenantId, id) {
      if (!await uploads.remove(tenantId, id)) throw unknownMedia(id);
    },
  };
}

/** In the words that n8n looks for. */
function unknownMedia(id: string): GraphError {
  return new GraphError(
    100,
    `Param media id ${id.slice(0, 40)} is not a valid whatsapp business account media attachment ID`,
  );
}
