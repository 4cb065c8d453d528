import { mediaOf, wordsOf } from "../events/content.ts";
import type { DisconnectReason, EventOf, GroupChange, KabarEvent, ReceiptStatus } from "../events/event.ts";
import { addressOf, type Jid, type Person } from "../events/person.ts";
import { webAddress, webId, webPerson } from "./session_address.ts";
import { webMedia, webMessage } from "./session_message.ts";
import { unixSeconds } from "./times.ts";

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

/** Kinds of group changes, as in whatsapp-web.js `GroupNotificationTypes`. */
const GROUP_CHANGES: Readonly<Record<GroupChange["what"], string>> = {
  subject: "subject",
  description: "description",
  picture: "picture",
  announce: "announce",
  locked: "restrict",
  invite_code: "revoke_invite",
  join_approval: "membership_approval_mode",
  member_add: "member_add_mode",
  disappearing: "ephemeral",
};

/** `data` of every event that the format `session` can say, as a whatsapp-web.js server posts it. */
export function sessionData(event: KabarEvent, name: string): unknown {
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
      return { notification: notification(event, "create", event.data.participants, event.data.subject) };
    case "group.join": {
      const { by, participants } = event.data;
      const type = by === null || isAmong(by, participants) ? "invite" : "add";
      return { notification: notification(event, type, participants) };
    }
    case "group.leave": {
      const { by, participants } = event.data;
      const type = by === null || isAmong(by, participants) ? "leave" : "remove";
      return { notification: notification(event, type, participants) };
    }
    case "group.promote":
      return { notification: notification(event, "promote", event.data.participants) };
    case "group.demote":
      return { notification: notification(event, "demote", event.data.participants) };
    case "group.updated": {
      const { what, value } = event.data.change;
      return { notification: notification(event, GROUP_CHANGES[what], [], value ?? "") };
    }
    case "media.received": {
      const { messageId, mimeType, fileName } = event.data;
      const messageMedia = { mimetype: mimeType ?? null, filename: fileName ?? null };
      return { messageMedia, message: { id: { id: messageId } } };
    }
    case "media.uploaded":
      return { message: { id: { id: event.data.messageId } } };
    case "webhook.test":
      return { message: event.data.message };
    case "custom":
      return event.data.payload === undefined ? {} : event.data.payload;
    default:
      return {};
  }
}

function received({ data, device }: EventOf<"message.received">): Data {
  const { messageId: id, chat, from, fromMe, me, sentAt: at, content } = data;
  return webMessage({ id, chat, from, fromMe, me, at, content, context: data, device });
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
      id: webId(true, remote, data.waMessageId ?? data.messageId ?? ""),
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

function edited({ data, device }: EventOf<"message.edited">): Data {
  const { messageId: id, chat, from, fromMe, me, editedAt: at, content } = data;
  const message = webMessage({ id, chat, from, fromMe, me, at, content, context: {}, device });
  return { message, newBody: wordsOf(content) ?? "", prevBody: null };
}

function deleted({ data, device }: EventOf<"message.deleted">): Data {
  const { messageId: id, chat, from, fromMe, me, deletedAt: at } = data;
  const content = { kind: "text", text: "" } as const;
  const message = webMessage({ id, chat, from, fromMe, me, at, content, context: {}, device });
  return { ...message, type: "revoked" };
}

/** Without `msgId.fromMe` and `msgId._serialized` when it is not known whose message it was. */
function reaction({ data, id }: EventOf<"message.reaction">): Data {
  const remote = webAddress(data.chat.jid);
  const { targetFromMe, messageId } = data;
  return {
    id: webId(data.fromMe, remote, id, data.chat.kind === "group" ? webPerson(data.from) : undefined),
    orphan: 0,
    orphanReason: null,
    timestamp: unixSeconds(data.reactedAt),
    reaction: data.emoji,
    read: false,
    msgId: targetFromMe === undefined ? { remote, id: messageId } : webId(targetFromMe, remote, messageId),
    senderId: webPerson(data.from),
    ack: 1,
  };
}

function vote({ data }: EventOf<"message.received">): Data | undefined {
  if (data.content.kind !== "poll_vote") return undefined;
  const { pollMessageId, options } = data.content;
  return {
    voter: webPerson(data.from),
    selectedOptions: options?.map((name) => ({ name })) ?? null,
    interactedAtTs: unixSeconds(data.sentAt),
    parentMsgKey: { remote: webAddress(data.chat.jid), id: pollMessageId },
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
    fromMe: false,
    canHandleLocally: false,
    webClientShouldHandle: false,
    participants: [],
  };
}

type InGroup = Extract<KabarEvent, { readonly data: { readonly group: Jid; readonly by: Person | null } }>;

function notification(
  { data, id, at }: InGroup,
  type: string,
  people: readonly Person[],
  body: unknown = "",
): Data {
  const chatId = webAddress(data.group);
  const author = data.by === null ? undefined : webPerson(data.by);
  return {
    id: webId(false, chatId, id, author),
    body: String(body),
    type,
    timestamp: unixSeconds(at),
    chatId,
    author,
    recipientIds: people.map(webPerson),
  };
}

function isAmong(person: Person, people: readonly Person[]): boolean {
  return people.some((other) => addressOf(other) === addressOf(person));
}

function ownAddress(me: Jid | undefined): string | null {
  return me === undefined ? null : webAddress(me);
}
