import { NotFoundError } from "../errors.ts";
import type { KabarEvent } from "../events/event.ts";
import type { DeviceId, EventId, MessageId, TenantId } from "../ids.ts";
import type { Attempt, Deliveries, Delivery } from "../store/deliveries.ts";
import type { Events } from "../store/events.ts";
import type { Messages, OutgoingMessage } from "../store/messages.ts";
import type { MemberReceipt, Receipts } from "../store/receipts.ts";
import { dedupeKeyOf, type Told } from "../whatsapp/read_inbox.ts";

/** Deliveries and members that a trace shows at most. */
const MOST = 1_000;
/** Events about one message: what was accepted, and each step of each member of a group. */
const MOST_EVENTS = 200;

/** An event and what each webhook got of it. */
export interface EventTrace {
  readonly event: KabarEvent;
  readonly deliveries: readonly { readonly delivery: Delivery; readonly attempts: readonly Attempt[] }[];
}

/** A message on its way out, what its recipients did with it, and what was told of that to whom. */
export interface MessageTrace {
  readonly message: OutgoingMessage;
  /** Of a group's members. */
  readonly members: readonly MemberReceipt[];
  /** Oldest first. */
  readonly events: readonly EventTrace[];
}

export interface TraceDeps {
  readonly events: Pick<Events, "get" | "byDedupeKey" | "byDedupePrefix">;
  readonly deliveries: Pick<Deliveries, "list" | "attempts" | "ofEvents">;
  readonly messages: Pick<Messages, "get">;
  readonly receipts: Pick<Receipts, "list">;
}

/** Follows one event or message through everything that is stored of it. */
export interface Tracing {
  /** @throws {NotFoundError} If there is none, or it is another tenant's. */
  event(tenantId: TenantId, id: EventId): Promise<EventTrace>;
  /** The event of a message in a chat of a device; undefined when none was published, or it is kept no longer. */
  told(tenantId: TenantId, deviceId: DeviceId, told: Told): Promise<EventTrace | undefined>;
  /** What webhooks were sent of such messages, oldest first; messages of which nobody was told are left out. */
  deliveriesOf(
    tenantId: TenantId,
    deviceId: DeviceId,
    told: readonly Told[],
  ): Promise<ReadonlyMap<Told, readonly Delivery[]>>;
  /** @throws {NotFoundError} If there is none, or it is another tenant's. */
  message(tenantId: TenantId, id: MessageId): Promise<MessageTrace>;
}

/** Under which keys the event of a message may be: its LID may not have been known yet when it came. */
function keysOf(deviceId: DeviceId, { type, data: { chat, messageId } }: Told): readonly string[] {
  const chats = chat.lid === undefined ? [chat] : [chat, { ...chat, lid: undefined }];
  return chats.map((each) => dedupeKeyOf(deviceId, type, each, messageId));
}

export function createTracing({ events, deliveries, messages, receipts }: TraceDeps): Tracing {
  async function traceOf(event: KabarEvent): Promise<EventTrace> {
    const found = await deliveries.list({ tenantId: event.tenantId, eventId: event.id }, { limit: MOST });
    return {
      event,
      deliveries: await Promise.all(
        found.toReversed().map(async (delivery) => ({
          delivery,
          attempts: await deliveries.attempts(delivery.number),
        })),
      ),
    };
  }

  return {
    async event(tenantId, id) {
      const event = await events.get(id);
      if (event === undefined || event.tenantId !== tenantId) throw new NotFoundError("event", id);
      return await traceOf(event);
    },
    async told(tenantId, deviceId, told) {
      for (const key of keysOf(deviceId, told)) {
        const event = await events.byDedupeKey(tenantId, key);
        if (event !== undefined) return await traceOf(event);
      }
    },
    async deliveriesOf(tenantId, deviceId, told) {
      const keys = new Map(told.map((one) => [one, keysOf(deviceId, one)]));
      const found = await deliveries.ofEvents(tenantId, [...keys.values()].flat());
      return new Map(
        [...keys].flatMap(([one, own]) => {
          const its = own.flatMap((key) => found.get(key) ?? []);
          return its.length === 0 ? [] : [[one, its]];
        }),
      );
    },
    async message(tenantId, id) {
      const message = await messages.get(id);
      if (message === undefined || message.tenantId !== tenantId) throw new NotFoundError("message", id);
      const [members, about] = await Promise.all([
        receipts.list(id, MOST),
        events.byDedupePrefix(tenantId, `${id}/`, MOST_EVENTS),
      ]);
      return { message, members, events: await Promise.all(about.map(traceOf)) };
    },
  };
}
