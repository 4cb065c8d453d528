import {
  type AnyMessageContent,
  generateWAMessage,
  normalizeMessageContent,
  type WAMediaUploadFunction,
  type WAMessage,
  type WASocket,
} from "@whiskeysockets/baileys";
import { messageOf } from "../../errors.ts";
import type { Jid } from "../../events/person.ts";
import type { DeviceId } from "../../ids.ts";
import type { InboxMessage } from "../../store/inbox.ts";
import { type Ack, createAcks } from "./acks.ts";
import type { Clock } from "../../async/clock.ts";
import type { Directory } from "./directory.ts";
import { toInboxMessage } from "./inbox_message.ts";
import { isGroup, isLid, isPn, plainJid, userOf } from "../jid.ts";
import type { KnownMessages } from "./known_messages.ts";
import type { LidMigration } from "./lid_migration.ts";
import { Lru } from "../../async/lru.ts";
import { chatOf, type Me } from "./normalise/people.ts";
import { fromSeconds } from "./normalise/time.ts";
import type { OutgoingContent } from "../outgoing.ts";
import { toBaileysContent } from "./outgoing_content.ts";
import {
  GROUP_HAS_CHANGED,
  isKnownCode,
  NOT_CONNECTED,
  NOT_ON_WHATSAPP,
  refusalOf,
  timedOut,
  UNKNOWN_LID,
} from "../send_errors.ts";
import type { SendOutcome, Session, SessionReceipt } from "../session.ts";
import type { BinaryNode } from "./stanza.ts";
import type { createSurroundings } from "./surroundings.ts";
import { inEnvelope, quotable, toBeViewedOnce } from "./view_once.ts";
import { codeOf } from "./errors.ts";

type Refusal = Extract<SendOutcome, { readonly ok: false }>;

export type OutgoingRequest = Parameters<Session["send"]>[0];

export interface SendingDeps {
  readonly deviceId: DeviceId;
  readonly socket: WASocket;
  readonly known: KnownMessages;
  /** Has a message on disk before it leaves: WhatsApp may ask for it again, and people may quote it. */
  readonly keep: (message: InboxMessage) => void;
  readonly directory: Directory;
  /** Fits a message to its chat. */
  readonly surround: ReturnType<typeof createSurroundings>;
  readonly lidMigration: Pick<LidMigration, "isDone">;
  readonly me: () => Me;
  readonly connected: () => boolean;
  /** What is known of a group does not hold any more. */
  readonly onGroupChange: (group: Jid) => void;
  /** WhatsApp answered after its message was given up. */
  readonly onLateAnswer: (receipt: SessionReceipt) => Promise<void>;
  /** Nothing leaves any more, although the connection is there. */
  readonly onStuck: () => void;
  /** Brings a file to WhatsApp's media servers. */
  readonly upload: WAMediaUploadFunction;
  /** Aborts when the session is over. */
  readonly ended: AbortSignal;
  readonly clock: Clock;
}

/** Ids of messages whose answer did not come in time, for when it comes late. */
const REMEMBERED = 500;
/** As many sends in a row that do not get as far as WhatsApp mean that the session is stuck. */
const MOST_STUCK = 3;
/** How long a file may take to WhatsApp's media servers: the largest, on a slow line. */
const UPLOAD_MS = 5 * 60_000;

/** How far a send has come. */
interface Course {
  /** It was given to WhatsApp. */
  left: boolean;
  /** Nobody waits for it any more. */
  late: boolean;
  /** Uploads its file, in a time of its own. */
  readonly upload: WAMediaUploadFunction;
}

