import { RefusedError } from "../errors.ts";
import type { Content, MediaDescriptor, MessageContext, Quoted } from "../events/content.ts";
import type { TenantId } from "../ids.ts";
import type { Device } from "../store/devices.ts";
import type { Inbox } from "../store/inbox.ts";
import type { Messages } from "../store/messages.ts";
import { forwardedOf } from "./forwarding.ts";
import type { FileRequest, OutgoingFiles } from "./outgoing_files.ts";
import { checkPlaying } from "./playing.ts";
import { recipientOf } from "./recipient.ts";
import type { NewContent, SendRequest, WordedContent } from "./send.ts";

export interface SaidDeps {
  readonly messages: Pick<Messages, "get" | "byWaMessageId">;
  readonly inbox: Pick<Inbox, "get">;
  readonly files: Pick<OutgoingFiles, "bring" | "discard">;
  readonly countryCode: string;
}

/**
 * What surrounds a message.
 * @throws {RefusedError} If the message that it answers is not known, or who is mentioned is nobody.
 */
export async function contextOf(
  { device, quotedId, mentions }: Pick<SendRequest, "device" | "quotedId" | "mentions">,
  { messages, inbox, countryCode }: SaidDeps,
): Promise<MessageContext> {
  return {
    ...(quotedId === undefined ? {} : { quoted: await quotedOf(quotedId, device, messages, inbox) }),
    ...(mentions === undefined || mentions.length === 0 ? {} : {
      mentions: mentions.map((mention, index) => recipientOf(mention, `mentions[${index}]`, countryCode)),
    }),
  };
}

async function quotedOf(
  id: string,
  device: Device,
  messages: SaidDeps["messages"],
  inbox: SaidDeps["inbox"],
): Promise<Quoted> {
  const own = id.startsWith("msg_") ? await messages.get(id) : await messages.byWaMessageId(id, device.id);
  if (own?.deviceId === device.id && own.waMessageId !== null) {
    return { messageId: own.waMessageId, from: null };
  }
  const received = await inbox.get(device.id, id);
  if (received !== undefined) return { messageId: id, from: null };
  throw new RefusedError(
    "QUOTED_MESSAGE_NOT_FOUND",
    `Cannot answer message "${id}": the device does not know it`,
  );
}

/**
 * What is stored of a content, and what of it surrounds the message; its file lies under `mediaId` then.
 * @throws {RefusedError} If its file cannot be had or sent, or the message that it sends on cannot be.
 */
export async function saidBy(
  content: WordedContent,
  mediaId: string,
  device: Device,
  deps: SaidDeps,
): Promise<{ readonly content: Content; readonly context?: MessageContext }> {
  if (content.kind === "forward") return await forwardedOf(content.messageId, device, deps);
  if (!("file" in content)) return { content };
  return {
    content: await withFile(content, mediaId, device.tenantId, deps.files),
    ...(content.viewOnce ? { context: { viewOnce: true } } : {}),
  };
}

async function withFile(
  content: Extract<NewContent, { readonly file: FileRequest }>,
  mediaId: string,
  tenantId: TenantId,
  files: SaidDeps["files"],
): Promise<Content> {
  const { kind, file, caption, fileName, seconds, gifPlayback } = content;
  const brought = await files.bring(file, { mediaId, kind, tenantId });
  try {
    checkPlaying(brought.kind, content);
  } catch (error) {
    await files.discard(mediaId);
    throw error;
  }
  const name = fileName ?? brought.fileName;
  const media: MediaDescriptor = {
    mediaId,
    mimeType: brought.mimeType,
    sizeBytes: brought.sizeBytes,
    ...(name === undefined ? {} : { fileName: name }),
    ...(seconds === undefined ? {} : { seconds }),
    ...(gifPlayback ? { animated: true } : {}),
  };
  return { kind: brought.kind, media, ...(caption === undefined ? {} : { caption }) };
}
