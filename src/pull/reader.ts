import { InvalidError, NotFoundError, RefusedError } from "../errors.ts";
import type { KabarEvent } from "../events/event.ts";
import type { Jid } from "../events/person.ts";
import { subscribedNames, validateTopics } from "../events/topics.ts";
import { type FormatName, formatOf } from "../formats/mod.ts";
import type { DeviceId, TenantId } from "../ids.ts";
import type { Devices } from "../store/devices.ts";
import type { Events } from "../store/events.ts";

/** Events looked at in one go before the cursor is handed back, however few of them were wanted. */
const SCAN_AT_MOST = 5_000;
const PAGE = 500;

/**
 * An event as it is pulled: the body that a webhook of its format gets, with the event's number and id, which the body
 * itself holds in the format `device` only.
 */
export type PulledEvent = Readonly<Record<string, unknown>> & {
  readonly seq: number;
  readonly event_id: string;
};

export interface Wanted {
  readonly tenantId: TenantId;
  /** Names, groups and `*`, as webhooks have them. */
  readonly topics: readonly string[];
  /** Undefined: all. */
  readonly deviceIds: readonly DeviceId[] | undefined;
  /** Only what happened in these chats, and on the devices themselves; null: everything. */
  readonly chats: readonly Jid[] | null;
  /** With the codes by which a phone is linked. */
  readonly codes: boolean;
  readonly format: FormatName;
}

/** What of a tenant's events whoever asks may have. */
export type Reach = Pick<Wanted, "chats" | "codes">;

export interface Batch {
  readonly events: readonly PulledEvent[];
  /** The number of the last event that was looked at: where to go on. */
  readonly next: number;
  /** There may be more right now. */
  readonly more: boolean;
}

export interface EventReaderDeps {
  readonly events: Pick<Events, "list" | "range">;
  readonly devices: Pick<Devices, "find">;
}

/** Reads the log of a tenant's events by cursor: the number of the last event that was seen. */
export interface EventReader {
  /**
   * @param topics Names of the format, groups and `*`; undefined: all.
   * @throws {InvalidError} If a topic does not exist in the format.
   * @throws {NotFoundError} If a device is not the tenant's.
   */
  wanted(
    tenantId: TenantId,
    topics: readonly string[] | undefined,
    devices: readonly string[] | undefined,
    format?: FormatName,
    reach?: Reach,
  ): Promise<Wanted>;
  /**
   * Where to start: after this event, or at the oldest (undefined) or the `latest` one.
   * @throws {RefusedError} If what follows the cursor is not kept any more.
   * @throws {InvalidError} If there never was an event of that number.
   */
  start(tenantId: TenantId, after: number | "latest" | undefined): Promise<number>;
  /** The next wanted events after the cursor, oldest first. */
  after(wanted: Wanted, cursor: number, limit: number): Promise<Batch>;
  /** The latest wanted events, newest first. `since` in epoch ms. */
  latest(wanted: Wanted, limit: number, since: number | undefined): Promise<readonly PulledEvent[]>;
}

const ALL: Reach = { chats: null, codes: true };

export function createEventReader({ events, devices }: EventReaderDeps): EventReader {
  return {
    async wanted(tenantId, topics, names, format = "device", reach = ALL) {
      const deviceIds = names && await Promise.all(names.map(async (name) => {
        const device = await devices.find(tenantId, name);
        if (device === undefined) throw new NotFoundError("device", name);
        return device.id;
      }));
      const checked = topics === undefined ? ["*"] : checkedTopics(topics, format);
      return { tenantId, topics: checked, deviceIds, ...reach, format };
    },

    async start(tenantId, after) {
      const { oldest, newest } = await events.range(tenantId);
      if (after === "latest") return newest;
      const first = oldest === 0 ? newest + 1 : oldest;
      if (after === undefined) return first - 1;
      if (after < first - 1) {
        const message = `Events up to ${first - 1} are not kept any more: go on with after=${first - 1}`;
        throw new RefusedError("CURSOR_TOO_OLD", message, { oldest: first, newest });
      }
      if (after > newest) {
        throw new InvalidError("after", `Parameter \`after\` is ${after}, but the newest event is ${newest}`);
      }
      return after;
    },

    async after(wanted, cursor, limit) {
      const found: PulledEvent[] = [];
      let next = cursor;
      for (let scanned = 0; scanned < SCAN_AT_MOST;) {
        const page = await events.list({ ...filterOf(wanted), after: next, limit: PAGE, order: "oldest" });
        for (const event of page) {
          if (found.length === limit) return { events: found, next, more: true };
          next = event.tenantSeq;
          const pulled = pulledOf(event, wanted);
          if (pulled !== undefined) found.push(pulled);
        }
        if (page.length < PAGE) return { events: found, next, more: false };
        scanned += page.length;
      }
      return { events: found, next, more: true };
    },

    async latest(wanted, limit, since) {
      const found: PulledEvent[] = [];
      let before: number | undefined;
      for (let scanned = 0; scanned < SCAN_AT_MOST;) {
        const page = await events.list({
          ...filterOf(wanted),
          ...(before !== undefined && { before }),
          ...(since !== undefined && { since }),
          limit: PAGE,
          order: "newest",
        });
        for (const event of page) {
          const pulled = pulledOf(event, wanted);
          if (pulled !== undefined) found.push(pulled);
          if (found.length === limit) return found;
          before = event.tenantSeq;
        }
        if (page.length < PAGE) return found;
        scanned += page.length;
      }
      return found;
    },
  };
}

function checkedTopics(topics: readonly string[], format: FormatName): readonly string[] {
  try {
    return validateTopics(formatOf(format), topics);
  } catch (error) {
    if (!(error instanceof InvalidError)) throw error;
    throw new InvalidError(error.field.replace(/^events/, "types"), error.message);
  }
}

function filterOf({ tenantId, deviceIds }: Wanted) {
  return { tenantId, ...(deviceIds !== undefined && { deviceIds }) };
}

function pulledOf(event: KabarEvent, { topics, chats, codes, format }: Wanted): PulledEvent | undefined {
  if (!codes && event.type === "device.qr") return undefined;
  if (chats !== null && !isOfChats(event, chats)) return undefined;
  const { says, render } = formatOf(format);
  const [name] = subscribedNames(topics, says(event));
  if (name === undefined) return undefined;
  return { ...JSON.parse(render(event, name)), seq: event.tenantSeq, event_id: event.id };
}

/** What is said of people elsewhere, of calls and groups, is as much theirs as a message. */
function isOfChats({ type, data }: KabarEvent, chats: readonly Jid[]): boolean {
  if (!("chat" in data)) return type.startsWith("device.");
  const { jid, lid } = data.chat;
  return chats.includes(jid) || (lid !== undefined && chats.includes(lid));
}
