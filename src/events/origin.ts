import type { DraftDevice, EventDraft, EventSource } from "./event.ts";
import type { Jid } from "./person.ts";

/** What a device's row tells of where its events come from. */
interface Origin {
  readonly id: string;
  readonly alias: string | null;
  readonly kind: "whatsapp" | "external" | "qiscus";
  readonly jid: Jid | null;
}

const SOURCES: Readonly<Record<Origin["kind"], EventSource>> = {
  whatsapp: "whatsapp",
  qiscus: "qiscus",
  external: "universal",
};

/**
 * A device as drafts name it, with what each of its events can tell: its own address, and the system behind it.
 * @param passed Marks of the gateways that its event came through.
 */
export function draftDeviceOf(device: Origin, passed: readonly string[] = []): DraftDevice {
  const { id, alias, jid, kind } = device;
  return { id, alias, me: jid, source: SOURCES[kind], ...(passed.length > 0 && { passed }) };
}

/**
 * The draft as it is stored: what its device tells moves into the data. A source that knows better, such as another
 * server that names our address itself, keeps its word.
 */
export function withOrigin(draft: EventDraft): EventDraft {
  const { device, data } = draft;
  if (device === null || device.source === undefined) return draft;
  const { id, alias, source, me, passed } = device;
  const between = "chat" in data || "callId" in data; // somebody and us
  const own = between && data.me === undefined && me != null ? { me } : {};
  const way = passed === undefined ? {} : { passed };
  return { ...draft, device: { id, alias }, data: { source, ...way, ...own, ...data } } as EventDraft;
}
