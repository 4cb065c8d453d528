import { keptFileUrlOf } from "./naming.ts";
import { mediaOf, wordsOf } from "../events/content.ts";
import type { DisconnectReason, EventOf, ReceiptStatus } from "../events/event.ts";
import type { Jid } from "../events/person.ts";
import type { ShapedEvent } from "./format.ts";
import { hasAuthor, webAddress, webId, webPerson, webTarget } from "./session_address.ts";
import { webMedia, webMessage } from "./session_message.ts";
import { groupNotification, numberChanged } from "./session_notification.ts";
import { unixMs, unixSeconds } from "./times.ts";

type Data = Readonly<Record<string, unknown>>;

/** whatsapp-web.js `MessageAck`. */
const ACKS: Readonly<Record<ReceiptStatus, number>> = {
  failed: -1,
  sent: 1,
  delivered: 2,
  read: 3,
  played: 4,
};

/** What whatsapp-web.js gives as the reason: mostly a `WAState`. */
const REASONS: Readonly<Record<DisconnectReason, string>> = {
  logout: "LOGOUT",
  replaced: "CONFLICT",
  banned: "TOS_BLOCK",
  auth_failure: "UNPAIRED",
  pairing_expired: "Max qrcode retries reached",
  connection_lost: "TIMEOUT",
  restart_required: "OPENING",
  stopped: "NAVIGATION",
};

/** `data` of every event that the format `session` can say, as a whatsapp-web.js server posts it. */
export function sessionData(event: ShapedEvent, name: string): unknown {
  switch (event.type) {
    case "message.received":
      return name === "vote_update" ? { vote: vote(event) } : withMedia(event, name, received(event));
    case "message.sent":
      return { message: sent(event) };
    case "message.status":
      return acknowledged(event);
    case "message.edited":
      return edited(event);
    case "message.deleted":
      return { message: deleted(event) };
    case "message.reaction":
      return { reaction: reaction(event) };
    case "device.qr":
      return { qr: event.data.code };
    case "device.connecting":
      if (name === "change_state") return { state: "OPENING" };
      return { percent: event.data.percent ?? 0, message: event.data.message ?? "WhatsApp" };
    case "device.authenticated":
      return {};
    case "device.connected":
      return name === "change_state" ? { state: "CONNECTED" } : {};
    case "device.disconnected":
      return disconnected(event, name);
    case "device.state":
      return { state: event.data.state };
    case "call.received":
      return { call: call(event) };
    case "group.created":
    case "group.join":
    case "group.leave":
    case "group.promote":
    case "group.demote":
    case "group.updated":
    case "group.deleted":
    case "group.join_request":
      return { notification: groupNotification(event) };
    case "identity.changed":
      return numberChanged(event);
    case "media.received": {
      const { messageId, mimeType, fileName, keptBytes } = event.data;
      const messageMedia = { mimetype: mimeType ?? null, filename: fileName ?? null, filesize: keptBytes };
      return { messageMedia, message: { id: { id: messageId }, mediaUrl: keptFileUrlOf(event) } };
    }
    case "media.uploaded":
      return { message: { id: { id: event.data.messageId } } };
    default:
      return {};
  }
}

function received({ data, device }: EventOf<"message.received">): Data {
  const { messageId: id, chat, from, fromMe, me, sentAt: at, content, backfilled } = data;
  return webMessage({ id, chat, from, fromMe, me, at, content, context: data, device, backfilled });
}

function sent({ data, device }: EventOf<"message.sent">): Data {
  const { waMessageId: id, chat, me, sentAt: at, content } = data;
  return webMessage({ id, chat, from: null, fromMe: true, me, at, content, context: data, device });
}

function withMedia(event: EventOf<"message.received">, name: string, message: Data): Data {
  if (name !== "media" || mediaOf(event.data.content) === undefined) return { message };
  return { messageMedia: webMedia(event.data.content, event.device), message };
}

