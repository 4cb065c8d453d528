import { cannotSend, offline } from "../devices/session_for.ts";
import { RefusedError } from "../errors.ts";
import type { Jid } from "../events/person.ts";
import { type DeviceId, newId } from "../ids.ts";
import type { Device } from "../store/devices.ts";
import type { Inbox } from "../store/inbox.ts";
import type { MessageError, Messages, OutgoingMessage } from "../store/messages.ts";
import { isGroup, isLid, phoneOf } from "../whatsapp/jid.ts";
import type { AddressBook } from "../devices/address_book.ts";
import { newWaMessageId } from "../whatsapp/message_id.ts";
import type { ReadInbox } from "../whatsapp/read_inbox.ts";
import { cardsOf } from "./contact_cards.ts";
import { fingerprintOf } from "./idempotency.ts";
import type { Outbox } from "./outbox.ts";
import type { OutgoingFiles } from "../media/outgoing.ts";
import { checkLeaving } from "./leaving.ts";
import type { MessageSchedule } from "./schedule.ts";
import { checkMediaOptions } from "../media/options.ts";
import { isOpen } from "./status.ts";
import { readRecipientOf } from "./recipient.ts";
import type { ComposedContent, NewContent, SendMessage, Sent } from "./request.ts";
import { composeContent, contextOf } from "./compose.ts";
import { sameRequest } from "./repeated_request.ts";

/** How long an answer waits for WhatsApp before it says `queued` or `processing`. */
const ANSWER_WITHIN_MS = 30_000;

export interface SendDeps {
  readonly messages: Pick<Messages, "create" | "get" | "byIdempotencyKey" | "byWaMessageId">;
  readonly inbox: Pick<Inbox, "get">;
  readonly readInbox: ReadInbox;
  readonly outbox: Pick<Outbox, "add" | "plan" | "outcome">;
  /** To be told of messages for later. */
  readonly schedule: Pick<MessageSchedule, "added">;
  readonly isConnected: (device: Device) => boolean;
  /** Another gateway sends the device's messages, and finds them in the store. Left out: none does. */
  readonly isElsewhere?: (deviceId: DeviceId) => boolean;
  /** The number under which the device is connected, digits; null while it is not. */
  readonly phoneOf: (deviceId: DeviceId) => string | null;
  readonly files: Pick<OutgoingFiles, "bring" | "discard">;
  /** Knows both addresses of a recipient. */
  readonly addresses?: Pick<AddressBook, "person">;
  /** What a leading 0 of a phone number stands for: digits. */
  readonly countryCode: string;
  readonly now: () => number;
  readonly answerWithinMs?: number;
}

