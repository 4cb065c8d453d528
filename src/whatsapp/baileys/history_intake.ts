import { proto } from "@whiskeysockets/baileys";
import { keepTrying, type Trying } from "../../async/keep_trying.ts";
import { messageOf } from "../../errors.ts";
import type { Person } from "../../events/person.ts";
import type { DeviceId } from "../../ids.ts";
import { DAY_MS } from "../../spans.ts";
import type { History, HistoryPage } from "../../store/history.ts";
import type { InboxMessage } from "../../store/inbox.ts";
import { WhatsAppRefusal } from "../actions.ts";
import { isLid, isPn } from "../jid.ts";
import type { PastAnswer, SessionEvents } from "../session.ts";
import type { Arrivals } from "./arrivals.ts";
import { GONE } from "./history_file.ts";
import { chatsIn, type PastChat, pastMessagesIn } from "./history_page.ts";
import type { AnnouncedPast } from "./reading.ts";

const { HistorySyncType } = proto.HistorySync;
/** What comes by itself after pairing, besides names and numbers. */
const UNASKED: ReadonlySet<number> = new Set([
  HistorySyncType.INITIAL_BOOTSTRAP,
  HistorySyncType.RECENT,
  HistorySyncType.FULL,
]);

export interface IntakeDeps {
  readonly deviceId: DeviceId;
  readonly history: Pick<History, "pages" | "removePage" | "file">;
  readonly events: Pick<SessionEvents, "pastCame">;
  readonly arrivals: Pick<Arrivals, "prepare" | "quiet">;
  /** Takes note of whose number belongs to which LID. */
  readonly learn: (people: readonly Person[]) => Promise<void>;
  readonly readPage: (notification: proto.Message.IHistorySyncNotification) => Promise<Uint8Array>;
  /** How many days of the past become events; undefined: none does. */
  readonly days: number | undefined;
  /** Messages of the past are filed that are to be told. */
  readonly onFiled: () => void;
  readonly trying: Trying;
}

/** So many messages are filed in one transaction, and others have their turn in between. */
export const FILED_AT_ONCE = 100;
const PAUSE_MS = 10;
const PAGES_AT_ONCE = 10;
/** A page that could not be fetched is tried again so much later, for a day. */
const FETCH_AGAIN_MS = 30_000;

/** Whether a page is taken in at all: the past comes by itself only for those who want it as events. */
export function isWanted({ kind }: AnnouncedPast, days: number | undefined): boolean {
  return kind === HistorySyncType.ON_DEMAND || (days !== undefined && UNASKED.has(kind));
}

/**
 * Takes pages of the past into the inbox: slice by slice, behind what is going on now. Pages are written down before
 * WhatsApp hears that they came, so a crash loses none; what was filed twice is filed once.
 */
