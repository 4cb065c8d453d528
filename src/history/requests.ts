import type { Clock } from "../async/clock.ts";
import { Lru } from "../async/lru.ts";
import { BusyError, messageOf, RefusedError } from "../errors.ts";
import type { Jid } from "../events/person.ts";
import type { DeviceId } from "../ids.ts";
import { logOf } from "../log.ts";
import { DAY_MS } from "../spans.ts";
import type { Device, Devices } from "../store/devices.ts";
import {
  type HistoryQuestion,
  type HistoryRequest,
  type HistoryRequests,
  newHistoryRequest,
} from "../store/history_requests.ts";
import type { Inbox, InboxMessage } from "../store/inbox.ts";
import { WhatsAppRefusal } from "../whatsapp/actions.ts";
import { kindOf } from "../whatsapp/jid.ts";
import type { ReadInbox } from "../whatsapp/read_inbox.ts";
import type { PastAnswer, Session } from "../whatsapp/session.ts";
import { afterAnswer, afterSilence, type Change, nextChat, pageSize } from "./progress.ts";

const log = logOf("history");

/** Without a conversation named, those with the newest messages are asked for. */
export const MOST_CHATS = 500;
/** Requests of a device that may be under way. */
const MOST_OPEN = 20;
/** A phone that has not answered by then counts as silent. */
const SILENT_AFTER_MS = 60_000;
/** Between two questions, so that the phone is not kept busy. */
const PAUSE_MS = 1_000;
/** A request that has found no connected device for so long is given up. */
const GIVEN_UP_AFTER_MS = DAY_MS;
/** Answers that came before their question was written down. */
const EARLY = 100;
/** Among so many of the oldest messages one is looked for that the phone has as such. */
const ANCHORS = 20;

export interface HistoryAskingDeps {
  readonly requests: HistoryRequests;
  readonly inbox: Pick<Inbox, "chats" | "history" | "named" | "oldest">;
  readonly readInbox: ReadInbox;
  readonly devices: Pick<Devices, "get">;
  /** The session of a device that is connected here. */
  readonly sessionOf: (deviceId: DeviceId) => Pick<Session, "askHistory"> | undefined;
  /** Has whoever holds the device take up what is asked of it. */
  readonly tellHolder: (deviceId: DeviceId) => Promise<void>;
  readonly clock: Clock;
  readonly pauseMs?: number;
  readonly silentAfterMs?: number;
}

/** Asks phones for messages that are older than what is known, page by page. */
export interface HistoryAsking {
  /**
   * Takes a request. One that repeats another that is under way is that one.
   * @throws {RefusedError} `NO_MESSAGE_KNOWN` If nothing is known that older messages could be older than.
   * @throws {BusyError} If too many requests are under way.
   */
  ask(device: Device, question: HistoryQuestion): Promise<HistoryRequest>;
  /**
   * Asks no more for a request. What the phone has handed over stays, and what it was asked last is still taken.
   * @returns As it is then; undefined: the device has no such request.
   * @throws {RefusedError} `HISTORY_REQUEST_FINISHED` If it has ended by itself.
   */
  cancel(deviceId: DeviceId, id: string): Promise<HistoryRequest | undefined>;
  /** Goes on with what is asked of a device that is held here. */
  look(deviceId: DeviceId): void;
  /** The phone has answered, or tells of the past by itself. */
  answered(deviceId: DeviceId, answer: PastAnswer): Promise<void>;
  stop(): Promise<void>;
}

