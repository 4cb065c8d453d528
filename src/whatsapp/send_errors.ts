import type { SendOutcome } from "./session.ts";

type Refusal = Extract<SendOutcome, { readonly ok: false }>;

/** What WhatsApp's error codes for an outgoing message mean, as far as the field knows them. */
const MEANING: Readonly<Record<number, { readonly message: string; readonly retryable: boolean }>> = {
  400: { message: "WhatsApp could not read the message", retryable: false },
  401: { message: "The device is not allowed to send; link it again", retryable: false },
  403: {
    message: "The device may not write in this chat: it is not a member, or is blocked",
    retryable: false,
  },
  404: { message: "The chat or the recipient does not exist", retryable: false },
  405: { message: "This kind of message is not allowed in this chat", retryable: false },
  408: { message: "WhatsApp took too long", retryable: true },
  420: {
    message:
      "The device may not write in this group: only admins may, or it is a community and none of its groups",
    retryable: false,
  },
  421: {
    message: "How the group addresses its members has changed since the message was made",
    retryable: true,
  },
  428: { message: "The connection to WhatsApp was lost", retryable: true },
  429: { message: "Too many messages; send slower", retryable: true },
  463: {
    message:
      "WhatsApp lets this account write only to people it has written with before (reach-out time lock). " +
      "Stop sending to new people for a while; each try makes it longer",
    retryable: false,
  },
  475: {
    message: "This account has begun as many new chats as WhatsApp allows it in a month; " +
      "it can still write to people it has written with before",
    retryable: false,
  },
  479: {
    message: "WhatsApp did not accept the message: the recipient's devices have changed",
    retryable: true,
  },
  500: { message: "WhatsApp had an internal error", retryable: true },
  503: { message: "WhatsApp is not available right now", retryable: true },
};

/** Whether it is known what a code says of an outgoing message. */
export function isKnownCode(code: number | null): code is number {
  return code !== null && Object.hasOwn(MEANING, code);
}

/** A refusal as a sentence, from the code in the server's answer to an outgoing message. */
export function refusalOf(code: number): Refusal {
  const { message, retryable } = MEANING[code] ??
    { message: "WhatsApp refused the message", retryable: false };
  return { ok: false, code, message: `${message} (${code})`, reason: "refused", retryable };
}

/**
 * Refusals of a message to a group that tell that the group is another than the one the message was made for: how it
 * addresses its members, or who may write in it.
 * @see WhatsApp Web, NackReason `MessageNotAllowed` and `StaleGroupAddressingMode`: after these it asks for the group
 */
export const GROUP_HAS_CHANGED: ReadonlySet<number> = new Set([420, 421]);

/** Whether WhatsApp would refuse the message each time, so that no try of it can have got through. */
export function isFinalRefusal(code: number): boolean {
  return !refusalOf(code).retryable;
}

export const NOT_ON_WHATSAPP: Refusal = {
  ok: false,
  code: null,
  message: "This number is not on WhatsApp",
  reason: "not_on_whatsapp",
  retryable: false,
};

export const UNKNOWN_LID: Refusal = {
  ok: false,
  code: null,
  message: "WhatsApp does not know this LID",
  reason: "unknown_lid",
  retryable: false,
};

export function timedOut(timeoutMs: number): Refusal {
  const message = `WhatsApp did not confirm the message within ${timeoutMs / 1000} s`;
  return { ok: false, code: null, message, reason: "timed_out", retryable: true };
}

/** The connection was lost, or never there, before the server answered. */
export const NOT_CONNECTED: Refusal = {
  ok: false,
  code: null,
  message: "The connection to WhatsApp was lost before the message was confirmed",
  reason: "not_connected",
  retryable: true,
};
