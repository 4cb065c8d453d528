import { sentMessage } from "./sent_message.ts";
import { RefusedError } from "../errors.ts";
import {
  type Content,
  type MediaDescriptor,
  type MessageContext,
  type Quoted,
  wordsOf,
} from "../events/content.ts";
import type { TenantId } from "../ids.ts";
import type { Device } from "../store/devices.ts";
import type { Inbox } from "../store/inbox.ts";
import type { Messages } from "../store/messages.ts";
import { forwardedOf } from "./forwarding.ts";
import type { OutgoingFiles } from "../media/outgoing.ts";
import { checkMediaOptions } from "../media/options.ts";
import type { ReadInbox } from "../whatsapp/read_inbox.ts";
import { recipientOf } from "./recipient.ts";
import type { ComposedContent, RequestedFile, SendRequest } from "./request.ts";

export interface ComposeDeps {
  readonly messages: Pick<Messages, "get" | "byWaMessageId">;
  readonly inbox: Pick<Inbox, "get">;
  readonly readInbox: ReadInbox;
  readonly files: Pick<OutgoingFiles, "bring" | "discard">;
  readonly countryCode: string;
}

/**
 * What surrounds a message.
 * @throws {RefusedError} If the message that it answers is not known, or who is mentioned is nobody.
 */
export async function contextOf(
  { device, quotedId, mentions = [] }: Pick<SendRequest, "device" | "quotedId" | "mentions">,
  { messages, inbox, readInbox, countryCode }: ComposeDeps,
): Promise<MessageContext> {
  const [people, everybody] = [mentions.filter((one) => one !== ALL), mentions.includes(ALL)];
  return {
    ...(quotedId === undefined
      ? {}
      : { quoted: await quotedOf(quotedId, device, { messages, inbox, readInbox }) }),
    ...(people.length === 0 ? {} : {
      mentions: people.map((mention) =>
        recipientOf(mention, `mentions[${mentions.indexOf(mention)}]`, countryCode)
      ),
    }),
    ...(everybody ? { mentionsAll: true } : {}),
  };
}

/** Names everybody in a group, among those who are mentioned. */
const ALL = "all";

async function quotedOf(
  id: string,
  device: Device,
  { messages, inbox, readInbox }: Pick<ComposeDeps, "messages" | "inbox" | "readInbox">,
): Promise<Quoted> {
  const own = await sentMessage(messages, device.id, id);
  if (own !== undefined && own.waMessageId !== null) {
    const { kind } = own.content;
    const text = wordsOf(own.content);
    const from = device.jid === null ? null : { pn: device.jid, lid: device.lid };
    return { messageId: own.waMessageId, from, kind, ...(text === undefined ? {} : { text }) };
  }
  const received = await inbox.get(device.id, id);
  if (received !== undefined) {
    const [told] = await readInbox([received], device);
    if (told === undefined) return { messageId: id, from: null };
    const { pn, lid } = told.data.from;
    const content = "content" in told.data ? told.data.content : undefined;
    const text = content && wordsOf(content);
    return {
      messageId: id,
      from: { pn, lid },
      ...(content === undefined ? {} : { kind: content.kind }),
      ...(text === undefined ? {} : { text }),
    };
  }
  throw new RefusedError(
    "QUOTED_MESSAGE_NOT_FOUND",
    `Cannot answer message "${id}": the device does not know it`,
  );
}

/**
 * What is stored of a content, and what of it surrounds the message; its file lies under `mediaId` then.
 * @throws {RefusedError} If its file cannot be had or sent, or the message that it sends on cannot be.
 */
export async function composeContent(
  content: ComposedContent,
  mediaId: string,
  { device, urlOwner }: { readonly device: Device; readonly urlOwner: TenantId },
  deps: ComposeDeps,
): Promise<{ readonly content: Content; readonly context?: MessageContext }> {
  if (content.kind === "forward") return await forwardedOf(content.messageId, device, deps);
  if (!("file" in content)) return { content };
  return {
    content: await withFile(content, mediaId, urlOwner, deps.files),
    ...(content.viewOnce ? { context: { viewOnce: true } } : {}),
  };
}

async function withFile(
  content: Extract<ComposedContent, RequestedFile>,
  mediaId: string,
  tenantId: TenantId,
  files: ComposeDeps["files"],
): Promise<Content> {
  const { kind, file, caption, fileName, seconds, gifPlayback } = content;
  const brought = await files.bring(file, { mediaId, kind, tenantId });
  try {
    checkMediaOptions(brought.kind, content);
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