export function createSendMessage(deps: SendDeps): SendMessage {
  const { messages, outbox, schedule, files, now } = deps;
  const answerWithinMs = deps.answerWithinMs ?? ANSWER_WITHIN_MS;

  async function answerOf(message: OutgoingMessage, wait: boolean, replayed: boolean): Promise<Sent> {
    if (message.status === "scheduled") {
      if (!replayed) await schedule.added();
      return { message, replayed };
    }
    let known = message;
    let leavesAt: number | undefined;
    if (wait && isOpen(message)) {
      const decided = outbox.outcome(message.id, answerWithinMs);
      if (replayed) {
        // It may have been decided between the reading and the asking.
        const current = await messages.get(message.id) ?? message;
        known = isOpen(current) ? await decided ?? current : current;
      } else {
        leavesAt = outbox.plan(message);
        outbox.add(message);
        if (leavesAt !== undefined && leavesAt - now() >= answerWithinMs) {
          return { message, leavesAt, replayed };
        }
        known = await decided ?? await messages.get(message.id) ?? message;
      }
    } else if (!replayed) {
      leavesAt = outbox.plan(message);
      outbox.add(message);
    }
    if (wait && known.status === "failed") throw sendFailed(known);
    return { message: known, replayed, ...(leavesAt !== undefined && isOpen(known) && { leavesAt }) };
  }

  async function otherAddress(deviceId: DeviceId, to: Jid): Promise<Jid | undefined> {
    if (isGroup(to)) return undefined;
    const { pn = null, lid = null } = await deps.addresses?.person(deviceId, to) ?? {};
    return (isLid(to) ? pn : lid) ?? undefined;
  }

  return async (request) => {
    const { tenantId, device, quotedId, mentions, idempotencyKey, sendAt, wait } = request;
    if (device.kind !== "whatsapp") throw cannotSend(device);
    const { jid: to, normalizedFrom } = readRecipientOf(request.to, "to", deps.countryCode);
    const told = (sent: Sent): Sent => normalizedFrom === undefined ? sent : { ...sent, normalizedFrom };
    const content = composed(request.content, deps.countryCode);
    if ("file" in content && content.kind !== "any") checkMediaOptions(content.kind, content);
    const { id: deviceId } = device;
    const print = (address: Jid) =>
      fingerprintOf({ deviceId, to: address, content, quotedId, mentions, sendAt });
    const fingerprint = idempotencyKey === undefined ? null : print(to);
    // the same request may name its recipient by the other address, and so may another message of the chat
    const isOneOfTwo = idempotencyKey !== undefined || isLid(to);
    const other = isOneOfTwo ? await otherAddress(deviceId, to) : undefined;
    const asked = { deviceId, to, fingerprint, ...(other === undefined ? {} : { alike: print(other) }) };
    const before = idempotencyKey === undefined
      ? undefined
      : await messages.byIdempotencyKey(tenantId, idempotencyKey);
    if (before !== undefined) return told(await answerOf(sameRequest(before, asked), wait, true));
    const at = now();
    if (sendAt !== undefined) {
      checkLeaving({ field: "send_at", at: sendAt, got: new Date(sendAt).toISOString() }, at);
    }
    const isLater = sendAt !== undefined && sendAt > at;
    if (!isLater && (wait || request.onlyConnected) && !deps.isConnected(device)) throw offline(device);

    const context = await contextOf(request, deps);
    const waMessageId = newWaMessageId();
    const built = await composeContent(content, waMessageId, {
      device,
      urlOwner: request.urlOwner ?? tenantId,
    }, deps);
    const queued: OutgoingMessage = {
      id: newId("msg"),
      tenantId,
      deviceId,
      channel: "whatsapp",
      to,
      recipientPhone: phoneOf(to),
      recipientName: null,
      templateId: null,
      templateName: null,
      blastId: null,
      content: built.content,
      context: {
        ...context,
        ...built.context,
        ...(request.callbackData === undefined ? {} : { callbackData: request.callbackData }),
      },
      status: isLater ? "scheduled" : "queued",
      receipt: null,
      waMessageId,
      error: null,
      attempts: 0,
      idempotencyKey: idempotencyKey ?? null,
      fingerprint,
      senderPhone: deps.phoneOf(deviceId) ?? device.phoneNumber,
      sendAt: sendAt ?? null,
      statusAt: null,
      sentAt: null,
      deliveredAt: null,
      readAt: null,
      createdAt: at,
      updatedAt: at,
    };
    const leavesNow = wait && !isLater && idempotencyKey === undefined && !deps.isElsewhere?.(deviceId);
    const creating = messages.create(queued, { unhurried: leavesNow });
    if (leavesNow) {
      // It is new for sure, and its session lets nothing leave before the row is on disk: no need to wait for that.
      // What the session writes before shares the row's commit.
      const [answer] = await Promise.all([answerOf(queued, wait, false), creating]);
      return told(answer);
    }
    const { message, created } = await creating;
    if (!created && "file" in content) await files.discard(waMessageId);
    return told(await answerOf(created ? message : sameRequest(message, asked), wait, !created));
  };
}

function composed(content: NewContent, countryCode: string): ComposedContent {
  if (content.kind !== "contact") return content;
  return { kind: "contact", contacts: cardsOf(content.contacts, countryCode) };
}

/** Why a message that has failed did, for who sent it. */
export function sendFailed(message: OutgoingMessage): RefusedError {
  const error: MessageError = message.error ?? { code: null, message: "WhatsApp did not take it" };
  const details = { message_id: message.id, attempts: message.attempts, reason: error };
  if (error.reason === "not_on_whatsapp" || error.reason === "unknown_lid") {
    const who = phoneOf(message.to) ?? message.to;
    const what = isLid(message.to) ? "WhatsApp does not know this LID" : "this number is not on WhatsApp";
    return new RefusedError("NOT_ON_WHATSAPP", `Cannot send to ${who}: ${what}`, details);
  }
  if (isGroup(message.to) && error.code === 404) {
    return new RefusedError(
      "GROUP_NOT_FOUND",
      `Cannot send to ${message.to}: there is no such group`,
      details,
    );
  }
  return new RefusedError("SEND_FAILED", `WhatsApp did not take the message: ${error.message}`, details);
}
