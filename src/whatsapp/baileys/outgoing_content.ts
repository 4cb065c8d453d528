import type { AnyMessageContent, WAMessageKey } from "@whiskeysockets/baileys";
import type { Jid } from "../../events/person.ts";
import type { MessageRef, OutgoingContent } from "../outgoing.ts";

export interface ContentOptions {
  /** The chat that it is sent to: references to messages are within it. */
  readonly to: Jid;
  readonly mentions?: readonly Jid[];
  readonly mentionsAll?: boolean;
}

const VOICE_TYPE = "audio/ogg; codecs=opus";

/**
 * What Baileys is told to send. Files are named by path, so that they are streamed; links are never fetched.
 * @see Baileys lib/Utils/messages.js, `generateWAMessageContent`
 */
export function toBaileysContent(
  content: Exclude<OutgoingContent, { readonly kind: "forward" }>,
  { to, mentions, mentionsAll }: ContentOptions,
): AnyMessageContent {
  const mentioned = {
    ...(mentions && mentions.length > 0 ? { mentions: [...mentions] } : {}),
    ...(mentionsAll ? { mentionAll: true } : {}),
  };
  switch (content.kind) {
    case "text":
      return { text: content.text, linkPreview: null, ...mentioned };
    case "image":
    case "video":
    case "audio":
    case "voice":
    case "document":
    case "sticker":
      return { ...toFile(content), ...mentioned };
    case "location":
      return {
        location: {
          degreesLatitude: content.latitude,
          degreesLongitude: content.longitude,
          name: content.name,
          address: content.address,
        },
      };
    case "contact":
      return {
        contacts: {
          displayName: content.contacts.length === 1
            ? content.contacts[0].displayName
            : `${content.contacts.length} contacts`,
          contacts: content.contacts.map(({ displayName, vcard }) => ({ displayName, vcard })),
        },
      };
    case "poll":
      return {
        poll: {
          name: content.question,
          values: [...content.options],
          selectableCount: content.selectableCount,
        },
      };
    case "reaction":
      return { react: { text: content.emoji, key: keyOf(content.target, to) } };
    case "edit":
      return { text: content.text, edit: keyOf(content.target, to), linkPreview: null, ...mentioned };
    case "delete":
      return { delete: keyOf(content.target, to) };
  }
}

type File = Extract<OutgoingContent, { readonly path: string }>;

function toFile(file: File): AnyMessageContent {
  const { path, mimeType: mimetype, caption, fileName, seconds, gifPlayback } = file;
  const upload = { url: path };
  switch (file.kind) {
    case "image":
      return { image: upload, mimetype, caption };
    case "video":
      return { video: upload, mimetype, caption, ...(gifPlayback ? { gifPlayback } : {}) };
    case "audio":
      return { audio: upload, mimetype, seconds };
    case "voice":
      return { audio: upload, mimetype: VOICE_TYPE, ptt: true, seconds };
    case "document":
      return { document: upload, mimetype, caption, fileName: fileName ?? "document" };
    case "sticker":
      return { sticker: upload, mimetype };
  }
}

function keyOf({ waMessageId, fromMe, participant }: MessageRef, chat: Jid): WAMessageKey {
  return { remoteJid: chat, id: waMessageId, fromMe, participant };
}