export function createHistoryAsking(deps: HistoryAskingDeps): HistoryAsking {
  const { requests, inbox, readInbox, devices, sessionOf, tellHolder, clock } = deps;
  const { pauseMs = PAUSE_MS, silentAfterMs = SILENT_AFTER_MS } = deps;
  const stopping = new AbortController();
  const working = new Map<DeviceId, Promise<void>>();
  const lookAgain = new Set<DeviceId>();
  /** Ends the wait for the answer to what was asked. */
  const waiting = new Map<string, () => void>();
  const early = new Lru<string, PastAnswer>(EARLY);

  async function chatsFor(device: Device, { chat }: HistoryQuestion): Promise<readonly Jid[]> {
    if (chat !== null) {
      const known = await inbox.history(device.id, chat, { limit: 1 });
      if (known.length > 0) return [chat];
      throw new RefusedError(
        "NO_MESSAGE_KNOWN",
        `Cannot ask for older messages of "${chat}": no message of this chat is known, and a phone is asked for ` +
          "what came before one that is",
        { field: "chat", chat },
      );
    }
    const found = await inbox.chats(device.id, { limit: MOST_CHATS, offset: 0 });
    const chats = found.map((one) => one.chat).filter((jid) => ["person", "group"].includes(kindOf(jid)));
    if (chats.length > 0) return chats;
    throw new RefusedError(
      "NO_MESSAGE_KNOWN",
      `Cannot ask for older messages: no message of "${device.id}" is known, and a phone is asked for what came ` +
        "before one that is",
      { field: "chat" },
    );
  }

  function look(deviceId: DeviceId): void {
    if (stopping.signal.aborted) return;
    lookAgain.add(deviceId);
    if (working.has(deviceId)) return;
    const work = workOn(deviceId).catch((error) =>
      log.warn("history.not_asked", { deviceId, error: messageOf(error) })
    ).finally(() => working.delete(deviceId));
    working.set(deviceId, work);
  }

  async function workOn(deviceId: DeviceId): Promise<void> {
    while (lookAgain.delete(deviceId)) {
      while (!stopping.signal.aborted) {
        const [request] = await requests.open(deviceId);
        if (request === undefined || !await goOn(request)) break;
      }
    }
  }

  /** Does the next step of a request; false when there is nothing to do before the device is connected. */
  async function goOn(request: HistoryRequest): Promise<boolean> {
    const { id, deviceId, askedId } = request;
    if (clock.now() - request.createdAt > GIVEN_UP_AFTER_MS) {
      await end(request, "It was given up after a day: the device was not connected long enough");
      return true;
    }
    if (askedId !== null) {
      await answerTo(request, askedId);
      return !stopping.signal.aborted;
    }
    const device = await devices.get(deviceId);
    const session = sessionOf(deviceId);
    if (device === undefined || session === undefined) return false;
    const chat = request.chats[request.position];
    const anchor = await anchorOf(device, request, chat);
    if (anchor === undefined) {
      await update(id, nextChat(request, clock.now())); // what was known of it was removed meanwhile
      return true;
    }
    let asked: string;
    try {
      asked = await session.askHistory(chat, anchor.messageId, pageSize(request));
    } catch (error) {
      if (sessionOf(deviceId) === undefined) return false; // it goes on when the device is connected again
      if (!(error instanceof WhatsAppRefusal)) throw error;
      await end(request, error.message);
      return true;
    }
    await update(id, { askedId: asked, anchor: anchor.messageId });
    const already = early.get(asked);
    if (already !== undefined) await take({ ...request, askedId: asked, anchor: anchor.messageId }, already);
    return true;
  }

  /** Waits for the answer to what was asked, and after that for as long as the phone is left alone. */
  async function answerTo(request: HistoryRequest, askedId: string): Promise<void> {
    const enough = new AbortController();
    const over = AbortSignal.any([enough.signal, stopping.signal]);
    waiting.set(askedId, () => enough.abort());
    try {
      const now = await requests.get(request.deviceId, request.id); // it may have come in between
      if (now?.askedId === askedId) await clock.wait(silentAfterMs, over);
    } finally {
      waiting.delete(askedId);
    }
    if (stopping.signal.aborted) return;
    const now = await requests.get(request.deviceId, request.id);
    if (now === undefined) return;
    if (now.askedId === askedId && now.finishedAt === null) {
      log.info("history.phone_silent", { deviceId: request.deviceId, requestId: request.id });
      await update(request.id, afterSilence(now, clock.now()));
    } else if (now.finishedAt === null) {
      await clock.wait(pauseMs, stopping.signal);
    }
  }

  /** The message before which the next page ends. */
  async function anchorOf(
    device: Device,
    { anchor, before }: HistoryRequest,
    chat: Jid,
  ): Promise<InboxMessage | undefined> {
    if (anchor !== null) {
      const row = (await inbox.named(device.id, anchor)).find((one) => one.chat === chat);
      if (row !== undefined) return row;
    }
    const since = before === null ? {} : { since: before };
    const oldest = await inbox.oldest(device.id, chat, { limit: ANCHORS, ...since });
    // phones have reactions and the like beside the messages that they are about
    const [message] = (await readInbox(oldest, device)).filter(({ type }) => type === "message.received");
    const row = oldest.find(({ messageId }) => messageId === message?.data.messageId) ?? oldest[0];
    return row ?? (await inbox.history(device.id, chat, { limit: 1 }))[0];
  }

  async function take(request: HistoryRequest, answer: PastAnswer): Promise<void> {
    await update(request.id, afterAnswer(request, answer, clock.now()));
    waiting.get(request.askedId ?? "")?.();
    if (request.finishedAt !== null) look(request.deviceId); // it had been silent
  }

  async function end({ id, deviceId }: HistoryRequest, error: string): Promise<void> {
    log.warn("history.given_up", { deviceId, requestId: id, error });
    await update(id, { status: "failed", error, finishedAt: clock.now() });
  }

  const update = (id: string, change: Change) => requests.update(id, change, clock.now());

  return {
    async ask(device, question) {
      const chats = await chatsFor(device, question);
      const open = await requests.open(device.id);
      if (open.length >= MOST_OPEN && !open.some((one) => isSame(one, question))) {
        throw new BusyError(
          `Cannot ask for more: ${MOST_OPEN} requests of "${device.id}" are under way; wait for one to finish`,
          60,
        );
      }
      const asked = { ...question, tenantId: device.tenantId, deviceId: device.id, chats };
      const request = await requests.create(newHistoryRequest(asked, clock.now()));
      await tellHolder(device.id);
      return request;
    },
    async cancel(deviceId, id) {
      const before = await requests.get(deviceId, id);
      const isCancelled = await requests.cancel(deviceId, id, clock.now());
      waiting.get(before?.askedId ?? "")?.();
      const now = await requests.get(deviceId, id);
      if (now === undefined || isCancelled || now.status === "cancelled") return now;
      const message = `Cannot cancel request "${id}": it is ${now.status} already`;
      throw new RefusedError("HISTORY_REQUEST_FINISHED", message, { status: now.status });
    },
    look,
    async answered(deviceId, answer) {
      if (answer.requestId === null) return;
      const request = await requests.byAskedId(deviceId, answer.requestId);
      if (request === undefined) return early.set(answer.requestId, answer);
      await take(request, answer);
    },
    async stop() {
      stopping.abort();
      await Promise.all(working.values());
    },
  };
}

function isSame(one: HistoryQuestion, other: HistoryQuestion): boolean {
  return one.chat === other.chat && one.before === other.before && one.count === other.count &&
    one.since === other.since;
}