/** Only the frame of the message: what it says is not known any more when its receipt comes. */
function acknowledged({ data }: EventOf<"message.status">): Data {
  const remote = webAddress(data.chat.jid);
  const ack = ACKS[data.status];
  return {
    message: {
      id: webTarget(data, data.waMessageId ?? data.messageId ?? "", { targetFromMe: true }),
      ack,
      timestamp: unixSeconds(data.statusAt),
      from: ownAddress(data.me),
      to: remote,
      fromMe: true,
    },
    ack,
    participant: data.participant && webPerson(data.participant),
    error: data.reason?.message,
  };
}

/** An edited message is the same message: its author's, whoever reports the edit. */
function edited({ data, device }: EventOf<"message.edited">): Data {
  const { messageId: id, chat, author: from = data.from, me, editedAt: at, content } = data;
  const fromMe = data.targetFromMe ?? data.fromMe;
  const { backfilled } = data;
  const message = webMessage({ id, chat, from, fromMe, me, at, content, context: data, device, backfilled });
  return { message, newBody: wordsOf(content) ?? "", prevBody: null };
}

function deleted({ data, device }: EventOf<"message.deleted">): Data {
  const { messageId: id, chat, author: from = data.from, me, deletedAt: at } = data;
  const content = { kind: "text", text: "" } as const;
  const target = { ...data, author: from, ...(data.author === undefined && { targetFromMe: data.fromMe }) };
  const key = webTarget(data, id, target);
  const fromMe = key.fromMe === true;
  const { backfilled } = data;
  const message = webMessage({ id, chat, from, fromMe, me, at, content, context: {}, device, backfilled });
  return {
    ...message,
    _data: { ...Object(message._data), revokeSender: webPerson(data.from) },
    id: key,
    type: "revoked",
  };
}

function reaction({ data, id }: EventOf<"message.reaction">): Data {
  const remote = webAddress(data.chat.jid);
  return {
    id: webId(data.fromMe, remote, id, hasAuthor(data.chat) ? webPerson(data.from) : undefined),
    orphan: 0,
    orphanReason: null,
    timestamp: unixSeconds(data.reactedAt),
    reaction: data.emoji,
    read: false,
    msgId: webTarget(data, data.messageId, data),
    senderId: webPerson(data.from),
    ack: 1,
    backfilled: data.backfilled,
  };
}

/** The misspelt name is whatsapp-web.js' own, and milliseconds its unit. @see whatsapp-web.js, `PollVote` */
function vote({ data }: EventOf<"message.received">): Data | undefined {
  if (data.content.kind !== "poll_vote") return undefined;
  const { pollMessageId, options, optionIndexes, unknownOptions } = data.content;
  return {
    voter: webPerson(data.from),
    selectedOptions: options?.map((name, index) => ({ name, localId: optionIndexes?.[index] })) ?? null,
    interractedAtTs: unixMs(data.sentAt),
    parentMsgKey: webTarget(data, pollMessageId, data.content),
    backfilled: data.backfilled,
    unknownOptions,
  };
}

function disconnected({ data }: EventOf<"device.disconnected">, name: string): Data {
  const reason = REASONS[data.reason];
  if (name === "change_state") return { state: data.reason === "pairing_expired" ? "UNPAIRED_IDLE" : reason };
  return name === "auth_failure" ? { msg: data.message ?? "Authentication failed" } : { reason };
}

function call({ data }: EventOf<"call.received">): Data {
  return {
    id: data.callId,
    from: webPerson(data.from),
    timestamp: unixSeconds(data.calledAt),
    isVideo: data.kind === "video",
    isGroup: data.group !== undefined,
    groupJid: data.group,
    fromMe: false,
    canHandleLocally: false,
    webClientShouldHandle: false,
    participants: [],
  };
}

function ownAddress(me: Jid | undefined): string | null {
  return me === undefined ? null : webAddress(me);
}
