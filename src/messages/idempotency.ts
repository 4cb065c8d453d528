import { present } from "../events/present.ts";
import type { Jid } from "../events/person.ts";
import type { DeviceId } from "../ids.ts";
import { RequestDigest } from "../json/digest.ts";
import type { FileRequest } from "../media/outgoing.ts";
import type { ComposedContent } from "./request.ts";

/** What a message was asked for with. */
export interface Asked {
  readonly deviceId: DeviceId;
  readonly to: Jid;
  readonly content: ComposedContent;
  readonly quotedId?: string;
  readonly mentions?: readonly string[];
  /** Epoch ms. */
  readonly sendAt?: number;
}

/** What tells requests with one idempotency key apart: equal for those that say the same, files included. */
export function fingerprintOf({ deviceId, to, content, quotedId, mentions = [], sendAt }: Asked): string {
  const said = "file" in content ? { ...content, file: sourceOf(content.file) } : content;
  return new RequestDigest().end({ deviceId, to, content: said, quotedId, mentions, ...present({ sendAt }) });
}

/** A file that is fetched is known by its URL, any other by its bytes. */
function sourceOf(file: FileRequest): Readonly<Record<string, unknown>> {
  const { mimeType } = file;
  if (file.from === "url") return { url: file.url, mimeType };
  const { sha256, fileName, mimeType: told } = file.upload;
  return { sha256, fileName, told, mimeType };
}
