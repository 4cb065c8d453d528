import { DeviceOfflineError } from "../devices/offline.ts";
import {
  BusyError,
  InvalidError,
  messageOf,
  NotFoundError,
  type RefusalCode,
  RefusedError,
  StoreUnavailableError,
} from "../errors.ts";
import type { DeviceStatus } from "../store/devices.ts";
import { WhatsAppRefusal } from "../whatsapp/actions.ts";
import { PairingRefusedError } from "../whatsapp/pairing_refused.ts";
import type { InvalidWhy } from "../invalid.ts";

/** An error as it travels to the gateway that asked: only what a caller can act on keeps its kind. */
interface ToldError {
  readonly kind: string;
  readonly message: string;
  readonly about?: Readonly<Record<string, unknown>>;
}

type Told = { readonly ok: true; readonly value: unknown } | {
  readonly ok: false;
  readonly error: ToldError;
};

/** A call's result as JSON text. A `Map` arrives as a `Map`. */
export function writeAnswer(value: unknown): string {
  const told: Told = { ok: true, value: value instanceof Map ? { entries: [...value] } : { value } };
  return JSON.stringify(told);
}

/** What a call threw, as JSON text. */
export function writeError(error: unknown): string {
  const told: Told = { ok: false, error: toldOf(error) };
  return JSON.stringify(told);
}

/**
 * What a call came to, for who asked.
 * @throws What the call threw, of the same kind where that is one that callers know.
 */
export function readAnswer(text: string): unknown {
  const told = JSON.parse(text) as Told; // only the functions above write it
  if (!told.ok) throw errorOf(told.error);
  const given = told.value as { readonly entries?: readonly [unknown, unknown][]; readonly value?: unknown };
  return given.entries === undefined ? given.value : new Map(given.entries);
}

function toldOf(error: unknown): ToldError {
  const message = messageOf(error);
  if (error instanceof NotFoundError) {
    return { kind: "not_found", message, about: { what: error.what, id: error.id } };
  }
  if (error instanceof InvalidError) {
    return { kind: "invalid", message, about: { field: error.field, why: error.why } };
  }
  if (error instanceof RefusedError) {
    return { kind: "refused", message, about: { code: error.code, details: error.details } };
  }
  if (error instanceof BusyError) return { kind: "busy", message, about: { retryAfterS: error.retryAfterS } };
  if (error instanceof WhatsAppRefusal) return { kind: "whatsapp", message, about: { code: error.code } };
  if (error instanceof PairingRefusedError) return { kind: "pairing", message };
  if (error instanceof StoreUnavailableError) return { kind: "store", message };
  if (error instanceof DeviceOfflineError) {
    return { kind: "offline", message, about: { id: error.id, status: error.status } };
  }
  return { kind: "other", message };
}

function errorOf({ kind, message, about = {} }: ToldError): Error {
  switch (kind) {
    case "not_found":
      return new NotFoundError(String(about.what), String(about.id));
    case "invalid":
      return new InvalidError(String(about.field), message, about.why as InvalidWhy | undefined); // written by `toldOf`
    case "refused":
      return new RefusedError(
        about.code as RefusalCode, // written by `toldOf`
        message,
        about.details as Readonly<Record<string, unknown>> | undefined,
      );
    case "busy":
      return new BusyError(message, Number(about.retryAfterS));
    case "whatsapp":
      return new WhatsAppRefusal(message, about.code as number | null);
    case "pairing":
      return new PairingRefusedError(message);
    case "store":
      return new StoreUnavailableError(message);
    case "offline":
      return new DeviceOfflineError(String(about.id), about.status as DeviceStatus);
    default:
      return new Error(message);
  }
}
