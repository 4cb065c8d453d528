import type { SessionEnd } from "./session.ts";

/** What is known when a connection has ended. */
export interface Disconnect {
  /** WhatsApp's or the WebSocket's status code; null when there was none. */
  readonly code: number | null;
  /** The error's text, for what has no code of its own. */
  readonly text?: string;
  /** The device was linked to a phone when the connection began. */
  readonly paired: boolean;
  /** Until when WhatsApp says that it lasts, epoch ms. */
  readonly until?: number;
}

type Reading = Omit<SessionEnd, "code">;

const UNLINKED = "Link it again: start the device and scan a new QR code with WhatsApp on the phone";

/** The owner logged a device out while WhatsApp could not be reached. */
export const LOGGED_OUT_UNTOLD: SessionEnd = {
  reason: "logout",
  code: null,
  final: true,
  message:
    "Logged out here, but WhatsApp could not be reached: the phone still lists the device. Remove it there, " +
    "under Linked devices",
};

/** The device's proxy did not let it through. */
export function proxyFailed(message: string): SessionEnd {
  return { reason: "connection_lost", code: null, final: false, message, proxyFailed: true };
}

/** Ends whose meaning does not depend on anything else. Codes of `failure` and `stream:error` stanzas. */
const KNOWN: Readonly<Record<number, Reading>> = {
  401: {
    reason: "logout",
    final: true,
    message: `The device was unlinked from the phone, or logged out. ${UNLINKED}`,
  },
  402: {
    reason: "banned",
    final: true,
    message: "WhatsApp has banned this number for a while. Open WhatsApp on the phone to see until when; " +
      "start the device again after that, and send less",
  },
  403: {
    reason: "banned",
    final: true,
    message: "WhatsApp has blocked this account. Open WhatsApp on the phone and ask for a review; " +
      "start the device again when it works there",
  },
  405: {
    reason: "auth_failure",
    final: true,
    message:
      "WhatsApp no longer accepts this version of the client. Update Kabar, then start the device again",
  },
  406: {
    reason: "banned",
    final: true,
    message: "WhatsApp has banned this number. Open WhatsApp on the phone and ask for a review",
  },
  409: {
    reason: "auth_failure",
    final: true,
    message: "WhatsApp does not accept this client. Update Kabar, then start the device again",
  },
  411: {
    reason: "auth_failure",
    final: true,
    message: `The phone's WhatsApp is too old for linked devices. Update it. ${UNLINKED}`,
  },
  440: {
    reason: "replaced",
    final: true,
    message: "Another program connected with this device's keys. Stop that one, then start the device again",
  },
  515: {
    reason: "restart_required",
    final: false,
    message: "WhatsApp asked for a new connection, as it does after pairing",
  },
};

/**
 * Codes of refused logins that other clients take for final; WhatsApp gives some of them in passing.
 * @see whatsmeow types/events `ConnectFailureReason`
 */
const REFUSED: ReadonlySet<number> = new Set([400, 413, 414, 415, 418, 501]);
/** As many refusals in a row are for good. */
export const MOST_REFUSALS = 3;
const BANNED_FOR_A_WHILE = 402;

const LOST: Readonly<Record<number, string>> = {
  408: "WhatsApp did not answer in time",
  428: "The connection to WhatsApp was closed",
  429: "WhatsApp asks to connect less often",
  500: "WhatsApp reported an error on this connection",
  503: "WhatsApp is not available right now",
};

/** What Baileys says when it has shown its last QR code. */
const NO_QR_LEFT = "QR refs attempts ended";
/** What Baileys says when there was no WebSocket to WhatsApp, or it broke: it gives that codes of WhatsApp, too. */
const UNREACHABLE = /^WebSocket Error \((.*)\)$/s;
/** What Baileys says of a server that is not WhatsApp's, under code 400: nobody refused a login there. */
const UNTRUSTED = /^noise .*\binvalid\b/;

/** Why a connection ended and what to do, from the code that WhatsApp gave. */
export function sessionEndOf({ code, text = "", paired, until }: Disconnect): SessionEnd {
  if (!paired && text === NO_QR_LEFT) {
    return {
      reason: "pairing_expired",
      final: true,
      code,
      message:
        "Nobody scanned the QR code or typed the pairing code in time. Start the device again to get a new one",
    };
  }
  const trouble = UNREACHABLE.exec(text)?.[1];
  if (trouble !== undefined) return lost(code, `WhatsApp cannot be reached (${trouble})`);
  if (code === BANNED_FOR_A_WHILE && until !== undefined) {
    const message = `WhatsApp has banned this number until ${new Date(until).toISOString()}. ` +
      "The gateway connects again then by itself; send less after that";
    return { reason: "banned", final: false, code, message, until };
  }
  if (UNTRUSTED.test(text)) return lost(code, text);
  if (code !== null && REFUSED.has(code)) {
    return { ...lost(code, `WhatsApp refused the login (${code})`), refused: true };
  }
  const known = code === null ? undefined : KNOWN[code];
  if (known !== undefined) return { ...known, code };
  const what = code === null ? undefined : LOST[code];
  return lost(code, what ?? (text === "" ? "The connection to WhatsApp was lost" : text));
}

function lost(code: number | null, what: string): SessionEnd {
  return {
    reason: "connection_lost",
    final: false,
    code,
    message: `${what}. The gateway connects again by itself`,
  };
}

/** The end of a device whose login WhatsApp refuses again and again. */
export function refusedForGood({ code }: SessionEnd): SessionEnd {
  const message = `WhatsApp refuses the login of this device (${code}), ${MOST_REFUSALS} times in a row. ` +
    "Update Kabar; if that does not help, log the device out and link it again";
  return { reason: "auth_failure", final: true, code, message };
}

/** Sending does not get on although WhatsApp is there: something in the session waits for ever. */
export const STALLED: SessionEnd = {
  reason: "connection_lost",
  final: false,
  code: null,
  message: "Sending got stuck in this session. The gateway connects again by itself",
};

/** The server answered the WebSocket's request with an HTTP status. */
export function upgradeRefused(status: number): SessionEnd {
  const message = `WhatsApp refused the connection with HTTP ${status}. The gateway connects again by itself`;
  return { reason: "connection_lost", final: false, code: status, message };
}

/** The end of a pairing that WhatsApp will not let a linked device like this one complete. */
export const PASSKEY_REQUIRED: SessionEnd = {
  reason: "auth_failure",
  final: true,
  code: null,
  message:
    "WhatsApp asks this account for a passkey when a device is linked, which Kabar cannot answer: that takes a " +
    "browser in which the passkey's owner confirms it. Neither a new QR code nor a pairing code passes it; use a " +
    "number without this requirement",
};

export const STOPPED: SessionEnd = {
  reason: "stopped",
  final: true,
  code: null,
  message: "The device was stopped",
};

/** The connection was not even tried. */
export const UNTRIED: SessionEnd = {
  reason: "connection_lost",
  final: false,
  code: null,
  message: "The session was not opened",
};

export const REMOVED: SessionEnd = {
  reason: "stopped",
  final: true,
  code: null,
  message: "The device was removed",
};
