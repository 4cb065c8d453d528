import { present } from "../../events/present.ts";
import { cutText } from "../../events/well_formed.ts";
import type { SessionDraft } from "../../whatsapp/session.ts";
import { firstText, type Loose, record, text } from "../loose.ts";
import { type Reading, readingOf } from "../reading.ts";
import { callDraft } from "./call.ts";
import type { Envelope } from "./envelope.ts";
import { readWebKey } from "./key.ts";
import {
  ackReading,
  deletedDraft,
  editedDraft,
  messageIn,
  messageReading,
  reactionDraft,
  undecryptedDraft,
  voteDraft,
} from "./message_events.ts";
import { groupDraft, numberDraft } from "./notification.ts";
import type { Seen } from "./seen.ts";
import { disconnectReason, meIn, percentOf, qrIn } from "./session_state.ts";

export type { Seen };

/** Names that every server of this kind reports. */
export const UNIVERSAL_EVENTS = [
  "qr",
  "ready",
  "authenticated",
  "disconnected",
  "auth_failure",
  "change_state",
  "loading_screen",
  "message",
  "message_create",
  "message_ack",
  "call",
  "media_uploaded",
  "media",
] as const;

/** WhatsApp Web shows a code for about this long before it draws the next one. */
const QR_LIFETIME_MS = 60_000;

type Read = (data: Loose, seen: Seen) => Reading;

const READERS: Readonly<Record<string, Read>> = {
  qr: reader((data, { receivedAt }) => {
    const code = qrIn(data);
    return code && { type: "device.qr", data: { code, expiresAt: receivedAt + QR_LIFETIME_MS } };
  }),
  ready: reader((data) => {
    const { phoneNumber = null, jid = null, pushName } = meIn(data);
    return { type: "device.connected", data: { phoneNumber, jid, ...present({ name: pushName }) } };
  }),
  authenticated: reader(() => ({ type: "device.authenticated", data: {} })),
  disconnected: reader((data) => {
    const given = text(data.reason);
    const { reason, final } = disconnectReason(given);
    const message = given === undefined ? undefined : `The server reports: ${cutText(given, 200)}`;
    return { type: "device.disconnected", data: { reason, final, ...present({ message }) } };
  }),
  auth_failure: reader((data) => {
    const message = cutText(firstText(data.msg, data.message) ?? "Authentication failed", 200);
    return { type: "device.disconnected", data: { reason: "auth_failure", final: true, message } };
  }),
  change_state: reader((data) => {
    const state = text(data.state);
    return state === undefined ? undefined : { type: "device.state", data: { state: cutText(state, 64) } };
  }),
  loading_screen: reader((data) => {
    const message = text(data.message);
    return {
      type: "device.connecting",
      data: present({
        percent: percentOf(data.percent),
        message: message === undefined ? undefined : cutText(message, 200),
      }),
    };
  }),
  message: messageReading,
  message_create: messageReading,
  message_ack: ackReading,
  message_edit: reader(editedDraft),
  message_revoke_everyone: reader(deletedDraft),
  message_reaction: reader(reactionDraft),
  message_ciphertext_failed: reader(undecryptedDraft),
  vote_update: reader(voteDraft),
  call: (data, seen) => {
    const call = record(data.call ?? data);
    return call.fromMe === true
      ? nothing("a call of our own")
      : readingOf(callDraft(call, seen), lacking("call"));
  },
  group_join: reader((data, { scope }) => groupDraft(data, "add", scope)),
  group_leave: reader((data, { scope }) => groupDraft(data, "leave", scope)),
  group_admin_changed: reader((data, { scope }) => groupDraft(data, "promote", scope)),
  group_update: reader((data, { scope }) => groupDraft(data, "", scope)),
  group_membership_request: reader((data, { scope }) =>
    groupDraft(data, "membership_approval_request", scope)
  ),
  contact_changed: reader(numberDraft),
  media: reader((data) => {
    const file = record(data.messageMedia);
    return {
      type: "media.received",
      data: {
        messageId: readWebKey(messageIn(data))?.messageId ?? null,
        ...present({ mimeType: text(file.mimetype), fileName: text(file.filename) }),
      },
    };
  }),
  media_uploaded: reader((data) => ({
    type: "media.uploaded",
    data: { messageId: readWebKey(messageIn(data))?.messageId ?? null },
  })),
};

/** Reports that change nothing outside the other server. */
const NOTHING: Readonly<Record<string, string>> = {
  change_battery: "the phone's battery",
  chat_archived: "a chat put away on the phone",
  chat_removed: "a chat removed on the phone",
  code: "a pairing code",
  message_ciphertext: "a message that is still encrypted",
  message_revoke_me: "a message removed on the phone only",
  remote_session_saved: "a session saved by the server",
  test: "a test",
  unread_count: "a count of unread messages",
};

/** What a report of another WhatsApp server amounts to. Never throws. */
export function readUniversal({ event, data }: Envelope, seen: Seen): Reading {
  if (Object.hasOwn(READERS, event)) return READERS[event](data, seen);
  if (Object.hasOwn(NOTHING, event)) return nothing(NOTHING[event]);
  return { kind: "unread", why: `event "${event}" is not known` };
}

function reader(read: (data: Loose, seen: Seen) => SessionDraft | "" | undefined): Read {
  return (data, seen) => readingOf(read(data, seen) || undefined, lacking("event"));
}

function nothing(why: string): Reading {
  return { kind: "nothing", why };
}

function lacking(what: string): string {
  return `the ${what} lacks what would identify it`;
}
