import { z } from "zod";
import type { EventType } from "../../events/event.ts";
import { content, surroundings } from "./content.ts";
import { actor, GroupId, inChat, Lid, members, seconds, speaker, target } from "./pieces.ts";

const pushName = z.string().optional().describe("The name that the person chose");
const isGroup = z.boolean().describe("Whether it stands in a group");
const participant = z.string().optional().describe("Who, in a group");
const OptWish = z.object({
  contact_id: z.string().describe("Who: the phone number's address when the number is known, else the LID"),
  contact_lid: Lid,
  push_name: pushName,
  word: z.string().describe("What they wrote"),
  message_id: z.string().describe("The message in which they wrote it"),
  timestamp: seconds("When"),
});
const status = (...values: [string, ...string[]]) => z.enum(values).describe("The state of the device");
const message = z.string().optional().describe("A sentence for people: what happened and what to do");

const Endpoint = z.object({
  webhook_id: z.string().describe("The webhook that this is about"),
  url: z.string().describe("Where it points"),
  failures: z.int().describe("Failed requests in a row"),
  since: seconds("When the first of them failed"),
  last_error: z.string().describe("Why the last one failed"),
  status_code: z.int().nullable().describe("What the endpoint answered; null when there was no answer"),
});

const Changed = z.object({ group_id: GroupId, ...members });
const Nothing = z.object({});
const backfilled = z.literal(true).optional()
  .describe("The phone handed it over as history: nobody has just said it, so do not answer");

