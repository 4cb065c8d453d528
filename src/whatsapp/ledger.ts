import type { DeviceId } from "../ids.ts";
import type { Credentials, KeyEntry } from "../store/credentials.ts";
import type { Inbox, InboxMessage } from "../store/inbox.ts";
import { keepTrying, type Trying } from "./keep_trying.ts";

export interface LedgerDeps {
  readonly deviceId: DeviceId;
  readonly credentials: Pick<Credentials, "save" | "setKeys">;
  readonly inbox: Pick<Inbox, "journal" | "keep">;
  readonly trying: Trying;
  /** The device was removed: nothing of it can be written any more. */
  readonly onGone: () => void;
}

/** Work of the session that is not on disk yet. */
interface Page {
  readonly rows: InboxMessage[];
  /** Our own messages: they need no publishing. */
  readonly kept: InboxMessage[];
  readonly keys: Map<string, KeyEntry>;
  creds: (() => string) | undefined;
}

/**
 * What a session has to have on disk before it says anything more to WhatsApp. Writing takes no time: the session goes
 * on at once, and what it says waits (`durable`). So a crash leaves the session where WhatsApp last heard of it, and
 * many messages share one write.
 *
 * Pages are written one after the other, each whole before the next begins: a message never comes after the keys that
 * could not decrypt it again.
 */
export interface Ledger {
  journal(row: InboxMessage): void;
  /** As `journal`, for a message that is going to be sent. */
  keep(row: InboxMessage): void;
  keys(entries: readonly KeyEntry[]): void;
  /** `text` is called when the page is written: it gives the newest state. */
  creds(text: () => string): void;
  /** An entry that is not on disk yet: its value, or null when it is to be removed. */
  pendingKey(type: string, id: string): string | null | undefined;
  /** Resolves when everything so far is on disk; undefined when it is. */
  durable(): Promise<void> | undefined;
  /** How many messages are not on disk yet. */
  readonly waiting: number;
  /** Takes nothing more, and resolves when no write is under way. */
  close(): Promise<void>;
}

const emptyPage = (): Page => ({ rows: [], kept: [], keys: new Map(), creds: undefined });
const keyOf = (type: string, id: string): string => `${type}/${id}`;

export function createLedger({ deviceId, credentials, inbox, trying, onGone }: LedgerDeps): Ledger {
  let open = emptyPage();
  let writing: Page | undefined;
  let closed = false;
  let wake = () => {};
  let turned = Promise.withResolvers<void>(); // the open page is on disk
  let underway: Promise<void> | undefined; // and the one before it

  function isEmpty({ rows, kept, keys, creds }: Page): boolean {
    return rows.length === 0 && kept.length === 0 && keys.size === 0 && creds === undefined;
  }

  async function write({ rows, kept, keys, creds }: Page): Promise<void> {
    // called in this order and in one turn: a store that commits in order commits them so, and together
    const writes = rows.map((row) => inbox.journal(row));
    if (kept.length > 0) writes.push(inbox.keep(kept));
    if (keys.size > 0) writes.push(credentials.setKeys(deviceId, [...keys.values()]));
    if (creds !== undefined) writes.push(credentials.save(deviceId, creds()));
    const failed = (await Promise.allSettled(writes)).find(({ status }) => status === "rejected");
    if (failed?.status === "rejected") throw failed.reason;
  }

  // one loop for the life of the ledger: it keeps its own async context, whatever context is written from
  async function loop() {
    while (!closed) {
      if (isEmpty(open)) await new Promise<void>((resolve) => wake = resolve);
      if (closed || isEmpty(open)) continue;
      const page = writing = open;
      const { promise, resolve, reject } = turned;
      open = emptyPage();
      turned = Promise.withResolvers();
      turned.promise.catch(() => {});
      underway = promise;
      promise.catch(() => {}); // those who wait hear of it
      const settle = await keepTrying("ledger", () => write(page), trying)
        .then(() => resolve, (error: unknown) => () => reject(error));
      if (settle !== resolve && !trying.signal.aborted) onGone();
      writing = undefined;
      underway = undefined;
      settle();
    }
  }
  turned.promise.catch(() => {});
  const looping = loop();

  return {
    journal(row) {
      open.rows.push(row);
      wake();
    },
    keep(row) {
      open.kept.push(row);
      wake();
    },
    keys(entries) {
      for (const entry of entries) open.keys.set(keyOf(entry.type, entry.id), entry);
      wake();
    },
    creds(text) {
      open.creds = text;
      wake();
    },
    pendingKey(type, id) {
      const key = keyOf(type, id);
      return (open.keys.get(key) ?? writing?.keys.get(key))?.value;
    },
    durable() {
      if (!isEmpty(open)) return turned.promise;
      return underway;
    },
    get waiting() {
      return open.rows.length + (writing?.rows.length ?? 0);
    },
    async close() {
      closed = true;
      wake();
      await looping;
      turned.reject(new Error("Cannot write: the session has ended"));
    },
  };
}
