import type { Person } from "../events/person.ts";
import type { Publish } from "../publish.ts";
import type { Device } from "../store/devices.ts";
import type { Messages, OutgoingMessage } from "../store/messages.ts";
import type { MemberReceipt, Receipts } from "../store/receipts.ts";
import type { SessionReceipt } from "../whatsapp/session.ts";
import { eventDeviceOf, keyOf, statusDraft } from "./drafts.ts";
import type { Outbox } from "./outbox.ts";
import { advance, type StatusStep } from "./status.ts";

export interface ReceiptDeps {
  readonly messages: Pick<Messages, "byWaMessageId" | "change">;
  readonly receipts: Pick<Receipts, "get" | "put">;
  readonly outbox: Pick<Outbox, "accepted" | "failed">;
  readonly publish: Publish;
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
    { status, at }: StatusStep & SessionReceipt,
  ): Promise<void> {
    const change = advance(message, { status, at }, now());
    if (change === null) return;
    const { deliveredAt, readAt } = change;
    const draft = statusDraft(message, eventDeviceOf(device), { status, at, deliveredAt, readAt });
    await Promise.all([publish(draft), write(message, { status, at })]);
  }

  async function takeMember(
    device: Device,
    message: OutgoingMessage,
    receipt: SessionReceipt & { readonly status: MemberReceipt["receipt"]; readonly participant: Person },
  ): Promise<void> {
    const { status, at, participant } = receipt;
    const [key = ""] = keyOf(participant);
    const before = await deps.receipts.get(message.id, key);
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
    const draft = statusDraft(message, eventDeviceOf(device), progress);
    await Promise.all([publish(draft), deps.receipts.put(after), write(message, { status, at })]);
  }

  async function write(message: OutgoingMessage, step: StatusStep): Promise<void> {
    await messages.change(message.id, (current) => advance(current, step, now()), now());
  }

  /** A message that was typed on the phone, or that is forgotten here. */
  async function tellOfUnknown(device: Device, receipt: SessionReceipt): Promise<void> {
    const { waMessageId, chat, status, at, participant, reason } = receipt;
    await publish({
      type: "message.status",
      tenantId: device.tenantId,
      device: eventDeviceOf(device),
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

function isOpen({ status }: OutgoingMessage): boolean {
  return status === "queued" || status === "processing";
}