export function createIntake(deps: IntakeDeps) {
  const { deviceId, history, events, arrivals, learn, readPage, days, onFiled, trying } = deps;
  const { clock, signal, log } = trying;
  let looking: Promise<void> | undefined;
  let again = false;
  /** Pages whose file could not be fetched just now. */
  const late = new Set<string>();

  async function takeAll(): Promise<void> {
    while (again && !signal.aborted) {
      again = false;
      const pages = await keepTrying(
        "history",
        () => history.pages(deviceId, PAGES_AT_ONCE + late.size),
        trying,
      );
      for (const page of pages) {
        if (signal.aborted) return;
        if (!late.has(page.messageId)) await take(page);
      }
      again ||= pages.length > late.size;
    }
  }

  async function take(page: HistoryPage): Promise<void> {
    const notification = proto.Message.HistorySyncNotification.decode(page.payload);
    let bytes: Uint8Array;
    try {
      bytes = await readPage(notification);
    } catch (error) {
      const isGone = error instanceof WhatsAppRefusal && error.code === GONE;
      if (!isGone && clock.now() - page.cameAt < DAY_MS) return tryLater(page, error);
      log.warn("history.page_lost", { deviceId, messageId: page.messageId, error: messageOf(error) });
      return await remove(page);
    }
    const answer = await file(page, bytes, notification);
    if (signal.aborted) return;
    await keepTrying("history", () => events.pastCame(answer), trying);
    await remove(page);
  }

  function tryLater({ messageId }: HistoryPage, error: unknown): void {
    log.info("history.page_not_fetched", { deviceId, messageId, error: messageOf(error) });
    late.add(messageId);
    void clock.wait(FETCH_AGAIN_MS, signal).then(() => {
      late.delete(messageId);
      if (!signal.aborted) look();
    });
  }

  function remove({ messageId }: HistoryPage): Promise<void> {
    return keepTrying("history", () => history.removePage(deviceId, messageId), trying);
  }

  async function file(
    page: HistoryPage,
    bytes: Uint8Array,
    { syncType, peerDataRequestSessionId: requestId }: proto.Message.IHistorySyncNotification,
  ): Promise<PastAnswer> {
    const oldestWanted = syncType === HistorySyncType.ON_DEMAND || days === undefined
      ? 0
      : clock.now() - days * DAY_MS;
    const filing = { at: page.cameAt, tell: days !== undefined };
    let slice: InboxMessage[] = [];
    let messages = 0;
    let added = 0;
    let oldest: InboxMessage | undefined;
    let isComplete = true;

    async function write(): Promise<void> {
      const rows = slice;
      slice = [];
      if (rows.length === 0 || signal.aborted) return;
      added += await keepTrying("history", () => history.file(rows, filing), trying);
      if (filing.tell) onFiled();
      await clock.wait(PAUSE_MS, signal);
      await arrivals.quiet();
    }

    for (const chat of readable(bytes)) {
      if (signal.aborted) break;
      isComplete &&= chat.isComplete;
      await learn(personsIn(chat));
      for (const encoded of chat.messages) {
        const rows = await rowsOf(encoded);
        messages += Math.min(1, rows.length);
        for (const row of rows) {
          if (row.sentAt < oldestWanted) continue;
          if (oldest === undefined || row.sentAt < oldest.sentAt) oldest = row;
          slice.push(row);
        }
        if (slice.length >= FILED_AT_ONCE) await write();
      }
    }
    await write();
    log.info("history.page_filed", { deviceId, syncType: syncType ?? 0, messages, added });
    return {
      requestId: requestId || null,
      messages,
      added,
      oldest: oldest === undefined ? null : { messageId: oldest.messageId, sentAt: oldest.sentAt },
      isComplete,
    };
  }

  /** What can be read of a page: what is cut off is left out. */
  function* readable(bytes: Uint8Array): Generator<PastChat> {
    try {
      yield* chatsIn(bytes);
    } catch (error) {
      log.warn("history.page_not_read", { deviceId, error: messageOf(error) });
    }
  }

  async function rowsOf(encoded: Uint8Array): Promise<InboxMessage[]> {
    const rows: InboxMessage[] = [];
    try {
      for (const { info, raw } of pastMessagesIn(encoded)) {
        rows.push(await arrivals.prepare({ info, raw, offline: true }));
      }
    } catch (error) {
      log.warn("history.message_not_read", { deviceId, error: messageOf(error) }); // the others may be whole
    }
    return rows;
  }

  /** There may be pages to take in. */
  function look(): void {
    again = true;
    looking ??= takeAll().catch((error) => {
      if (!signal.aborted) log.warn("history.not_taken_in", { deviceId, error: messageOf(error) });
    }).finally(() => looking = undefined);
  }

  return { look, idle: () => looking ?? Promise.resolve() };
}

function personsIn({ jid, pn, lid }: PastChat): Person[] {
  if (isLid(jid) && pn) return [{ pn, lid: jid }];
  if (isPn(jid) && lid) return [{ pn: jid, lid }];
  return [];
}
