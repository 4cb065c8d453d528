import type { WAMessage } from "@whiskeysockets/baileys";
import type { DeviceId } from "../../ids.ts";
import { createBatches } from "../../async/batches.ts";
import { keepTrying, type Trying } from "../../async/keep_trying.ts";
import { Lru } from "../../async/lru.ts";
import type { Inbox, InboxKey, InboxMessage } from "../../store/inbox.ts";
import { isGroup, isLid } from "../jid.ts";
import type { SessionDraft, SessionEvents } from "../session.ts";
import type { ContactChanges } from "./contact_changes.ts";
import type { Directory } from "./directory.ts";
import { fromInboxMessage, sharesId, toInboxMessage } from "./inbox_message.ts";
import { fileOf } from "./normalise/business.ts";
import { addressesIn, draftsOfMessage, isSettings, saidOf, timerIn } from "./normalise/message.ts";
import type { AltOf, Me } from "./normalise/people.ts";
import { unwrap } from "./normalise/unwrap.ts";
import type { Arrival, HandedOver } from "./reading.ts";
import type { Polls } from "./polls.ts";
import { isAboutOptions, type Opened, openSealed, sealedAbout } from "./sealed.ts";
import type { Targets } from "./targets.ts";
import type { Timers } from "./timers.ts";

