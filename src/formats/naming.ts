import type { ContentKind, MediaDescriptor } from "../events/content.ts";
import type { EventDevice, EventOf } from "../events/event.ts";

/** The name by which a subscriber knows a device: the external system's own, else our id. */
export function deviceNameOf(device: EventDevice): string {
  return device.alias ?? device.id;
}

/**
 * The word for a kind of message. A voice note is `audio`, marked as voice where the file is described, so that
 * applications that only know audio still play it.
 */
export function messageTypeOf({ kind }: { readonly kind: ContentKind }): string {
  return kind === "voice" ? "audio" : kind;
}

/** RFC 9110, "Media Type": what can stand in a header. */
const MIME_TYPE = /^[\w!#$&^.+-]{1,127}\/[\w!#$&^.+-]{1,127}(?:[ \t]*;[\t\x20-\x7e]*)?$/;

/** The type that the sender of a file claims, when receivers can make a header of it; else one for any bytes. */
export function mimeTypeOf({ mimeType }: MediaDescriptor): string {
  return MIME_TYPE.test(mimeType) ? mimeType : "application/octet-stream";
}

/** Bytes of a file, unless the sender claims what no file has. */
export function fileSizeOf({ sizeBytes }: MediaDescriptor): number | undefined {
  return Number.isSafeInteger(sizeBytes) ? sizeBytes : undefined;
}

/**
 * Where the file of a message can be fetched: absolute when another system keeps it, else relative to the gateway's
 * address. Undefined when nobody keeps it.
 */
export function mediaUrlOf(device: EventDevice | null, media: MediaDescriptor): string | undefined {
  if (media.url !== undefined) return media.url;
  return device === null || media.kept === false
    ? undefined
    : `/v1/devices/${device.id}/media/${media.mediaId}`;
}

/** Where the file can be fetched that another server sent; undefined when it is not kept. */
export function keptFileUrlOf({ device, data }: EventOf<"media.received">): string | undefined {
  const { messageId, keptBytes } = data;
  if (device === null || messageId === null || keptBytes === undefined) return undefined;
  return `/v1/devices/${device.id}/media/${messageId}`;
}