/** Sends messages one by one or together, each bounded in time. */
export function createSending(deps: SendingDeps) {
  const {
    deviceId,
    socket,
    known,
    keep,
    directory,
    surround,
    lidMigration,
    me,
    connected,
    upload,
    onGroupChange,
    onLateAnswer,
    onStuck,
    ended,
    clock,
  } = deps;
  const acks = createAcks();
  const unanswered = new Lru<string, Jid>(REMEMBERED);
  let stuck = 0;

  async function send(request: OutgoingRequest, timeoutMs: number): Promise<SendOutcome> {
    if (!connected()) return NOT_CONNECTED;
    const { waMessageId } = request;
    const gaveUp = Promise.withResolvers<SendOutcome>();
    const giveUp = () => {
      course.late = true;
      gaveUp.resolve(timedOut(timeoutMs));
    };
    let timer = clock.after(timeoutMs, giveUp);
    const allow = (ms: number) => {
      timer.cancel();
      if (!course.late) timer = clock.after(ms, giveUp);
    };
    const course: Course = {
      left: false,
      late: false,
      async upload(...file) {
        allow(UPLOAD_MS);
        return await upload(...file).finally(() => allow(timeoutMs));
      },
    };
    const stop = () => gaveUp.resolve(NOT_CONNECTED);
    ended.addEventListener("abort", stop);
    const outcome = await Promise.race([attempt(request, course).catch(failureOf), gaveUp.promise]);
    // a large file takes its time before its message leaves
    stuck = course.late && !course.left && !("path" in request.content) ? stuck + 1 : 0;
    if (stuck >= MOST_STUCK) onStuck();
    ended.removeEventListener("abort", stop);
    course.late = true;
    timer.cancel();
    acks.forget(waMessageId);
    if (!outcome.ok && outcome.retryable) unanswered.set(waMessageId, request.to);
    return outcome;
  }

  async function attempt(asked: OutgoingRequest, course: Course): Promise<SendOutcome> {
    const wanted = await addressed(asked);
    const reached = await reach(wanted.to);
    if ("ok" in reached) return reached;
    const { to, chat } = reached;
    const request = { ...wanted, to };
    const { waMessageId } = request;
    const message = await build(request, course.upload);
    if (message === undefined) return unknown(request);
    const altOf = await directory([to]);
    const kept = { ...message, message: message.message && inEnvelope(message.message) };
    keep(toInboxMessage(deviceId, kept, { me: me(), altOf }));
    // nobody would hear what a late one is told: that is for `onLateAnswer`, or for the try that followed
    const answer = course.late ? undefined : acks.of(waMessageId);
    await socket.relayMessage(to, message.message ?? {}, {
      messageId: waMessageId,
      ...relayOptions(request),
    });
    course.left = true;
    if (answer === undefined) return NOT_CONNECTED;
    const outcome = outcomeOf(await answer);
    if (isGroup(to) && !outcome.ok && GROUP_HAS_CHANGED.has(outcome.code ?? 0)) onGroupChange(to);
    return outcome.ok && chat !== wanted.to ? { ...outcome, to: chat } : outcome;
  }

  /**
   * Baileys resolves a send that nobody gets: to a number without WhatsApp, or after a device query without an answer.
   * The same query beforehand tells, and fills the cache that the send then uses. Some people are on WhatsApp under
   * another number than the one that is dialled (Brazil's ninth digit, Mexico's 1, Argentina's 9): a look-up tells it.
   * @returns Where it goes and whose chat that is, or why it goes nowhere.
   */
  async function reach(to: Jid): Promise<{ readonly to: Jid; readonly chat: Jid } | Refusal> {
    if (isGroup(to)) return { to, chat: to };
    const address = await addressWithDevices(to);
    if (address !== undefined) return { to: address, chat: to };
    if (isLid(to)) return UNKNOWN_LID;
    const found = isPn(to) ? await socket.onWhatsApp(userOf(to)) : undefined;
    const account = found?.find(({ exists }) => exists);
    if (found !== undefined && account === undefined) return NOT_ON_WHATSAPP;
    const own = account === undefined ? to : plainJid(account.jid);
    const other = own === to ? undefined : await addressWithDevices(own);
    if (other !== undefined) return { to: other, chat: own };
    const message = "WhatsApp did not tell the recipient's devices";
    return { ok: false, code: null, message, retryable: true };
  }

  /**
   * Where WhatsApp takes messages to somebody: at the LID, from an account that has moved to these. The number is asked
   * for first, which tells whose it is now: a LID stays with who had the number before.
   */
  async function addressWithDevices(person: Jid): Promise<Jid | undefined> {
    const isFound = await hasDevices(person);
    if (isPn(person) && await lidMigration.isDone()) {
      const lid = await socket.signalRepository.lidMapping.getLIDForPN(person);
      if (lid !== null && await hasDevices(plainJid(lid))) return plainJid(lid);
    }
    return isFound ? person : undefined;
  }

  async function hasDevices(to: Jid): Promise<boolean> {
    return (await socket.getUSyncDevices([to], true, false)).length > 0;
  }

  /**
   * What refers to a message goes where that one was, and names it as it was addressed: a chat whose messages came
   * under a LID knows none under the phone number.
   */
  async function addressed(request: OutgoingRequest): Promise<OutgoingRequest> {
    const { content, to } = request;
    if (!("target" in content)) return request;
    const { waMessageId } = content.target;
    const { remoteJid, participant } = (await find(waMessageId, to))?.key ?? {};
    if (!remoteJid || !isSameKind(remoteJid, to)) return request;
    const author = content.target.participant === undefined ? {} : {
      participant: participant || content.target.participant,
    };
    return { ...request, to: remoteJid, content: { ...content, target: { ...content.target, ...author } } };
  }

  /** @returns Undefined when the message that is quoted or forwarded is not known. */
  async function build(request: OutgoingRequest, upload: WAMediaUploadFunction) {
    const { waMessageId, to, quotedId } = request;
    const { content, mentions, expiration } = await surround(to, request.content, request.mentions);
    const { mentionsAll } = request;
    const said = content.kind === "forward"
      ? forwardOf(await find(content.messageId))
      : toBaileysContent(content, { to, mentions, mentionsAll });
    if (said === undefined) return undefined;
    const answered = quotedId === undefined ? undefined : await find(quotedId, to);
    if (quotedId !== undefined && answered === undefined) return undefined;
    const quoted = answered?.message &&
      await inChat({ ...answered, message: quotable(answered.message) }, to);
    const built = await generateWAMessage(to, said, {
      messageId: waMessageId,
      userJid: me().pn,
      upload,
      ...(quoted ? { quoted } : {}),
      ...(expiration > 0 ? { ephemeralExpiration: expiration } : {}),
    });
    if (built.message && "viewOnce" in content && content.viewOnce) {
      built.message = toBeViewedOnce(built.message);
    }
    return built;
  }

  /**
   * A message of a chat that is written to under its other address: else the answer would be shown as one to a message
   * of another chat.
   * @see Baileys lib/Utils/messages.js, `generateWAMessageFromContent`
   */
  async function inChat(message: WAMessage, to: Jid): Promise<WAMessage> {
    const { remoteJid, participant } = message.key;
    if (!remoteJid || remoteJid === to || (await directory([to]))(to) !== remoteJid) return message;
    return { ...message, key: { ...message.key, remoteJid: to, participant: participant || remoteJid } };
  }

  /** A message by its id: that of the chat, where there is one, else the oldest. */
  async function find(messageId: string, chat?: Jid): Promise<WAMessage | undefined> {
    const here = chat === undefined ? undefined : await known.inChat(messageId, chat);
    return here ?? await known.oldest(messageId);
  }

  socket.ws.on("CB:ack,class:message", (stanza: BinaryNode) => {
    const { unexpected, ack } = acks.take(stanza);
    const to = unexpected === undefined ? undefined : unanswered.get(unexpected);
    if (unexpected === undefined || to === undefined) return;
    unanswered.delete(unexpected);
    onLateAnswer(receiptOf(unexpected, to, outcomeOf(ack))).catch(() => {}); // the session has ended
  });

  return { send };

  function receiptOf(waMessageId: string, to: Jid, outcome: SendOutcome): SessionReceipt {
    const about = { waMessageId, chat: chatOf(to, () => undefined) };
    if (outcome.ok) return { ...about, status: "sent", at: outcome.acceptedAt };
    const { code, message, reason } = outcome;
    const why = { code, message, ...(reason === undefined ? {} : { reason }) };
    return { ...about, status: "failed", at: clock.now(), reason: why };
  }

  function outcomeOf({ error, t }: Ack): SendOutcome {
    if (error !== null) return refusalOf(error);
    return { ok: true, acceptedAt: fromSeconds(t) || clock.now() };
  }
}