export interface ArrivalsDeps {
  readonly deviceId: DeviceId;
  readonly inbox: Inbox;
  readonly events: Pick<SessionEvents, "happened">;
  /** Resolves when every row so far is in the journal. */
  readonly journaled: () => Promise<void> | undefined;
  readonly directory: Directory;
  readonly contactChanges: ContactChanges;
  readonly targets: Targets;
  readonly timers: Pick<Timers, "note">;
  readonly polls: Polls;
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
/** The past waits for what comes now, but not for ever. */
const QUIET_LOOKS = 20;
const QUIET_LOOK_MS = 100;
/** Ids of messages that may still be on their way to the disk, with their chats. */
const RECENT = 2_000;

/**
 * What becomes of messages between decryption and the event log. They are published while they are being journaled: if
 * only the event gets to disk before a crash, WhatsApp delivers the message again, and the log knows it.
 */
export function createArrivals(deps: ArrivalsDeps) {
  const {
    deviceId,
    inbox,
    events,
    journaled,
    directory,
    contactChanges,
    targets,
    timers,
    polls,
    me,
    trying,
  } = deps;
  let waiting = 0;
  const recent = new Lru<string, string>(RECENT);
  /** Under which key a message of somebody without a LID was told, in case it comes again under the LID. */
  const toldByNumber = new Lru<string, string>(RECENT);
  const batches = createBatches<Journaled>(
    (batch) => keepTrying("messages", () => publish(batch), trying),
    { limit: BATCH },
  );

  async function publish(batch: readonly Journaled[]) {
    const { drafts, unkept } = await draftsIn(batch);
    if (drafts.length > 0) await events.happened(drafts);
    mark(batch.map(({ row }) => row), unkept).catch(() => {}); // a lost mark makes a replay: the event log knows it
  }

  /** What messages tell, and which of them are not kept. */
  async function draftsIn(batch: readonly Journaled[], { past = false } = {}) {
    const altOf = await directory(batch.flatMap(({ info }) => addressesIn(info)));
    const drafts: SessionDraft[] = [];
    const unkept: InboxKey[] = [];
    for (const { info, offline, row } of batch) {
      if (isSettings(info)) unkept.push(row); // it is no message that anybody reads
      const opened = await open(info, altOf);
      const inside = opened && "message" in opened
        ? await directory(addressesIn({ ...info, ...opened }))
        : undefined;
      const around = {
        deviceId,
        me: me(),
        altOf: (jid: string) => altOf(jid) ?? inside?.(jid),
        offline,
        sameId: sharesId(row),
      };
      for (const draft of draftsOfMessage(info, { ...around, opened })) {
        const believed = await targets.check(draft, { addsOption: addsOption(opened) });
        if (believed === undefined) unkept.push(row);
        else {
          await notePoll(believed);
          if (past) drafts.push(keyed(asPast(believed), info)); // it says nothing of how people are called by now
          else drafts.push(keyed(believed, info), ...await newsOf(believed));
        }
      }
    }
    return { drafts, unkept };
  }

  /** The journal may be behind the event log: the rows have to be there first. */
  async function mark(rows: readonly InboxMessage[], unkept: readonly InboxKey[]): Promise<void> {
    await journaled();
    const [contents, placeholders] = [false, true].map((wanted) =>
      rows.filter(({ placeholder = false }) => placeholder === wanted)
    );
    await keepTrying("published", async () => {
      if (contents.length > 0) await inbox.published(deviceId, contents);
      if (placeholders.length > 0) await inbox.told(deviceId, placeholders);
      if (unkept.length > 0) await inbox.forget(deviceId, unkept);
    }, trying);
  }

  /** One message that comes under both addresses of a person is one, also if the first did not tell the LID. */
  function keyed(draft: SessionDraft, { key }: WAMessage): SessionDraft {
    if (draft.type !== "message.received" || draft.data.chat.kind !== "person" || !key.id) return draft;
    const { chat: { jid, lid } } = draft.data;
    const id = `${jid}/${key.id}`;
    if (lid === undefined) {
      if (draft.dedupeKey !== undefined) toldByNumber.set(id, draft.dedupeKey);
      return draft;
    }
    const dedupeKey = toldByNumber.get(id);
    return dedupeKey === undefined ? draft : { ...draft, dedupeKey };
  }

  /** What a message tells of its author. */
  async function newsOf(draft: SessionDraft): Promise<SessionDraft[]> {
    if (draft.type !== "message.received" || draft.data.fromMe) return [];
    const { chat, expiresInSeconds } = draft.data;
    if (expiresInSeconds !== undefined && chat.kind === "person") await timers.note(chat, expiresInSeconds);
    const news = await contactChanges.meet(draft.data.from, draft.data.messageId);
    return news === undefined ? [] : [news];
  }

  /** What is in a message that was sealed with the secret of another one of its chat; null when it stays sealed. */
  async function open(info: WAMessage, altOf: AltOf) {
    const about = info.message ? sealedAbout(info) : undefined;
    if (about === undefined) return undefined;
    const said = saidOf(info, { me: me(), altOf });
    const target = await targets.find(about, said.chat);
    if (target === undefined || target === "elsewhere") return null;
    const options = isAboutOptions(info) ? await polls.options(said.chat, about) : undefined;
    const people = { author: target.author, sender: said.from };
    return openSealed(info, fromInboxMessage(target.row), { ...people, options });
  }

  /** Votes name options by their hashes: those that were edited or added have to be known by then. */
  async function notePoll(draft: SessionDraft): Promise<void> {
    if (draft.type !== "message.edited" || draft.data.content.kind !== "poll") return;
    const { chat, messageId, content: { options } } = draft.data;
    if (options.length > 0) await polls.changed(chat, messageId, options);
  }

  /** A file whose message has the id of an earlier one in another chat gets another name. */
  async function isSecond(info: WAMessage, { messageId, chat }: InboxMessage): Promise<boolean> {
    if (!info.message || fileOf(unwrap(info.message).message) === undefined) return false;
    const first = recent.get(messageId) ?? (await inbox.get(deviceId, messageId))?.chat;
    return first !== undefined && first !== chat;
  }

  return {
    /** The row of the inbox for a message that came in. */
    async prepare({ info, raw, placeholder }: Arrival): Promise<InboxMessage> {
      const altOf = await directory(addressesIn(info));
      const around = { me: me(), altOf, raw };
      const row = toInboxMessage(deviceId, info, around);
      const sameId = await keepTrying("id", () => isSecond(info, row), trying);
      if (!recent.has(row.messageId)) recent.set(row.messageId, row.chat);
      if (isLid(row.chat)) await contactChanges.hide(row.chat);
      const seconds = timerIn(info);
      // answers that come next have to follow it
      if (seconds !== undefined) await timers.note(saidOf(info, around).chat, seconds);
      const final = sameId ? toInboxMessage(deviceId, info, { ...around, sameId }) : row;
      return placeholder === undefined ? final : { ...final, placeholder: true };
    },
    /**
     * What the phone hands over, with what is known of it by its announcement: phones leave out who wrote it, and what
     * LID it came under.
     * @returns Undefined when the content is there already, or nobody can say whose it is.
     */
    async completed({ info: found, raw }: HandedOver): Promise<Arrival | undefined> {
      const { key, message, messageStubType, messageStubParameters } = found;
      await journaled();
      const rows = await keepTrying("id", () => inbox.named(deviceId, key.id ?? ""), trying);
      const announced = rows.filter(({ placeholder }) => placeholder).map(fromInboxMessage);
      const frame = announced.find((info) => info.key.remoteJid === key.remoteJid) ?? announced[0];
      if (frame !== undefined) {
        const pushName = frame.pushName || found.pushName;
        const info = { ...frame, message, messageStubType, messageStubParameters, pushName };
        return { info, offline: false, raw };
      }
      const isAnonymous = isGroup(key.remoteJid ?? "") && !key.participant && !key.fromMe;
      if (rows.length > 0 || isAnonymous) return undefined;
      return { info: found, offline: false, raw };
    },
    /** Publishes a message that is in the journal. */
    async accept(arrival: Arrival, row: InboxMessage): Promise<void> {
      waiting++;
      const published = batches.push([{ ...arrival, row }]).finally(() => waiting--);
      published.catch(() => {}); // the journal has it, or WhatsApp delivers it again
      if (waiting > MOST_WAITING) await published;
    },
    /** Publishes what a crash has left in the journal; resolves when all of it is published. */
    async replay(): Promise<void> {
      while (true) {
        const rows = await keepTrying("replay", () => inbox.unpublished(deviceId, BATCH), trying);
        if (rows.length === 0) return;
        await batches.push(rows.map((row) => ({ info: fromInboxMessage(row), offline: true, row })));
        await keepTrying("published", () => inbox.published(deviceId, rows), trying);
      }
    },
    /** Publishes messages of the past. @returns Those that phones would not believe. */
    async tellPast(rows: readonly InboxMessage[]): Promise<readonly InboxKey[]> {
      const batch = rows.map((row) => ({ info: fromInboxMessage(row), offline: true, row }));
      const { drafts, unkept } = await draftsIn(batch, { past: true });
      if (drafts.length > 0) await events.happened(drafts);
      return unkept;
    },
    /** Resolves when nothing that comes now waits to be published, or after a while. */
    async quiet(): Promise<void> {
      for (let looks = 0; waiting > 0 && looks < QUIET_LOOKS && !trying.signal.aborted; looks++) {
        await trying.clock.wait(QUIET_LOOK_MS, trying.signal);
      }
    },
    idle: () => batches.idle(),
    close: (reason: Error) => batches.close(reason),
  };
}

/** A message of the past is told as such. */
function asPast(draft: SessionDraft): SessionDraft {
  switch (draft.type) {
    case "message.received":
      return { ...draft, data: { ...draft.data, backfilled: true } };
    case "message.reaction":
      return { ...draft, data: { ...draft.data, backfilled: true } };
    case "message.edited":
      return { ...draft, data: { ...draft.data, backfilled: true } };
    case "message.deleted":
      return { ...draft, data: { ...draft.data, backfilled: true } };
    default:
      return draft;
  }
}

function addsOption(opened: Opened | null | undefined): boolean {
  return Boolean(opened && "addsOption" in opened && opened.addsOption);
}

export type Arrivals = ReturnType<typeof createArrivals>;
