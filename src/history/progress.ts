import type { HistoryProgress, HistoryRequest, HistoryStatus } from "../store/history_requests.ts";
import type { PastAnswer } from "../whatsapp/session.ts";

/** So many messages a phone hands over at once, as whatsmeow advises. */
export const PAGE = 50;
/** However far back is asked for, no more messages of one conversation are. */
export const MOST_OF_A_CHAT = 10_000;
/** A phone that has not answered for so many conversations, and for none, is not asked for the others. */
const SILENT_AT_FIRST = 2;
/** Nor one that has not answered for so many of them in all. */
const SILENT_IN_ALL = 5;

export type Change = Partial<HistoryProgress>;

/** How many messages are asked for next. */
export function pageSize({ count, inChat }: Pick<HistoryRequest, "count" | "inChat">): number {
  return count === null ? PAGE : Math.max(1, Math.min(PAGE, count - inChat));
}

/** What an answer of the phone makes of a request. */
export function afterAnswer(request: HistoryRequest, answer: PastAnswer, now: number): Change {
  const inChat = request.inChat + answer.messages;
  const { oldest } = answer;
  const isAll = answer.isComplete || oldest === null;
  const isOver = isAll || hasEnough(request, inChat, oldest.sentAt) || oldest.messageId === request.anchor;
  // it was late, but it came
  const unanswered = request.unanswered - (request.status === "silent" ? 1 : 0);
  const came: Change = {
    askedId: null,
    status: "answering",
    error: null,
    finishedAt: null,
    pages: request.pages + 1,
    messages: request.messages + answer.messages,
    added: request.added + answer.added,
    unanswered,
  };
  if (!isOver) return { ...came, anchor: oldest.messageId, inChat };
  return {
    ...came,
    ...nextChat({ ...request, unanswered, exhausted: request.exhausted + (isAll ? 1 : 0) }, now),
  };
}

function hasEnough({ count, since }: HistoryRequest, inChat: number, oldestAt: number): boolean {
  if (count !== null && inChat >= count) return true;
  return (since !== null && oldestAt <= since) || inChat >= MOST_OF_A_CHAT;
}

/** What it makes of a request that the phone has not answered in time. */
export function afterSilence(request: HistoryRequest, now: number): Change {
  const unanswered = request.unanswered + 1;
  const isLast = request.chats.length === 1;
  const isSilent = isLast || unanswered >= (request.pages === 0 ? SILENT_AT_FIRST : SILENT_IN_ALL);
  // what it asked for stays: an answer that comes after all goes on from there
  if (isSilent) return { unanswered, status: "silent", finishedAt: now };
  return { askedId: null, ...nextChat({ ...request, unanswered }, now) };
}

/** Goes on with the next conversation, or ends. */
export function nextChat(request: HistoryRequest, now: number): Change {
  const { position, chats, exhausted, unanswered } = request;
  const moved: Change = { position: position + 1, anchor: null, inChat: 0, exhausted, unanswered };
  if (position + 1 < chats.length) return moved;
  return { ...moved, status: endOf(request), finishedAt: now };
}

function endOf({ chats, exhausted, unanswered }: HistoryRequest): HistoryStatus {
  if (unanswered >= chats.length) return "silent";
  return exhausted + unanswered >= chats.length ? "exhausted" : "done";
}
