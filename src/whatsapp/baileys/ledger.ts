import type { DeviceId } from "../../ids.ts";
import type { Credentials, KeyEntry } from "../../store/credentials.ts";
import type { History, HistoryPage } from "../../store/history.ts";
import type { Inbox, InboxMessage } from "../../store/inbox.ts";
import { keepTrying, type Trying } from "../../async/keep_trying.ts";
import { nextTurn } from "../../async/next_turn.ts";

export interface LedgerDeps {
  readonly deviceId: DeviceId;
  readonly credentials: Pick<Credentials, "save" | "setKeys">;
  readonly inbox: Pick<Inbox, "journal" | "keep">;
  readonly history: Pick<History, "addPages">;
  readonly trying: Trying;
  /** The device was removed: nothing of it can be written any more. */
  readonly onGone: () => void;
}

/** An entry that is going to be written. */
export interface NewKey {
  readonly type: string;
  readonly id: string;
  /** Null: it is to be removed. */
  readonly value: unknown;
  /** What is written, asked for when the page is; null: the entry is removed. */
  readonly text: () => string | null;
}

/** Work of the session that is not on disk yet. */
interface Page {
  readonly rows: InboxMessage[];
  /** Our own messages: they need no publishing. */
  readonly kept: InboxMessage[];
  readonly past: HistoryPage[];
  readonly keys: Map<string, NewKey>;
  creds: (() => string) | undefined;
}

/**
 * What a session has to have on disk before it says anything more to WhatsApp. Writing takes no time: the session goes
 * on at once, and what it says waits (`durable`). So a crash leaves the session where WhatsApp last heard of it, and
 * many messages share one write.
 *
 * Pages are written one after the other, each whole before the next begins: a message never comes after the keys that
 * could not decrypt it again. So after one that could not be written nothing is: a session may outlive its lease by a
 * moment, and the store takes what is written for the device again as soon as that has the next one.
 */
export interface Ledger {
  journal(row: InboxMessage): void;
  /** As `journal`, for a message that is going to be sent. */
  keep(row: InboxMessage): void;
  /** A page of the past that is still to be taken in. */
  past(page: HistoryPage): void;
  keys(entries: readonly NewKey[]): void;
  /** `text` is called when the page is written: it gives the newest state. */
  creds(text: () => string): void;
  /** An entry that is not on disk yet. */
  pendingKey(type: string, id: string): NewKey | undefined;
  /** Resolves when everything so far is on disk; undefined when it is. */
  durable(): Promise<void> | undefined;
  /** How many messages are not on disk yet. */
  readonly waiting: number;
  /** Takes nothing more, and resolves when no write is under way. */
  close(): Promise<void>;
}

const emptyPage = (): Page => ({ rows: [], kept: [], past: [], keys: new Map(), creds: undefined });
const keyOf = (type: string, id: string): string => `${type}/${id}`;

/** What comes by the hundred, the people of a history and new keys: all of it at once would stop everybody for long. */
const LARGE: ReadonlySet<string> = new Set(["lid-mapping", "pre-key"]);
const MOST_AT_ONCE = 500;
const MOST_ROWS_AT_ONCE = 100;

/** What is written together. What comes by the hundred is known each for itself; all else belongs together. */
function* piecesOf(keys: ReadonlyMap<string, NewKey>): Generator<readonly KeyEntry[]> {
  const together: NewKey[] = [];
  const apart: NewKey[] = [];
  for (const key of keys.values()) {
    const isApart = keys.size > MOST_AT_ONCE && LARGE.has(key.type) && key.value !== null;
    (isApart ? apart : together).push(key);
  }
  if (together.length > 0) yield together.map(entryOf);
  for (let start = 0; start < apart.length; start += MOST_AT_ONCE) {
    yield apart.slice(start, start + MOST_AT_ONCE).map(entryOf);
  }
}

function entryOf({ type, id, text }: NewKey): KeyEntry {
  return { type, id, value: text() };
}

export function createLedger({ deviceId, credentials, inbox, history, trying, onGone }: LedgerDeps): Ledger {
  let open = emptyPage();
  let writing: Page | undefined;
  let closed = false;
  let broken = false; // a page could not be written
  let wake = () => {};
  let turned = Promise.withResolvers<void>(); // the open page is on disk
  let underway: Promise<void> | undefined; // and the one before it

  function isEmpty({ rows, kept, past, keys, creds }: Page): boolean {
    return rows.length + kept.length + past.length + keys.size === 0 && creds === undefined;
  }

  async function write({ rows, kept, past, keys, creds }: Page): Promise<void> {
    // called in this order, and in one turn but for many keys: a store that commits in order commits them so, together
    const writes: Promise<void>[] = [];
    const begin = (work: Promise<void>) => {
      work.catch(() => {}); // heard of below, when all have begun
      writes.push(work);
    };
    for (let start = 0; start < rows.length; start += MOST_ROWS_AT_ONCE) {
      begin(inbox.journal(rows.slice(start, start + MOST_ROWS_AT_ONCE)));
    }
    if (kept.length > 0) begin(inbox.keep(kept));
    if (past.length > 0) begin(history.addPages(past));
    let pieces = 0;
    for (const entries of piecesOf(keys)) {
      if (pieces++ > 0) await nextTurn();
      begin(credentials.setKeys(deviceId, entries));
    }
    if (creds !== undefined) begin(credentials.save(deviceId, creds()));
    const failed = (await Promise.allSettled(writes)).find(({ status }) => status === "rejected");
    if (failed?.status === "rejected") throw failed.reason;
  }

  // one loop for the life of the ledger: it keeps its own async context, whatever context is written from
  async function loop() {
    while (!closed) {
      if (isEmpty(open)) {
        await new Promise<void>((resolve) => wake = resolve);
        await nextTurn(); // a message and the keys that encrypt it come within one turn: one commit has both
      }
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
      writing = undefined;
      underway = undefined;
      settle();
      if (settle === resolve) continue;
      closed = broken = true;
      turned.reject(new Error("Cannot write: what came before could not be written"));
      if (!trying.signal.aborted) onGone();
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
    past(page) {
      open.past.push(page);
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
      return open.keys.get(key) ?? writing?.keys.get(key);
    },
    durable() {
      if (broken || !isEmpty(open)) return turned.promise;
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
