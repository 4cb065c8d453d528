// What the tests of sending need: devices, messages, a line that can drop, and a record of what was published.
import type { EventDraft } from "../../src/events/event.ts";
import type { Publish } from "../../src/publish.ts";
import type { Device } from "../../src/store/devices.ts";
import type { OutgoingMessage } from "../../src/store/messages.ts";
import type { SendOutcome, Session } from "../../src/whatsapp/session.ts";

export const NOW = 1_762_000_000_000;
export const BUDI = "628123456789@s.whatsapp.net";

export function aDevice(overrides: Partial<Device> = {}): Device {
  return {
    id: "device_1",
    tenantId: "tenant_default",
    kind: "whatsapp",
    label: "Kasir",
    alias: null,
    status: "connected",
    phoneNumber: "4915100000001",
    jid: "4915100000001@s.whatsapp.net",
    lid: null,
    pushName: null,
    pacing: null,
    wanted: true,
    lastError: null,
    connectedAt: NOW,
    disconnectedAt: null,
    createdAt: NOW,
    updatedAt: NOW,
    ...overrides,
  };
}

let messages = 0;
export function aMessage(overrides: Partial<OutgoingMessage> = {}): OutgoingMessage {
  const number = ++messages;
  return {
    id: `msg_${number}`,
    tenantId: "tenant_default",
    deviceId: "device_1",
    channel: "whatsapp",
    to: BUDI,
    recipientPhone: "628123456789",
    recipientName: null,
    templateId: null,
    templateName: null,
    blastId: null,
    content: { kind: "text", text: `text ${number}` },
    context: {},
    status: "queued",
    receipt: null,
    waMessageId: `3EB0${number}`,
    error: null,
    attempts: 0,
    idempotencyKey: null,
    fingerprint: null,
    senderPhone: null,
    sendAt: null,
    statusAt: null,
    sentAt: null,
    deliveredAt: null,
    readAt: null,
    createdAt: NOW,
    updatedAt: NOW,
    ...overrides,
  };
}

/** Keeps what is published; the same dedupe key twice is one, as in the store. */
export function recorder(): { readonly publish: Publish; readonly drafts: EventDraft[] } {
  const drafts: EventDraft[] = [];
  const keys = new Set<string>();
  let seq = 0;
  return {
    drafts,
    publish(draft) {
      if (draft.dedupeKey !== undefined) {
        if (keys.has(draft.dedupeKey)) return Promise.resolve({ duplicate: true, eventId: "evt_before" });
        keys.add(draft.dedupeKey);
      }
      drafts.push(draft);
      seq++;
      const { type, tenantId, device, data } = draft;
      const event = { seq, tenantSeq: seq, id: `evt_${seq}`, type, tenantId, device, at: NOW, data };
      return Promise.resolve({
        duplicate: false,
        event: event as Extract<Awaited<ReturnType<Publish>>, { duplicate: false }>["event"],
        deliveries: [],
      });
    },
  };
}

/** The statuses that were published of a message, in order. */
export function statusesOf(drafts: readonly EventDraft[], messageId: string | null): readonly string[] {
  return drafts.flatMap((draft) =>
    draft.type === "message.status" && draft.data.messageId === messageId ? [draft.data.status] : []
  );
}

type Sending = Parameters<Session["send"]>[0];

/** A device's line: messages go out while it is up, and are answered as `answer` says. */
export class FakeLine {
  up = true;
  /** The number that the device is linked with. */
  phone = "4915100000001";
  readonly sent: Sending[] = [];
  /** What was shown in chats, in order. */
  readonly shown: string[] = [];
  answer: (message: Sending) => Promise<SendOutcome> | SendOutcome = () => ({
    ok: true,
    acceptedAt: NOW + 1,
  });

  /** What a message waits for before it leaves. */
  gate: (() => Promise<void>) | undefined;

  readonly sessionOf = (): Pick<Session, "send" | "setTyping"> | undefined =>
    this.up
      ? {
        setTyping: (_, typing) => Promise.resolve(void this.shown.push(typing)),
        send: async (message) => {
          if (this.gate !== undefined) await this.gate();
          this.sent.push(message);
          return await this.answer(message);
        },
      }
      : undefined;

  readonly phoneOf = (): string | null => this.up ? this.phone : null;

  /** The texts that were sent, in order. */
  get texts(): readonly string[] {
    return this.sent.flatMap(({ content }) => content.kind === "text" ? [content.text] : []);
  }
}
