import { normalizeMessageContent, type proto } from "@whiskeysockets/baileys";

type Message = proto.IMessage;

/** A message whose file is shown once, as it is before its envelope is put around it. */
export function toBeViewedOnce(message: Message): Message {
  const { imageMessage, videoMessage, audioMessage } = message;
  if (imageMessage) return { ...message, imageMessage: { ...imageMessage, viewOnce: true } };
  if (videoMessage) return { ...message, videoMessage: { ...videoMessage, viewOnce: true } };
  if (audioMessage) return { ...message, audioMessage: { ...audioMessage, viewOnce: true } };
  return message;
}

/** A message as it may be quoted: of a file that is shown once, without what opens it again. */
export function quotable(message: Message): Message {
  const { imageMessage, videoMessage, audioMessage } = normalizeMessageContent(message) ?? {};
  const shown = ({ mimetype }: { readonly mimetype?: string | null }) => ({ mimetype, viewOnce: true });
  if (imageMessage?.viewOnce) return { imageMessage: shown(imageMessage) };
  if (videoMessage?.viewOnce) return { videoMessage: shown(videoMessage) };
  if (audioMessage?.viewOnce) return { audioMessage: { ...shown(audioMessage), ptt: audioMessage.ptt } };
  return message;
}

/**
 * Puts the envelope around a message whose file is shown once, wherever in the message that is; gives any other back as
 * it is. Baileys puts one around it as well, but then does not tell the kind of the file beside the encrypted part, and
 * WhatsApp drops such messages: this one is put around it only when that is told.
 * @see Baileys lib/Socket/messages-send.js, `getMediaType` and `patchMessageBeforeSending`
 */
export function inEnvelope(message: Message): Message {
  const { deviceSentMessage, messageContextInfo, ...content } = message;
  if (deviceSentMessage?.message) {
    const enveloped = inEnvelope(deviceSentMessage.message);
    if (enveloped === deviceSentMessage.message) return message;
    return { ...message, deviceSentMessage: { ...deviceSentMessage, message: enveloped } };
  }
  const rider = messageContextInfo ? { messageContextInfo } : {};
  if (message.imageMessage?.viewOnce || message.videoMessage?.viewOnce) {
    return { viewOnceMessageV2: { message: content }, ...rider };
  }
  if (message.audioMessage?.viewOnce) return { viewOnceMessageV2Extension: { message: content }, ...rider };
  return message;
}