/** Both are chats with a person, or the same group. */
function isSameKind(found: Jid, asked: Jid): boolean {
  const isPerson = (jid: Jid) => isPn(jid) || isLid(jid);
  return found === asked || (isPerson(found) && isPerson(asked));
}

/**
 * Sends a message on as it is, but for what concerned only those that it was sent to.
 * @see Baileys lib/Utils/messages.js, `generateForwardMessageContent`
 */
function forwardOf(message: WAMessage | undefined): AnyMessageContent | undefined {
  const content = normalizeMessageContent(message?.message);
  if (message === undefined || !content) return undefined;
  const { messageContextInfo: _secret, senderKeyDistributionMessage: _key, ...forwarded } = content;
  return { forward: { ...message, message: forwarded } };
}

function unknown({ content, quotedId }: OutgoingRequest): SendOutcome {
  const what = content.kind === "forward" ? `forward "${content.messageId}"` : `quote "${quotedId}"`;
  const message = `Cannot ${what}: this message is not known`;
  return { ok: false, code: null, message, retryable: false };
}

/** What was thrown, as text: Baileys' errors are not kept. */
function failureOf(error: unknown): SendOutcome {
  if (typeof error === "number") return NOT_CONNECTED; // the WebSocket's close code
  const code = codeOf(error);
  // what has no code of its own has 500 from Baileys, and says more than that
  if (isKnownCode(code) && code !== 500) return refusalOf(code);
  const missing = error instanceof Error && "code" in error && error.code === "ENOENT";
  return { ok: false, code, message: messageOf(error), retryable: !missing };
}

/**
 * What a stanza says of its message beside the encrypted part.
 * @see Baileys lib/Socket/messages-send.js `sendMessage`
 */
function relayOptions({ to, content }: OutgoingRequest) {
  const edit = editOf(content, to);
  if (edit !== undefined) return { additionalAttributes: { edit } };
  if (content.kind !== "poll") return {};
  return { additionalNodes: [{ tag: "meta", attrs: { polltype: "creation" } }] };
}

function editOf(content: OutgoingContent, to: Jid): string | undefined {
  if (content.kind === "edit") return "1";
  if (content.kind !== "delete") return undefined;
  // an admin deletes the message of somebody else
  return isGroup(to) && !content.target.fromMe ? "8" : "7";
}
