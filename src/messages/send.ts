import { cannotSend, offline } from "../devices/session_for.ts";
import { RefusedError } from "../errors.ts";
import type { Content, MediaKind } from "../events/content.ts";
import { type DeviceId, newId, type TenantId } from "../ids.ts";
import type { Device } from "../store/devices.ts";
import type { Inbox } from "../store/inbox.ts";
import type { Messages, OutgoingMessage } from "../store/messages.ts";
import { isGroup, isLid, phoneOf } from "../whatsapp/jid.ts";
import { newWaMessageId } from "../whatsapp/message_id.ts";
import { NOT_ON_WHATSAPP, UNKNOWN_LID } from "../whatsapp/send_errors.ts";
import { cardsOf, type NewCard } from "./contact_cards.ts";
import { fingerprintOf } from "./fingerprint.ts";
import type { Outbox } from "./outbox.ts";
import type { FileRequest, OutgoingFiles } from "./outgoing_files.ts";
import { checkPlaying, type Playing } from "./playing.ts";
import { recipientOf } from "./recipient.ts";
import { contextOf, saidBy } from "./said.ts";
import { sameRequest } from "./same_request.ts";

/** How long an answer waits for WhatsApp before it says `queued` or `processing`. */
const ANSWER_WITHIN_MS = 30_000;

/** What somebody wants to say: files are still where they come from. */
export type NewContent =
  | Extract<Content, { readonly kind: "text" | "location" | "poll" }>
  | { readonly kind: "contact"; readonly contacts: readonly NewCard[] }
  /** Another message of the device's chats: WhatsApp's id, or our own of one that we sent. */
  | { readonly kind: "forward"; readonly messageId: string }
  | {
    /** `any`: what the file's type suggests. */
    readonly kind: MediaKind | "any";
    readonly file: FileRequest;
    readonly caption?: string;
    readonly fileName?: string;
    readonly seconds?: number;
  } & Playing;

/** The same with contacts as they are sent. */
export type WordedContent =
  | Exclude<NewContent, { readonly kind: "contact" }>
  | Extract<Content, { readonly kind: "contact" }>;

export interface SendRequest {
  readonly tenantId: TenantId;
  readonly device: Device;
  /** A phone number in any usual spelling, or a jid. */
  readonly to: string;
  readonly content: NewContent;
  /** The message that this one answers: WhatsApp's id, or our own of one that we sent. */
  readonly quotedId?: string;
  readonly mentions?: readonly string[];
  readonly idempotencyKey?: string;
  /** False: it is stored and sent as soon as the device is connected, and nobody waits for that. */
  readonly wait: boolean;
  /** With `wait: false`: it is refused all the same while the device is not connected. */
  readonly onlyConnected?: boolean;
}

export interface Sent {
  readonly message: OutgoingMessage;
  /** The request was made before under this idempotency key: this is what became of it. */
  readonly replayed: boolean;
}

/**
 * Sends one message through a device.
 * @throws {RefusedError | DeviceOfflineError} If it cannot be sent; nothing is stored, except when WhatsApp refused it.
 */
export type SendMessage = (request: SendRequest) => Promise<Sent>;

export interface SendDeps {
  readonly messages: Pick<Messages, "create" | "get" | "byIdempotencyKey" | "byWaMessageId">;
  readonly inbox: Pick<Inbox, "get">;
  readonly outbox: Pick<Outbox, "add" | "outcome">;
  readonly isConnected: (deviceId: DeviceId) => boolean;
  /** The number under which the device is connected, digits; null while it is not. */
  readonly phoneOf: (deviceId: DeviceId) => string | null;
  readonly files: Pick<OutgoingFiles, "bring" | "discard">;
  /** What a leading 0 of a phone number stands for: digits. */
  readonly countryCode: string;
  readonly now: () => number;
  readonly answerWithinMs?: number;
}

export function createSendMessage(deps: SendDeps): SendMessage {
  const { messages, outbox, files, now } = deps;
  const answerWithinMs = deps.answerWithinMs ?? ANSWER_WITHIN_MS;

  async function answerOf(message: OutgoingMessage, wait: boolean, replayed: boolean): Promise<Sent> {
    let known = message;
    if (wait && isOpen(message)) {
      const decided = outbox.outcome(message.id, answerWithinMs);
      if (replayed) {
        // It may have been decided between the reading and the asking.
        const current = await messages.get(message.id) ?? message;
        known = isOpen(current) ? await decided ?? current : current;
      } else {
        outbox.add(message);
        known = await decided ?? await messages.get(message.id) ?? message;
      }
    } else if (!replayed) {
      outbox.add(message);
    }
    if (wait && known.status === "failed") throw sendFailed(known);
    return { message: known, replayed };
  }

  return async (request) => {
    const { tenantId, device, quotedId, mentions, idempotencyKey, wait } = request;
    if (device.kind !== "whatsapp") throw cannotSend(device);
    const to = recipientOf(request.to, "to", deps.countryCode);
    const content = worded(request.content, deps.countryCode);
    if ("file" in content && content.kind !== "any") checkPlaying(content.kind, content);
    const { id: deviceId } = device;
    const fingerprint = idempotencyKey === undefined
      ? null
      : fingerprintOf({ deviceId, to, content, quotedId, mentions });
    const asked = { deviceId, to, fingerprint };
    const before = idempotencyKey === undefined
      ? undefined
      : await messages.byIdempotencyKey(tenantId, idempotencyKey);
    if (before !== undefined) return await answerOf(sameRequest(before, asked), wait, true);
    if ((wait || request.onlyConnected) && !deps.isConnected(deviceId)) throw offline(device);

    const context = await contextOf(request, deps);
    const waMessageId = newWaMessageId();
    const said = await saidBy(content, waMessageId, device, deps);
    const at = now();
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
      content: said.content,
      context: { ...context, ...said.context },
      status: "queued",
      receipt: null,
      waMessageId,
      error: null,
      attempts: 0,
      idempotencyKey: idempotencyKey ?? null,
      fingerprint,
      senderPhone: deps.phoneOf(deviceId) ?? device.phoneNumber,
      statusAt: null,
      sentAt: null,
      deliveredAt: null,
      readAt: null,
      createdAt: at,
      updatedAt: at,
    };
    const creating = messages.create(queued);
    if (wait && idempotencyKey === undefined) {
      // It is new for sure, and its session lets nothing leave before the row is on disk: no need to wait for that.
      const [answer] = await Promise.all([answerOf(queued, wait, false), creating]);
      return answer;
    }
    const { message, created } = await creating;
    if (!created && "file" in content) await files.discard(waMessageId);
    return await answerOf(created ? message : sameRequest(message, asked), wait, !created);
  };
}

function worded(content: NewContent, countryCode: string): WordedContent {
  if (content.kind !== "contact") return content;
  return { kind: "contact", contacts: cardsOf(content.contacts, countryCode) };
}

/** Why a message that has failed did, for who sent it. */
export function sendFailed(message: OutgoingMessage): RefusedError {
  const error = message.error ?? { code: null, message: "WhatsApp did not take it" };
  const details = { message_id: message.id, attempts: message.attempts, reason: error };
  if (error.message === NOT_ON_WHATSAPP.message || error.message === UNKNOWN_LID.message) {
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

/** It is not decided yet. */
export function isOpen({ status }: OutgoingMessage): boolean {
  return status === "queued" || status === "processing";
}
