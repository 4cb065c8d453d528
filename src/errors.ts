import type { DeviceId } from "./ids.ts";
import type { DeviceStatus } from "./store/devices.ts";

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

/** Something given from outside is not acceptable. `field` is the path of the culprit, such as `events[0]`. */
export class InvalidError extends Error {
  override readonly name = "InvalidError";
  constructor(readonly field: string, message: string) {
    super(message);
  }
}

const STANDING: Readonly<Record<DeviceStatus, string>> = {
  needs_pairing: "not linked with a phone; let one scan its QR code first",
  pairing: "waiting for a phone to link it",
  connecting: "still connecting",
  connected: "connected",
  disconnected: "not connected",
  failed: "stopped until it is started again; its last_error says why",
};

/** The device exists, but WhatsApp cannot be reached through it now. */
export class DeviceOfflineError extends Error {
  override readonly name = "DeviceOfflineError";
  constructor(readonly id: DeviceId, readonly status: DeviceStatus) {
    super(`Cannot use "${id}": the device is ${STANDING[status]}`);
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
  | "QUOTED_MESSAGE_NOT_FOUND"
  | "MESSAGE_NOT_SENT_YET"
  | "MESSAGE_TOO_OLD"
  | "NOT_YOUR_MESSAGE"
  | "NOT_FORWARDABLE"
  | "IDEMPOTENCY_KEY_REUSED"
  | "DEVICE_CANNOT_SEND"
  | "DEVICE_ALREADY_PAIRED"
  | "NO_QR"
  | "NO_PAIRING_CODE"
  | "WHATSAPP_REFUSED"
  | "SEND_FAILED"
  | "SET_BY_ENVIRONMENT"
  | "DEFAULT_TENANT"
  | "TOO_MANY_WEBHOOKS"
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

/** The store cannot take anything now: the disk is full, or the file is locked or damaged. */
export class StoreUnavailableError extends Error {
  override readonly name = "StoreUnavailableError";
}

/** What went wrong, as text that may be kept, logged and shown: never the Error object itself. */
export function messageOf(error: unknown): string {
  if (error instanceof Error) return error.message === "" ? error.name : error.message;
  return String(error);
}
