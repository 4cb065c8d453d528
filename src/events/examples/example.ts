import type { EventData, EventDevice, EventOf, EventType, KabarEvent } from "../event.ts";
import type { Chat, Person } from "../person.ts";

/** An event as users are shown it. All people, numbers and addresses in examples are made up. */
export interface Example {
  /** What this one shows: the kind of content, or a word such as `group`. Unique for its type of event. */
  readonly kind: string;
  readonly event: KabarEvent;
}

/** Epoch ms of what happens in examples: 2026-11-26 02:11:50 UTC. */
export const AT = 1_795_659_110_000;

export const DEVICE: EventDevice = { id: "device_01kb0example0shop", alias: "kasir-1" };
export const ME = "628000000100@s.whatsapp.net";
export const SARI = {
  pn: "628000000142@s.whatsapp.net",
  lid: "200000000000142@lid",
  pushName: "Ibu Sari",
} as const satisfies Person;
export const BUDI = {
  pn: "628000000177@s.whatsapp.net",
  lid: "200000000000177@lid",
  pushName: "Budi",
} as const satisfies Person;
export const CHAT: Chat = { kind: "person", jid: SARI.pn, lid: SARI.lid };
export const GROUP: Chat = { kind: "group", jid: "120363000000000042@g.us" };

/** An example of one device, unless `device` is null. */
export function example<T extends EventType>(
  type: T,
  kind: string,
  data: EventData[T],
  device: EventDevice | null = DEVICE,
): Example {
  const event = {
    seq: 4711,
    tenantSeq: 1284,
    id: "evt_01kb0example0event",
    type,
    tenantId: "tenant_default",
    device,
    at: AT + 212,
    data: device === null ? data : { ...data, source: "whatsapp" },
  };
  return { kind, event: event as unknown as EventOf<T> }; // type and data belong together
}
