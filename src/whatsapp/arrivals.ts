import type { DeviceId } from "../ids.ts";
import type { Inbox, InboxMessage } from "../store/inbox.ts";
import type { Acquaintances } from "./acquaintances.ts";
import { createBatches } from "./batches.ts";
import type { Directory } from "./directory.ts";
import { fromInboxMessage, toInboxMessage } from "./inbox_message.ts";
import type { Arrival } from "./journal.ts";
import { keepTrying, type Trying } from "./keep_trying.ts";
import { addressesIn, draftsOfMessage, saidOf, saysSomething } from "./normalise/message.ts";
import type { Me } from "./normalise/people.ts";
import { openSealed, sealedAbout } from "./sealed.ts";
import type { SessionDraft, SessionEvents } from "./session.ts";

export interface ArrivalsDeps {
  readonly deviceId: DeviceId;
  readonly inbox: Inbox;
  readonly events: Pick<SessionEvents, "happened">;
  /** Resolves when every row so far is in the journal. */
  readonly journaled: () => Promise<void> | undefined;
  readonly directory: Directory;
  readonly acquaintances: Acquaintances;
  readonly me: () => Me;
  readonly trying: Trying;
}

interface Journaled extends Arrival {
  readonly row: InboxMessage;
}

/** Most messages that are published together. */
const BATCH = 200;
/** With more than this waiting to be published, the session takes no more from WhatsApp. */
const MOST_WAITING = 1_000;

/**
 * What becomes of messages between decryption and the event log. They are published while they are being journaled: if
 * only the event gets to disk before a crash, WhatsApp delivers the message again, and the log knows it.
 */
export function createArrivals(
  { deviceId, inbox, events, journaled, directory, acquaintances, me, trying }: ArrivalsDeps,
) {
  let waiting = 0;
  const batches = createBatches<Journaled>(
    (batch) => keepTrying("messages", () => publish(batch), trying),
    { limit: BATCH },
  );

  async function publish(batch: readonly Journaled[]) {
    const altOf = await directory(batch.flatMap(({ info }) => addressesIn(info)));
    const drafts: SessionDraft[] = [];
    for (const { info, offline } of batch) {
      const around = { deviceId, me: me(), altOf, offline };
      const target = sealedAbout(info);
      const opened = target === undefined ? undefined : await open(target, info, altOf);
      const said = draftsOfMessage(info, { ...around, opened });
      drafts.push(...said, ...await newsOf(said));
    }
    if (drafts.length > 0) await events.happened(drafts);
    const done = batch.map(({ row: { chat, messageId } }) => ({ chat, messageId }));
    mark(done).catch(() => {}); // a mark that is lost makes a replay, which the event log knows to be one
  }

  /** The journal may be behind the event log: the rows have to be there first. */
  async function mark(done: Parameters<Inbox["published"]>[1]): Promise<void> {
    await journaled();
    await keepTrying("published", () => inbox.published(deviceId, done), trying);
  }

  /** What a message tells of its author. */
  async function newsOf(said: readonly SessionDraft[]): Promise<SessionDraft[]> {
    const [first] = said;
    if (first?.type !== "message.received" || first.data.fromMe) return [];
    const news = await acquaintances.meet(first.data.from, first.data.messageId);
    return news === undefined ? [] : [news];
  }

  /** What is in a message that was sealed with the secret of another one; null when it stays sealed. */
  async function open(about: string, info: Arrival["info"], altOf: Awaited<ReturnType<Directory>>) {
    const row = await inbox.get(deviceId, about) ?? await afterJournal(about);
    if (row === undefined) return null;
    const target = fromInboxMessage(row);
    const around = { me: me(), altOf };
    return openSealed(info, target, {
      author: saidOf(target, around).from,
      sender: saidOf(info, around).from,
    });
  }

  /** A message that came just before may still be on its way to the disk. */
  async function afterJournal(messageId: string): Promise<InboxMessage | undefined> {
    await journaled();
    return await inbox.get(deviceId, messageId);
  }

  async function accept(arrival: Arrival, row: InboxMessage): Promise<void> {
    waiting++;
    const published = batches.push([{ ...arrival, row }]).finally(() => waiting--);
    published.catch(() => {}); // the journal has it, or WhatsApp delivers it again
    if (waiting > MOST_WAITING) await published;
  }

  async function prepare({ info }: Arrival): Promise<InboxMessage> {
    const altOf = await directory(addressesIn(info));
    return toInboxMessage(deviceId, info, { me: me(), altOf });
  }

  return {
    /** The row of the inbox for a message that came in. */
    prepare,
    /** Journals and publishes a message that came by another way than decryption. */
    async take(arrival: Arrival): Promise<void> {
      if (!arrival.info.message || !saysSomething(arrival.info.message)) return;
      const row = await prepare(arrival);
      await keepTrying("journal", () => inbox.journal(row), trying);
      await accept(arrival, row);
    },
    /** Publishes a message that is in the journal. */
    accept,
    /** Publishes what a crash has left in the journal; resolves when all of it is published. */
    async replay(): Promise<void> {
      while (true) {
        const rows = await keepTrying("replay", () => inbox.unpublished(deviceId, BATCH), trying);
        if (rows.length === 0) return;
        await batches.push(rows.map((row) => ({ info: fromInboxMessage(row), offline: true, row })));
        const done = rows.map(({ chat, messageId }) => ({ chat, messageId }));
        await keepTrying("published", () => inbox.published(deviceId, done), trying);
      }
    },
    idle: () => batches.idle(),
    close: (reason: Error) => batches.close(reason),
  };
}

export type Arrivals = ReturnType<typeof createArrivals>;
