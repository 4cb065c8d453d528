import type { InvalidWhy } from "./invalid.ts";

/** Something with this id or name exists already. */
export class ConflictError extends Error {
  override readonly name = "ConflictError";
}

/** The thing does not exist, or belongs to somebody else. */
export class NotFoundError extends Error {
  override readonly name = "NotFoundError";
  constructor(readonly what: string, readonly id: string) {
    super(`Cannot find ${what} "${id}"`);
  }
}

/**
 * Something given from outside is not acceptable. `field` is the path of the culprit, such as `events[0]`; `why` says
 * the same as the message to whoever speaks another language.
 */
export class InvalidError extends Error {
  override readonly name = "InvalidError";
  constructor(readonly field: string, message: string, readonly why?: InvalidWhy) {
    super(message);
  }
}

/** Why something that was asked for well cannot be done. Programs know the case by this word. */
export type RefusalCode =
  | "INVALID_RECIPIENT"
  | "INVALID_MEDIA"
  | "MEDIA_URL_REFUSED"
  | "MEDIA_UNREACHABLE"
  | "MEDIA_TOO_LARGE"
  | "MEDIA_TYPE_NOT_SUPPORTED"
  | "MEDIA_NOT_FOUND"
  | "MEDIA_GONE"
  | "NOT_ON_WHATSAPP"
  | "GROUP_NOT_FOUND"
  | "MESSAGE_NOT_FOUND"
  | "CALL_NOT_FOUND"
  | "QUOTED_MESSAGE_NOT_FOUND"
  | "MESSAGE_NOT_SENT_YET"
  | "MESSAGE_TOO_OLD"
  | "NOT_YOUR_MESSAGE"
  | "NOT_FORWARDABLE"
  | "NO_MESSAGE_KNOWN"
  | "NOT_SCHEDULED"
  | "MAY_HAVE_BEEN_SENT"
  | "HISTORY_REQUEST_FINISHED"
  | "IDEMPOTENCY_KEY_REUSED"
  | "DEVICE_CANNOT_SEND"
  | "QISCUS_NOT_CONFIGURED"
  | "DEVICE_ALREADY_PAIRED"
  | "NO_QR"
  | "NO_PAIRING_CODE"
  | "WHATSAPP_REFUSED"
  | "SEND_FAILED"
  | "SET_BY_ENVIRONMENT"
  | "DEFAULT_TENANT"
  | "NOTHING_TO_PROBE"
  | "TOO_MANY_WEBHOOKS"
  | "TOO_MANY_KEYS"
  | "KEY_HAS_LESS"
  | "BEHIND_PROXY"
  | "CURSOR_TOO_OLD";

/** It was asked for well, but it cannot be done: `code` names the case, the message says it to people. */
export class RefusedError extends Error {
  override readonly name = "RefusedError";
  constructor(
    readonly code: RefusalCode,
    message: string,
    readonly details?: Readonly<Record<string, unknown>>,
  ) {
    super(message);
  }
}

/** As much as may be done at once is being done: try again after `retryAfterS` seconds. */
export class BusyError extends Error {
  override readonly name = "BusyError";
  constructor(message: string, readonly retryAfterS: number) {
    super(message);
  }
}

/** The store cannot take anything now: the disk is full, or the file is locked or damaged. */
export class StoreUnavailableError extends Error {
  override readonly name = "StoreUnavailableError";
}

/** A write was refused: the lease that it was made under is somebody else's, or nobody's, by now. */
export class LeaseLostError extends Error {
  override readonly name = "LeaseLostError";
  constructor(readonly lease: string) {
    super(`Cannot write for ${lease}: its lease is lost`);
  }
}

/** What went wrong, as text that may be kept, logged and shown: never the Error object itself. */
export function messageOf(error: unknown): string {
  if (error instanceof Error) return error.message === "" ? error.name : error.message;
  return String(error);
}

/** So much of a text is shown in an error. */
const SHOWN = 60;

/**
 * A text from outside in quotes, for an error: shortened, and with what nobody can see or what looks like something
 * else (controls, format characters, odd blanks and dashes) as `\u202e`.
 */
export function quoted(text: string): string {
  const short = text.length > SHOWN ? `${text.slice(0, SHOWN).replace(/[\ud800-\udbff]$/, "")}…` : text;
  return `"${short.replace(/["\\]/g, "\\$&").replace(UNSEEN, escaped)}"`;
}

const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]|(?! )\p{Zs}|(?!-)\p{Pd}|[\u2212\ufffe\uffff]/gu;

function escaped(sign: string): string {
  return Array.from(
    { length: sign.length },
    (_, index) => `\\u${sign.charCodeAt(index).toString(16).padStart(4, "0")}`,
  ).join("");
}
