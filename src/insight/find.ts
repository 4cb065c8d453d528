import { InvalidError } from "../errors.ts";
import type { KabarEvent } from "../events/event.ts";
import { deliveryNumberOf } from "../webhooks/delivery_id.ts";
import { type TenantId } from "../ids.ts";
import type { Blast, Blasts } from "../store/blasts.ts";
import type { Deliveries, Delivery } from "../store/deliveries.ts";
import type { Device, Devices } from "../store/devices.ts";
import type { Events } from "../store/events.ts";
import type { Messages, OutgoingMessage } from "../store/messages.ts";
import type { Webhook } from "../store/webhooks.ts";
import { readPhoneNumber } from "../whatsapp/jid.ts";
import { messagesTo } from "./messages_to.ts";

/** Things of one kind that are shown at most. */
const MOST = 20;
/** Devices whose ids, names and numbers are looked through. */
const MOST_DEVICES = 1_000;

/** An id of ours that is not whole, with so much of its time that few others were made in the same minutes. */
const BEGINNING = /^(?:evt|msg|blast)_[0-9a-z]{6,25}$/;

/** What a text may mean, by kind; the newest first. */
export interface Found {
  readonly devices: readonly Device[];
  readonly webhooks: readonly Webhook[];
  readonly events: readonly KabarEvent[];
  readonly deliveries: readonly Delivery[];
  readonly messages: readonly OutgoingMessage[];
  readonly blasts: readonly Blast[];
}

export interface FindDeps {
  readonly devices: Pick<Devices, "list">;
  readonly webhooksOf: (tenantId: TenantId) => readonly Webhook[];
  readonly events: Pick<Events, "get" | "beginning">;
  readonly deliveries: Pick<Deliveries, "get">;
  readonly messages: Pick<Messages, "get" | "beginning" | "byWaMessageId" | "list">;
  readonly blasts: Pick<Blasts, "get" | "beginning">;
  /** What a leading 0 of a phone number stands for: digits. */
  readonly countryCode: string;
}

/**
 * Finds what a tenant's text means: an id of ours or its beginning, WhatsApp's id of a message, a phone number in any
 * spelling, or a part of a webhook's address or of a device's name. Everything is looked up by an index or in short
 * lists.
 */
export function createFind(deps: FindDeps) {
  async function ofTenant<T extends { readonly tenantId: TenantId }>(
    tenantId: TenantId,
    found: Promise<T | undefined>,
  ): Promise<readonly T[]> {
    const one = await found;
    return one?.tenantId === tenantId ? [one] : [];
  }

  async function byWaMessageId(tenantId: TenantId, text: string, devices: readonly Device[]) {
    if (!/^[A-Za-z0-9._=-]{8,100}$/.test(text)) return [];
    const found = await Promise.all(devices.map(({ id }) => deps.messages.byWaMessageId(text, id)));
    return found.filter((message) => message?.tenantId === tenantId)
      .filter((message) => message !== undefined);
  }

  async function byPhone(tenantId: TenantId, phone: string | undefined) {
    if (phone === undefined) return [];
    return await messagesTo(deps.messages, { tenantId, phone, countryCode: deps.countryCode }, {
      limit: MOST,
    });
  }

  /** Those with this id; those whose ids begin so, where it is not whole. */
  async function byId<T extends { readonly tenantId: TenantId }>(
    tenantId: TenantId,
    id: string,
    rows: {
      readonly get: (id: string) => Promise<T | undefined>;
      readonly beginning: (tenantId: TenantId, prefix: string, limit: number) => Promise<readonly T[]>;
    },
  ): Promise<readonly T[]> {
    const exact = await ofTenant(tenantId, rows.get(id));
    return exact.length > 0 || !BEGINNING.test(id) ? exact : await rows.beginning(tenantId, id, MOST);
  }

  return async (tenantId: TenantId, given: string): Promise<Found> => {
    const text = given.trim();
    const folded = text.toLowerCase();
    const all = await deps.devices.list({ tenantId, limit: MOST_DEVICES });
    const phone = phoneIn(text, deps.countryCode);
    const number = deliveryNumberOf(text);
    const [events, deliveries, message, waMessages, toPhone, blasts] = await Promise.all([
      text.startsWith("evt_") ? byId(tenantId, text, deps.events) : [],
      number === undefined ? [] : ofTenant(tenantId, deps.deliveries.get(number)),
      text.startsWith("msg_") ? byId(tenantId, text, deps.messages) : [],
      byWaMessageId(tenantId, text, all),
      byPhone(tenantId, phone),
      text.startsWith("blast_") ? byId(tenantId, text, deps.blasts) : [],
    ]);
    const includes = (value: string | null) => value !== null && value.toLowerCase().includes(folded);
    return {
      devices: folded === ""
        ? []
        : all.filter(({ id, alias, label, pushName, phoneNumber }) =>
          [id, alias, label, pushName].some(includes) || (phone !== undefined && phoneNumber === phone)
        ).slice(0, MOST),
      webhooks: folded === ""
        ? []
        : deps.webhooksOf(tenantId).filter(({ id, url }) => includes(id) || includes(url)).slice(0, MOST),
      events,
      deliveries,
      messages: distinct([...message, ...waMessages, ...toPhone]).slice(0, MOST),
      blasts,
    };
  };
}

/** The phone number that a text is, in any spelling: digits. */
export function phoneIn(text: string, countryCode: string): string | undefined {
  if (text.replace(/\D/g, "").length < 5) return undefined;
  try {
    return readPhoneNumber(text, { countryCode }).phone;
  } catch (error) {
    if (error instanceof InvalidError) return undefined; // it means something else
    throw error;
  }
}

function distinct(messages: readonly OutgoingMessage[]): readonly OutgoingMessage[] {
  return [...new Map(messages.map((message) => [message.id, message])).values()];
}
