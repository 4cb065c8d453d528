import type { Jid } from "../events/person.ts";
import type { DeviceId } from "../ids.ts";
import { RequestDigest } from "./request_digest.ts";
import type { FileRequest } from "./outgoing_files.ts";
import type { WordedContent } from "./send.ts";

/** What a message was asked for with. */
export interface Asked {
  readonly deviceId: DeviceId;
  readonly to: Jid;
  readonly content: WordedContent;
  readonly quotedId?: string;
  readonly mentions?: readonly string[];
}

/** What tells requests with one idempotency key apart: equal for those that say the same, files included. */
export function fingerprintOf({ deviceId, to, content, quotedId, mentions = [] }: Asked): string {
  const said = "file" in content ? { ...content, file: sourceOf(content.file) } : content;
  return new RequestDigest().end({ deviceId, to, content: said, quotedId, mentions });
}

/** A file that is fetched is known by its URL, any other by its bytes. */
function sourceOf(file: FileRequest): Readonly<Record<string, unknown>> {
  const { mimeType } = file;
  if (file.from === "url") return { url: file.url, mimeType };
  const { sha256, fileName, mimeType: told } = file.upload;
  return { sha256, fileName, told, mimeType };
}
