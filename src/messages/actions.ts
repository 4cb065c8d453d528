import { sentMessage } from "./sent_message.ts";
import { RefusedError } from "../errors.ts";
import type { Jid } from "../events/person.ts";
import type { AddressBook } from "../devices/address_book.ts";
import type { SessionFor } from "../devices/session_for.ts";
import type { Device } from "../store/devices.ts";
import type { Inbox } from "../store/inbox.ts";
import type { Messages, OutgoingMessage } from "../store/messages.ts";
import { isGroup } from "../whatsapp/jid.ts";
import { Lru } from "../async/lru.ts";
import { newWaMessageId } from "../whatsapp/message_id.ts";
import type { MessageRef, OutgoingContent } from "../whatsapp/outgoing.ts";
import { recipientOf } from "./recipient.ts";

/** Phones take no edits and no deletions of what is older. */
const EDITABLE_MS = 15 * 60_000;
const DELETABLE_MS = 60 * 3_600_000;
const SEND_TIMEOUT_MS = 20_000;
/** Ids of messageActions whose receipts may still come. */
const REMEMBERED = 10_000;

/** A deed that WhatsApp has accepted. */
export interface Done {
  /** The message that it was done to: our own id where it has one. */
  readonly messageId: string;
  /** WhatsApp's id of the deed itself. */
  readonly waMessageId: string;
  readonly to: Jid;
  /** Epoch ms. */
  readonly at: number;
}

/** Names a message of a device: by WhatsApp's id, or by ours when it went out through the gateway. */
export interface Named {
  readonly device: Device;
  readonly messageId: string;
  /** The chat that it is in; known by itself as a rule. */
  readonly to?: string;
}

/** What is done to messages that are there already. Repeating it does no harm, so it needs no keys and no queue. */
export interface MessageActions {
  /** @param request.emoji Empty: takes the reaction back. */
  react(request: Named & { readonly emoji: string }): Promise<Done>;
  edit(request: Named & { readonly text: string }): Promise<Done>;
  /** Deletes a message for everybody. */
  remove(request: Named): Promise<Done>;
  /** True for the id of a deed: its receipts interest nobody. */
  isAction(waMessageId: string): boolean;
}

export interface DeedsDeps {
  readonly messages: Pick<Messages, "get" | "byWaMessageId">;
  readonly inbox: Pick<Inbox, "get">;
  readonly addresses: Pick<AddressBook, "chat">;
  readonly sessionFor: SessionFor;
  readonly countryCode: string;
  readonly now: () => number;
}

interface Target {
  readonly ref: MessageRef;
  readonly to: Jid;
  readonly sentAt: number;
  readonly name: string;
  readonly isText: boolean;
}

export function createMessageActions(
  { messages, inbox, addresses, sessionFor, countryCode, now }: DeedsDeps,
): MessageActions {
  const messageActions = new Lru<string, true>(REMEMBERED);

  async function find({ device, messageId, to }: Named): Promise<Target> {
    const chat = to === undefined ? undefined : recipientOf(to, "to", countryCode);
    const own = await sentMessage(messages, device.id, messageId);
    if (own !== undefined) return ownTarget(own, chat);
    const known =
      chat && await inbox.get(device.id, messageId, (await addresses.chat(device.id, chat)).jid) ||
      await inbox.get(device.id, messageId);
    if (known === undefined) throw unknownMessage(messageId);
    const { fromMe, sender, sentAt } = known;
    const place = placeOf(known.chat, chat);
    const participant = isGroup(place) && !fromMe && sender !== null ? { participant: sender } : {};
    return {
      ref: { waMessageId: messageId, fromMe, ...participant },
      to: place,
      sentAt,
      name: messageId,
      isText: true,
    };
  }

  async function act(device: Device, target: Target, content: OutgoingContent): Promise<Done> {
    const session = sessionFor(device);
    const waMessageId = newWaMessageId();
    messageActions.set(waMessageId, true);
    const { to, name } = target;
    const outcome = await session.send({ waMessageId, to, content }, { timeoutMs: SEND_TIMEOUT_MS });
    if (outcome.ok) return { messageId: name, waMessageId, to, at: outcome.acceptedAt };
    const { code, message } = outcome;
    throw new RefusedError("SEND_FAILED", `WhatsApp did not take it: ${message}`, {
      reason: { code, message },
    });
  }

  return {
    async react(request) {
      sessionFor(request.device);
      const target = await find(request);
      const { emoji } = request;
      return await act(request.device, target, { kind: "reaction", target: target.ref, emoji });
    },

    async edit(request) {
      sessionFor(request.device);
      const target = await find(request);
      mayChange(target, "edit", EDITABLE_MS, now());
      if (!target.isText) {
        throw new RefusedError("NOT_YOUR_MESSAGE", `Cannot edit message "${target.name}": it is not a text`);
      }
      return await act(request.device, target, { kind: "edit", target: target.ref, text: request.text });
    },

    async remove(request) {
      sessionFor(request.device);
      const target = await find(request);
      // an admin of a group may delete what others wrote there; WhatsApp knows who is one
      if (!isGroup(target.to) || target.ref.fromMe) mayChange(target, "delete", DELETABLE_MS, now());
      return await act(request.device, target, { kind: "delete", target: target.ref });
    },

    isAction: (waMessageId) => messageActions.has(waMessageId),
  };
}

/** What is said of a message that a device does not know. */
export function unknownMessage(messageId: string): RefusedError {
  const message = `Cannot find message "${messageId}": the device does not know it`;
  return new RefusedError("MESSAGE_NOT_FOUND", message);
}

function ownTarget(message: OutgoingMessage, chat: Jid | undefined): Target {
  if (message.waMessageId === null || message.status !== "sent") {
    throw new RefusedError(
      "MESSAGE_NOT_SENT_YET",
      `Cannot change message "${message.id}": it is ${message.status}, not sent`,
      { message_id: message.id, status: message.status },
    );
  }
  return {
    ref: { waMessageId: message.waMessageId, fromMe: true },
    to: placeOf(message.to, chat),
    sentAt: message.sentAt ?? message.createdAt,
    name: message.id,
    isText: message.content.kind === "text" || message.content.kind === "template",
  };
}

/**
 * Where something is done to a message: in its chat, by the address that was given of a person. What would go to a
 * group that does not have the message, or to a person instead of the group, would be shown nowhere.
 */
function placeOf(own: Jid, given: Jid | undefined): Jid {
  return given === undefined || isGroup(given) || isGroup(own) ? own : given;
}

function mayChange(target: Target, verb: "edit" | "delete", withinMs: number, now: number): void {
  if (!target.ref.fromMe) {
    throw new RefusedError(
      "NOT_YOUR_MESSAGE",
      `Cannot ${verb} message "${target.name}": somebody else wrote it`,
    );
  }
  if (now - target.sentAt <= withinMs) return;
  const limit = withinMs >= 3_600_000 ? `${withinMs / 3_600_000} hours` : `${withinMs / 60_000} minutes`;
  const message = `Cannot ${verb} message "${target.name}": phones only take that within ${limit}`;
  throw new RefusedError("MESSAGE_TOO_OLD", message);
}
