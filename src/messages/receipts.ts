import type { Chat, Person } from "../events/person.ts";
import type { Publish } from "../publish.ts";
import { draftDeviceOf } from "../events/origin.ts";
import type { DeviceId } from "../ids.ts";
import type { Device } from "../store/devices.ts";
import type { Messages, OutgoingMessage } from "../store/messages.ts";
import type { MemberReceipt, Receipts } from "../store/receipts.ts";
import type { AddressBook } from "../devices/address_book.ts";
import type { SessionReceipt } from "../whatsapp/session.ts";
import { chatOf, keyOf, statusDraft } from "./drafts.ts";
import type { Outbox } from "./outbox.ts";
import { advance, isOpen, type StatusStep } from "./status.ts";

export interface ReceiptDeps {
  readonly messages: Pick<Messages, "byWaMessageId" | "change">;
  readonly receipts: Pick<Receipts, "get" | "put">;
  /** Where a device's messages are changed instead, when that is held under a lease. */
  readonly storeOf?: (deviceId: DeviceId) => {
    readonly messages: Pick<Messages, "change">;
    readonly receipts: Pick<Receipts, "put">;
  };
  readonly outbox: Pick<Outbox, "accepted" | "failed">;
  readonly publish: Publish;
  /** Knows both addresses of a recipient; left out: the one that the message was sent to. */
  readonly addresses?: Pick<AddressBook, "chat">;
  /** True for what is no message of its own, such as a reaction: its receipts interest nobody. */
  readonly isSilent: (waMessageId: string) => boolean;
  readonly now: () => number;
}

/** Takes the receipts that a device's session reports; when it resolves, they cannot be lost any more. */
export type TakeReceipts = (device: Device, receipts: readonly SessionReceipt[]) => Promise<void>;

/**
 * Matches receipts with the messages that went out. Each step is published first and written down then (the store
 * commits in the order in which it is asked): after a crash in between, the same receipt finds the step undone, and the
 * event there already.
 */
export function createTakeReceipts(deps: ReceiptDeps): TakeReceipts {
  const { messages, outbox, publish, isSilent, now } = deps;
  /** The last of what is being done for a message: receipts that come close together keep their order. */
  const tails = new Map<string, Promise<void>>();

  async function take(device: Device, receipt: SessionReceipt): Promise<void> {
    const message = await messages.byWaMessageId(receipt.waMessageId, device.id);
    if (message === undefined) {
      if (!isSilent(receipt.waMessageId)) await tellOfUnknown(device, receipt);
      return;
    }
    const { status, at } = receipt;
    if (status === "sent") {
      if (isOpen(message)) await outbox.accepted(message, at);
    } else if (status === "failed") {
      await takeFailure(message, receipt);
    } else {
      const accepted = isOpen(message) ? await outbox.accepted(message, at) : message;
      if (receipt.participant === undefined) await takeReceipt(device, accepted, receipt);
      else await takeMember(device, accepted, { ...receipt, status, participant: receipt.participant });
    }
  }

  async function takeFailure(message: OutgoingMessage, { reason, at }: SessionReceipt): Promise<void> {
    const why = reason ?? { code: null, message: "WhatsApp could not deliver it" };
    if (advance(message, { status: "failed", at, reason: why }, now()) === null) return;
    await outbox.failed({ ...message, attempts: Math.max(1, message.attempts) }, why);
  }

  async function takeReceipt(
    device: Device,
    message: OutgoingMessage,
    receipt: StatusStep & SessionReceipt,
  ): Promise<void> {
    const { status, at } = receipt;
    const change = advance(message, { status, at }, now());
    if (change === null) return;
    const { deliveredAt, readAt } = change;
    const draft = statusDraft(
      message,
      draftDeviceOf(device),
      { status, at, deliveredAt, readAt },
      await chatFor(device, message, receipt),
    );
    await Promise.all([publish(draft), write(message, { status, at })]);
  }

  async function takeMember(
    device: Device,
    message: OutgoingMessage,
    receipt: SessionReceipt & { readonly status: MemberReceipt["receipt"]; readonly participant: Person },
  ): Promise<void> {
    const { status, at, participant } = receipt;
    const { key, before } = await heard(message.id, participant);
    if (before !== undefined && rankOf(before.receipt) >= rankOf(status)) return;
    const after: MemberReceipt = {
      messageId: message.id,
      participant: key,
      receipt: status,
      deliveredAt: before?.deliveredAt ?? at,
      readAt: status === "delivered" ? null : before?.readAt ?? at,
    };
    const { deliveredAt, readAt } = after;
    const progress = { status, at, deliveredAt, readAt, participant };
    const draft = statusDraft(
      message,
      draftDeviceOf(device),
      progress,
      await chatFor(device, message, receipt),
    );
    const { receipts } = deps.storeOf?.(device.id) ?? deps;
    // most members tell what others have told before: a message never goes back
    const isNews = advance(message, { status, at }, now()) !== null;
    const writing = isNews ? write(message, { status, at }) : undefined;
    await Promise.all([publish(draft), receipts.put(after), writing]);
  }

  /** What is known of a member, under whichever address it was told first. */
  async function heard(messageId: string, participant: Person) {
    const addresses = [participant.pn, participant.lid].filter((jid) => jid !== null);
    for (const key of addresses) {
      const before = await deps.receipts.get(messageId, key);
      if (before !== undefined) return { key, before };
    }
    return { key: addresses[0] ?? "", before: undefined };
  }

  /** The receipt may know the recipient by both addresses, or the address book does. */
  async function chatFor(device: Device, { to }: OutgoingMessage, { chat }: SessionReceipt): Promise<Chat> {
    if (chat.kind === "person" && chat.lid !== undefined && chat.lid !== chat.jid) return chat;
    return await deps.addresses?.chat(device.id, to) ?? chatOf(to);
  }

  async function write(message: OutgoingMessage, step: StatusStep): Promise<void> {
    const own = message.deviceId === null ? undefined : deps.storeOf?.(message.deviceId).messages;
    await (own ?? messages).change(message.id, (current) => advance(current, step, now()), now(), message);
  }

  /** A message that was typed on the phone, or that is forgotten here. */
  async function tellOfUnknown(device: Device, receipt: SessionReceipt): Promise<void> {
    const { waMessageId, chat, status, at, participant, reason } = receipt;
    await publish({
      type: "message.status",
      tenantId: device.tenantId,
      device: draftDeviceOf(device),
      dedupeKey: [device.id, waMessageId, status, ...keyOf(participant)].join("/"),
      data: {
        messageId: null,
        waMessageId,
        chat,
        status,
        statusAt: at,
        ...(status === "delivered" ? { deliveredAt: at } : {}),
        ...(status === "read" || status === "played" ? { readAt: at } : {}),
        ...(participant === undefined ? {} : { participant }),
        ...(reason === undefined ? {} : { reason }),
      },
    });
  }

  return async (device, receipts) => {
    const work = receipts.map((receipt) => {
      const key = `${device.id}/${receipt.waMessageId}`;
      const done = (tails.get(key) ?? Promise.resolve()).then(() => take(device, receipt));
      const tail = done.catch(() => {}).finally(() => { // whoever reported it is told below
        if (tails.get(key) === tail) tails.delete(key);
      });
      tails.set(key, tail);
      return done;
    });
    await Promise.all(work);
  };
}

function rankOf(receipt: MemberReceipt["receipt"]): number {
  return ["delivered", "read", "played"].indexOf(receipt);
}
