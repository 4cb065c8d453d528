import type { Content, MediaDescriptor } from "../events/content.ts";
import type { EventDevice } from "../events/event.ts";

/** The name by which a subscriber knows a device: the external system's own, else our id. */
export function deviceNameOf(device: EventDevice): string {
  return device.alias ?? device.id;
}

/**
 * The word for a kind of message. A voice note is `audio`, marked as voice where the file is described, so that
 * applications that only know audio still play it.
 */
export function messageTypeOf(content: Content): string {
  return content.kind === "voice" ? "audio" : content.kind;
}

/**
 * Where the file of a message can be fetched: absolute when another system keeps it, else relative to the gateway's
 * address. Undefined when nobody keeps it.
 */
export function mediaUrlOf(device: EventDevice | null, media: MediaDescriptor): string | undefined {
  if (media.url !== undefined) return media.url;
  return device === null ? undefined : `/v1/devices/${device.id}/media/${media.mediaId}`;
}
