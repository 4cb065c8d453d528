import { keptFileUrlOf } from "./naming.ts";
import type { EndpointHealth, EventOf } from "../events/event.ts";
import { addressOf, lidOf, type Person } from "../events/person.ts";
import * as message from "./device_message.ts";
import type { ShapedEvent } from "./format.ts";
import { optionalSeconds, unixSeconds } from "./times.ts";

type Data = Readonly<Record<string, unknown>>;

/**
 * `data` of every event that the format `device` can say; undefined for the others. Addresses are phone-number jids
 * whenever the number is known; the LID has a field of its own. Times are Unix seconds.
 * @param specific The most telling name of the event, for those that have several.
 */
export function deviceData(event: ShapedEvent, specific: string): unknown {
  switch (event.type) {
    case "message.received":
      return message.received(event);
    case "message.sent":
      return message.sent(event);
    case "message.status":
      return message.status(event, specific);
    case "message.edited":
      return message.edited(event);
    case "message.deleted":
      return message.deleted(event);
    case "message.reaction":
      return message.reaction(event);
    case "device.qr":
      return { qr: event.data.code, expires_at: unixSeconds(event.data.expiresAt), status: "pairing" };
    case "device.connecting":
      return { status: "connecting", percent: event.data.percent, message: event.data.message };
    case "device.connected":
      return connected(event);
    case "device.disconnected": {
      const { reason, message, final } = event.data;
      return { reason, status: "disconnected", message, final };
    }
    case "device.unstable": {
      const { disconnects, withinMs, message } = event.data;
      return { status: "unstable", disconnects, within_seconds: Math.round(withinMs / 1000), message };
    }
    case "call.received":
      return call(event);
    case "call.ended":
      return {
        call_id: event.data.callId,
        from: addressOf(event.data.from),
        status: event.data.outcome,
        timestamp: unixSeconds(event.data.endedAt),
        from_lid: lidOf(event.data.from),
      };
    case "group.created":
      return {
        group_id: event.data.group,
        subject: event.data.subject,
        ...members(event.data.participants),
        ...actor("created_by", event.data.by),
      };
    case "group.join":
      return participants(event, "added_by");
    case "group.leave":
      return participants(event, "removed_by");
    case "group.promote":
      return participants(event, "promoted_by");
    case "group.demote":
      return participants(event, "demoted_by");
    case "group.updated": {
      const { group, change, by } = event.data;
      return {
        group_id: group,
        change: change.what,
        value: change.value,
        ...actor("updated_by", by),
      };
    }
    case "group.deleted":
      return {
        group_id: event.data.group,
        reason: event.data.reason,
        ...actor("deleted_by", event.data.by),
      };
    case "group.join_request": {
      const { group, participants, by, state, method } = event.data;
      return { group_id: group, state, method, ...members(participants), ...actor("by", by) };
    }
    case "identity.changed": {
      const { person, previous, group, changedAt } = event.data;
      return {
        contact_id: addressOf(person),
        contact_lid: lidOf(person),
        previous_id: addressOf(previous),
        previous_lid: lidOf(previous),
        push_name: person.pushName,
        group_id: group,
        timestamp: unixSeconds(changedAt),
      };
    }
    case "media.received": {
      const { messageId, mimeType, fileName, keptBytes } = event.data;
      return {
        message_id: messageId,
        url: keptFileUrlOf(event),
        mime_type: mimeType,
        file_name: fileName,
        file_size: keptBytes,
      };
    }
    case "device.proxy_failed": {
      const { proxy, message, failedAt } = event.data;
      return { proxy, message, timestamp: unixSeconds(failedAt) };
    }
    case "contact.updated":
      return {
        contact_id: addressOf(event.data.contact),
        contact_lid: lidOf(event.data.contact),
        name: event.data.name,
        push_name: event.data.contact.pushName,
        picture_changed: event.data.pictureChanged,
      };
    case "presence.updated":
      return {
        chat_id: event.data.chat.jid,
        from: addressOf(event.data.person),
        presence: event.data.presence,
        last_seen: optionalSeconds(event.data.lastSeenAt),
        from_lid: lidOf(event.data.person),
      };
    case "chat.updated": {
      const { messageId, chat, from, fromMe, change, changedAt } = event.data;
      return {
        message_id: messageId,
        chat_id: chat.jid,
        change: change.what,
        value: change.value,
        ...actor("updated_by", from),
        from_me: fromMe,
        timestamp: unixSeconds(changedAt),
        chat_lid: chat.lid,
      };
    }
    case "contact.opted_out":
    case "contact.opted_in":
      return {
        contact_id: addressOf(event.data.contact),
        contact_lid: lidOf(event.data.contact),
        push_name: event.data.contact.pushName,
        word: event.data.word,
        message_id: event.data.messageId,
        timestamp: unixSeconds(event.data.at),
      };
    case "identity.resolved":
      return { phone_number: digitsOf(event.data.pn), wa_jid: event.data.pn, lid: event.data.lid };
    case "webhook.failing":
    case "webhook.disabled":
    case "webhook.recovered":
      return health(event.data);
    case "alert.messages_failed": {
      const { failed, limit, withinMs } = event.data;
      return { failed, limit, within_seconds: Math.round(withinMs / 1000) };
    }
    default:
      return undefined;
  }
}

function connected({ data }: EventOf<"device.connected">): Data {
  return {
    phone_number: data.phoneNumber,
    wa_jid: data.jid ?? (data.phoneNumber === null ? null : `${data.phoneNumber}@s.whatsapp.net`),
    status: "connected",
    lid: data.lid,
    name: data.name,
  };
}

function call({ data }: EventOf<"call.received">): Data {
  return {
    call_id: data.callId,
    from: addressOf(data.from),
    type: data.kind,
    status: "ringing",
    timestamp: unixSeconds(data.calledAt),
    from_lid: lidOf(data.from),
    group_id: data.group,
    offline: data.offline,
  };
}

type InGroup = EventOf<"group.join" | "group.leave" | "group.promote" | "group.demote">;

function participants({ data: { group, participants, by } }: InGroup, who: string): Data {
  const themselves = by !== null && participants.some((one) => addressOf(one) === addressOf(by));
  return { group_id: group, ...members(participants), ...actor(who, themselves ? null : by) };
}

/** The LIDs are in the same order; null where one is not known, and left out when none is. */
function members(people: readonly Person[]): Data {
  return {
    participants: people.map(addressOf),
    participant_lids: people.some(({ lid }) => lid !== null) ? people.map(({ lid }) => lid) : undefined,
  };
}

/** Null when nobody else did it: somebody came by a link, or went. */
function actor(who: string, by: Person | null): Data {
  return { [who]: by && addressOf(by), [`${who}_lid`]: lidOf(by) };
}

function health({ webhookId, url, failures, since, lastError, statusCode }: EndpointHealth): Data {
  return {
    webhook_id: webhookId,
    url,
    failures,
    since: unixSeconds(since),
    last_error: lastError,
    status_code: statusCode,
  };
}

function digitsOf(jid: string): string {
  return jid.slice(0, jid.indexOf("@"));
}
