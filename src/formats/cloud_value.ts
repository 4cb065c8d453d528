import type { Content, MessageContext } from "../events/content.ts";
import type { EventDevice, EventOf } from "../events/event.ts";
import { addressOf, type Chat, type Jid, type Person } from "../events/person.ts";
import { cloudContent, cloudContext, cloudOrder, editedContent, tappedIn } from "./cloud_content.ts";
import { digitsOf, numberOf, userIdOf, wamidOf } from "./cloud_ids.ts";
import type { ShapedEvent } from "./format.ts";
import { deviceNameOf } from "./naming.ts";
import { unixSeconds } from "./times.ts";

type Data = Readonly<Record<string, unknown>>;

/**
 * `value` of one change: a single message, status, echo or call, since most receivers read the first one only. No
 * empty lists and no nulls, numbers as strings: where receivers are strict, they are strict in this.
 */
export function cloudValue(event: ShapedEvent, name: string): Data {
  switch (event.type) {
    case "message.received":
      if (event.data.backfilled) return history(event);
      return event.data.fromMe ? echo(event, event.data.messageId) : received(event, name);
    case "message.sent":
      return echo(event, event.data.waMessageId);
    case "message.edited":
      return edited(event, name);
    case "message.deleted":
      return withMessage(event, {
        ...frame(event, `${event.data.messageId}.d${event.data.deletedAt}`, event.data.deletedAt),
        type: "revoke",
        revoke: { original_message_id: wamidOf(event.data.messageId) },
      });
    case "message.reaction": {
      const { messageId, emoji, reactedAt } = event.data;
      return withMessage(event, {
        ...frame(event, `${messageId}.r${reactedAt}`, reactedAt),
        type: "reaction",
        reaction: { message_id: wamidOf(messageId), emoji },
      });
    }
    case "message.status":
      return status(event, name);
    case "call.ended": {
      const { callId, me, from, outcome, endedAt } = event.data;
      const call = {
        id: `wacid.${callId}`,
        from: numberOf(from) ?? digitsOf(addressOf(from)),
        to: deviceAddress(event.device, me),
        event: "terminate",
        timestamp: seconds(endedAt),
        direction: "USER_INITIATED",
        status: outcome === "accepted" ? "COMPLETED" : "FAILED",
      };
      return { ...head(event.device, me), contacts: [contact(from)], calls: [call] };
    }
    default:
      return head(event.device, undefined);
  }
}

/** What begins every value: which number of ours it is about. */
export function head(device: EventDevice | null, me: Jid | undefined): Data {
  const number = deviceAddress(device, me);
  return {
    messaging_product: "whatsapp",
    metadata: { display_phone_number: number, phone_number_id: number },
  };
}

/** The digits of our number; the device's name where the source does not know the number. */
function deviceAddress(device: EventDevice | null, me: Jid | undefined): string {
  if (me !== undefined) return digitsOf(me);
  return device === null ? "0" : deviceNameOf(device);
}

type Spoken = EventOf<"message.received" | "message.edited" | "message.deleted" | "message.reaction">;

function withMessage({ data, device }: Spoken, message: Data): Data {
  return { ...head(device, data.me), contacts: [contact(data.from)], messages: [message] };
}

/** Without `from` for a person whose number is not known, as at Meta. */
function frame({ data }: Spoken, id: string, at: number): Data {
  return {
    from: numberOf(data.from),
    from_user_id: userIdOf(data.from),
    id: wamidOf(id),
    timestamp: seconds(at),
    group_id: data.chat.kind === "group" ? data.chat.jid : undefined,
  };
}

function received(event: EventOf<"message.received">, name: string): Data {
  const { data, seq } = event;
  const quotedId = data.quoted?.messageId;
  const content = name === "order" && data.content.kind === "order"
    ? cloudOrder(data.content)
    : cloudContent(data.content, String(seq), quotedId);
  return withMessage(event, {
    ...frame(event, data.messageId, data.sentAt),
    context: tappedIn(data.content) === undefined || data.content.kind !== "poll_vote"
      ? contextOf(data, content.type)
      : { from: deviceAddress(event.device, data.me), id: wamidOf(data.content.pollMessageId) },
    ...content,
    referral: referral(data),
  });
}

function contextOf(context: MessageContext, type: string): Data | undefined {
  const { quoted, forwarded } = context;
  const number = quoted?.from == null ? undefined : numberOf(quoted.from);
  return cloudContext({
    ...(quoted !== undefined && {
      quoted: { messageId: quoted.messageId, ...(number !== undefined && { number }) },
    }),
    ...(forwarded !== undefined && { forwarded }),
  }, type === "interactive");
}

function referral({ referral }: MessageContext): Data | undefined {
  if (referral === undefined) return undefined;
  const { sourceUrl, sourceId, sourceType, headline, body, mediaUrl, thumbnailUrl, ctwaClid } = referral;
  return {
    source_url: sourceUrl,
    source_id: sourceId,
    source_type: sourceType,
    headline,
    body,
    media_type: mediaUrl === undefined ? undefined : "image",
    image_url: mediaUrl,
    thumbnail_url: thumbnailUrl,
    ctwa_clid: ctwaClid,
  };
}