/** `data` of each type of event in the format `device`; empty for those that the format does not tell of. */
export const DEVICE_DATA: Readonly<Record<EventType, z.ZodObject>> = {
  "message.received": z.object({
    message_id: z.string().describe("WhatsApp's id of the message"),
    ...speaker,
    push_name: pushName,
    ...content,
    timestamp: seconds("When it was written"),
    ...inChat,
    is_group: isGroup,
    participant,
    offline: z.boolean().describe("It was written while the gateway was not connected"),
    ...surroundings,
    backfilled,
  }),
  "message.sent": z.object({
    message_id: z.string().describe("The gateway's id, as the send request returned it"),
    wa_message_id: z.string().describe("WhatsApp's id"),
    to: z.string().describe("Where it went"),
    from_me: z.literal(true).describe("Always true"),
    ...content,
    timestamp: seconds("When it left"),
    ...inChat,
    is_group: isGroup,
    ...surroundings,
  }),
  "message.status": z.object({
    message_id: z.string().nullable().describe(
      "The gateway's id; WhatsApp's when it was not sent through the gateway",
    ),
    wa_message_id: z.string().nullable().describe("WhatsApp's id, once there is one"),
    to: z.string().describe("Where it went"),
    to_lid: Lid,
    status: z.enum(["sent", "delivered", "read", "failed"]).describe("How far it has come"),
    event_type: z.string().describe("The step's own name, such as receipt.read"),
    timestamp: seconds("When it came that far"),
    delivered_at: z.int().optional().describe("When the phone had it, Unix seconds"),
    read_at: z.int().optional().describe("When it was read, Unix seconds"),
    played: z.boolean().optional().describe("A voice note or video was played"),
    participant: z.string().optional().describe("Who, in a group"),
    participant_lid: Lid,
    error: z.string().optional().describe("Why it failed"),
    error_code: z.int().optional().describe("The provider's code for it"),
    attempts: z.int().optional().describe("How often sending was tried"),
  }),
  "message.edited": z.object({
    message_id: z.string().describe("The message that was edited"),
    ...speaker,
    push_name: pushName,
    ...content,
    timestamp: seconds("When it was edited"),
    ...inChat,
    ...target,
    ...surroundings,
    backfilled,
  }),
  "message.deleted": z.object({
    message_id: z.string().describe("The message that was deleted"),
    ...speaker,
    timestamp: seconds("When it was deleted"),
    ...inChat,
    ...target,
    backfilled,
  }),
  "message.reaction": z.object({
    message_id: z.string().describe("The message that was reacted to"),
    ...speaker,
    push_name: pushName,
    emoji: z.string().describe("Empty when the reaction was taken back"),
    timestamp: seconds("When"),
    ...inChat,
    ...target,
    backfilled,
  }),

  "device.qr": z.object({
    qr: z.string().describe("What to draw as a QR code"),
    expires_at: seconds("Until when it can be scanned"),
    status: status("pairing"),
  }),
  "device.connecting": z.object({
    status: status("connecting"),
    percent: z.number().optional().describe("How much is done"),
    message: z.string().optional().describe("What is being done"),
  }),
  "device.authenticated": Nothing,
  "device.connected": z.object({
    phone_number: z.string().nullable().describe("Digits only"),
    wa_jid: z.string().nullable().describe("The number as an address"),
    status: status("connected"),
    lid: Lid,
    name: z.string().optional().describe("The name that the owner chose"),
  }),
  "device.disconnected": z.object({
    reason: z.enum([
      "logout",
      "replaced",
      "banned",
      "auth_failure",
      "pairing_expired",
      "connection_lost",
      "restart_required",
      "stopped",
    ]).describe("Why"),
    status: status("disconnected"),
    message,
    final: z.boolean().describe("True: the gateway does not try again by itself"),
  }),
  "device.unstable": z.object({
    status: status("unstable"),
    disconnects: z.int().describe("How often the connection was lost"),
    within_seconds: z.int().describe("Within which time"),
    message: z.string().describe("A sentence for people"),
  }),
  "device.proxy_failed": z.object({
    proxy: z.string().describe("Where the proxy is, without user name and password"),
    message: z.string().describe("Why, for people"),
    timestamp: seconds("When"),
  }),
  "device.state": Nothing,

  "call.received": z.object({
    call_id: z.string().describe("WhatsApp's id of the call"),
    from: z.string().describe("Who calls"),
    from_lid: Lid,
    type: z.enum(["voice", "video"]).describe("The kind of call"),
    status: z.literal("ringing").describe("Always ringing"),
    timestamp: seconds("When it began"),
    group_id: z.string().optional().describe("The group, for a call to a group"),
    offline: z.boolean().describe("It was made while the gateway was not connected"),
  }),
  "call.ended": z.object({
    call_id: z.string().describe("WhatsApp's id of the call"),
    from: z.string().describe("Who called"),
    from_lid: Lid,
    status: z.enum(["accepted", "rejected", "missed", "terminated"]).describe("How it ended"),
    timestamp: seconds("When it ended"),
  }),

  "group.created": z.object({
    group_id: GroupId,
    subject: z.string().describe("Its name"),
    ...members,
    ...actor("created_by", "Who made it"),
  }),
  "group.join": Changed.extend(actor("added_by", "Who added them; null when they came by themselves")),
  "group.leave": Changed.extend(actor("removed_by", "Who removed them; null when they left by themselves")),
  "group.promote": Changed.extend(actor("promoted_by", "Who did it")),
  "group.demote": Changed.extend(actor("demoted_by", "Who did it")),
  "group.updated": z.object({
    group_id: GroupId,
    change: z.enum([
      "subject",
      "description",
      "picture",
      "announce",
      "locked",
      "invite_code",
      "join_approval",
      "member_add",
      "disappearing",
      "suspended",
      "linked",
      "unlinked",
    ]).describe("What has changed"),
    value: z.union([z.string(), z.boolean(), z.number(), z.null()])
      .describe("The new value: text, yes or no, or seconds; null for a picture"),
    ...actor("updated_by", "Who did it"),
  }),
  "group.deleted": z.object({
    group_id: GroupId,
    reason: z.string().optional().describe("WhatsApp's word for why"),
    ...actor("deleted_by", "Who did it"),
  }),
  "group.join_request": Changed.extend({
    state: z.enum(["requested", "withdrawn", "rejected"]).describe("What became of the request"),
    method: z.string().optional().describe("The way they came, in WhatsApp's word, such as invite_link"),
    ...actor("by", "Who asked for them, or refused them; null when it was themselves"),
  }),

  "contact.updated": z.object({
    contact_id: z.string().describe("Who: the phone number's address when the number is known, else the LID"),
    contact_lid: Lid,
    name: z.string().optional().describe("The name in your address book"),
    push_name: pushName,
    picture_changed: z.boolean().optional().describe("The picture is another one"),
  }),
  "presence.updated": z.object({
    chat_id: z.string().describe("Where"),
    from: z.string().describe("Who"),
    from_lid: Lid,
    presence: z.enum(["available", "unavailable", "composing", "recording", "paused"]).describe(
      "What they do",
    ),
    last_seen: z.int().optional().describe("When they were last online, Unix seconds"),
  }),
  "chat.updated": z.object({
    message_id: z.string().describe("WhatsApp's id of the message that says so"),
    chat_id: z.string().describe("Which chat"),
    chat_lid: Lid,
    change: z.enum(["disappearing"]).describe("What was changed"),
    value: z.int().describe("Seconds after which messages disappear; 0: they stay"),
    ...actor("updated_by", "Who did it"),
    from_me: z.boolean().describe("The owner did it, on the phone"),
    timestamp: seconds("When it was changed"),
  }),
  "contact.opted_out": OptWish,
  "contact.opted_in": OptWish,
  "identity.resolved": z.object({
    phone_number: z.string().describe("Digits only"),
    wa_jid: z.string().describe("The number as an address"),
    lid: z.string().describe("The hidden identity that it belongs to"),
  }),
  "identity.changed": z.object({
    contact_id: z.string().describe("The address from now on"),
    contact_lid: Lid,
    previous_id: z.string().describe("The address until now"),
    previous_lid: z.string().optional().describe("The LID until now, when it is known"),
    push_name: pushName,
    group_id: z.string().optional().describe("The group where it was told"),
    timestamp: seconds("When"),
  }),

  "media.received": z.object({
    message_id: z.string().nullable().describe("The message that the file belongs to, when it was told"),
    url: z.string().optional().describe(
      "Where its bytes can be fetched for a day, with the key; absent when they did not come along",
    ),
    mime_type: z.string().optional().describe("What it is, as the other server says"),
    file_name: z.string().optional().describe("Its name"),
    file_size: z.int().optional().describe("Bytes, when they came along"),
  }),
  "media.uploaded": Nothing,

  "webhook.test": z.object({
    message: z.string().describe("A sentence"),
    test: z.literal(true).describe("Always true"),
  }),
  "webhook.failing": Endpoint,
  "webhook.disabled": Endpoint,
  "webhook.recovered": Endpoint,
  "alert.messages_failed": z.object({
    failed: z.int().describe("How many failed"),
    limit: z.int().describe("How many you allow"),
    within_seconds: z.int().describe("Within which time"),
  }),
  "custom": Nothing,
};