/** By default a new text that every receiver can show; as `edit` for those who ask for it by name. */
function edited(event: EventOf<"message.edited">, name: string): Data {
  const { data, seq } = event;
  const made = frame(event, `${data.messageId}.e${data.editedAt}`, data.editedAt);
  if (name !== "edit") {
    const from = numberOf(data.author ?? data.from);
    const context = { from, id: wamidOf(data.messageId) };
    return withMessage(event, { ...made, context, ...editedContent(data.content, String(seq)) });
  }
  const message = cloudContent(data.content, String(seq));
  return withMessage(event, {
    ...made,
    type: "edit",
    edit: { original_message_id: wamidOf(data.messageId), message },
  });
}

type Own = EventOf<"message.received" | "message.sent">;

/** A message of ours: typed on the phone, or sent by another program. */
function echo({ data, device, seq }: Own, waMessageId: string): Data {
  const other = chatPerson(data.chat);
  const content: Content = data.content;
  const message = {
    from: deviceAddress(device, data.me),
    to: digitsOf(data.chat.jid),
    to_user_id: other && userIdOf(other),
    id: wamidOf(waMessageId),
    timestamp: seconds(data.sentAt),
    group_id: data.chat.kind === "group" ? data.chat.jid : undefined,
    context: contextOf(data, "text"),
    ...cloudContent(content, String(seq), data.quoted?.messageId),
  };
  const contacts = other === undefined ? undefined : [contact(other)];
  return { ...head(device, data.me), contacts, message_echoes: [message] };
}

const DAY_S = 86_400;

/**
 * A message of the past, as a thread of one. How much there is in all is not known: nothing is said of progress.
 * @see Meta, "WhatsApp Business app users (coexistence)", webhook field `history`
 */
function history(event: EventOf<"message.received">): Data {
  const { data, device, seq, at } = event;
  const other = chatPerson(data.chat);
  const days = (unixSeconds(at) - unixSeconds(data.sentAt)) / DAY_S;
  const address = other && numberOf(other) ? numberOf(other) : digitsOf(data.chat.jid);
  const own = deviceAddress(device, data.me);
  const message = {
    ...(data.fromMe ? { from: own, to: address } : { from: address }),
    id: wamidOf(data.messageId),
    timestamp: seconds(data.sentAt),
    context: contextOf(data, "text"),
    ...cloudContent(data.content, String(seq), data.quoted?.messageId),
    history_context: { status: data.fromMe ? "SENT" : "DELIVERED" },
  };
  return {
    ...head(device, data.me),
    contacts: other === undefined ? undefined : [contact(data.fromMe ? other : data.from)],
    history: [{
      metadata: { phase: days <= 1 ? 0 : days <= 90 ? 1 : 2 },
      threads: [{ id: address, messages: [message] }],
    }],
  };
}

const STATUSES = { sent: "sent", delivered: "delivered", read: "read", failed: "failed" } as const;

function status({ data, device }: EventOf<"message.status">, name: string): Data {
  const { chat, participant, reason } = data;
  const inGroup = chat.kind === "group";
  const person = participant ?? chatPerson(chat);
  const made = {
    id: wamidOf(data.waMessageId ?? data.messageId ?? ""),
    status: data.status === "played" ? name === "played" ? "played" : "read" : STATUSES[data.status],
    timestamp: seconds(data.statusAt),
    recipient_id: inGroup ? chat.jid : digitsOf(chat.jid),
    recipient_type: inGroup ? "group" : undefined,
    recipient_user_id: inGroup || person === undefined ? undefined : userIdOf(person),
    recipient_participant_id: inGroup && participant ? numberOf(participant) : undefined,
    recipient_participant_user_id: inGroup && participant ? userIdOf(participant) : undefined,
    errors: data.status === "failed" ? [failure(reason)] : undefined,
    biz_opaque_callback_data: data.callbackData,
  };
  const contacts = [
    person === undefined
      ? { profile: { name: chat.jid }, user_id: `ZZ.${digitsOf(chat.jid)}` }
      : contact(person),
  ];
  return { ...head(device, data.me), contacts, statuses: [made] };
}

/** WhatsApp's and our reasons in Meta's codes. @see Meta, "Cloud API Error Codes" */
function failure(reason: EventOf<"message.status">["data"]["reason"]): Data {
  const [code, title] = meaningOf(reason);
  const details = reason?.message ?? "The message could not be sent.";
  return { code, title, message: title, error_data: { details } };
}

function meaningOf(
  reason: EventOf<"message.status">["data"]["reason"],
): readonly [code: number, title: string] {
  if (reason?.reason === "not_on_whatsapp" || reason?.reason === "unknown_lid") {
    return [131026, "Message undeliverable"];
  }
  if (reason?.code === 463 || reason?.code === 475) return [131048, "Spam rate limit hit"];
  if (reason?.code === 429) return [130429, "Rate limit hit"];
  return [131000, "Something went wrong"];
}

function chatPerson({ kind, jid, lid }: Chat): Person | undefined {
  if (kind !== "person") return undefined;
  return jid.endsWith("@lid") ? { pn: null, lid: jid } : { pn: jid, lid: lid ?? null };
}

function contact(person: Person): Data {
  const number = numberOf(person);
  return {
    profile: { name: person.pushName || number || digitsOf(addressOf(person)) || "Unknown" },
    wa_id: number,
    user_id: userIdOf(person),
  };
}

function seconds(ms: number): string {
  return String(unixSeconds(ms));
}
