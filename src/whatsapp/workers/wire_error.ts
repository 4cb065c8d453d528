import {
  BusyError,
  ConflictError,
  InvalidError,
  LeaseLostError,
  messageOf,
  NotFoundError,
  RefusedError,
  StoreUnavailableError,
} from "../../errors.ts";
import { WhatsAppRefusal } from "../actions.ts";
import { PairingRefusedError } from "../pairing_refused.ts";

/** An error as it crosses to another thread: cloning keeps neither its class nor its fields. */
export interface WireError {
  readonly name: string;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Those that callers can act on. */
const CLASSES = [
  BusyError,
  ConflictError,
  InvalidError,
  LeaseLostError,
  NotFoundError,
  PairingRefusedError,
  RefusedError,
  StoreUnavailableError,
  WhatsAppRefusal,
];

export function toWire(error: unknown): WireError {
  const known = CLASSES.find((one) => error instanceof one);
  if (known === undefined) return { name: "Error", message: messageOf(error), fields: {} };
  const { name: _name, ...fields } = error as Error & Record<string, unknown>;
  return { name: known.name, message: messageOf(error), fields };
}

/** The error again, of its class. */
export function fromWire({ name, message, fields }: WireError): Error {
  const known = CLASSES.find((one) => one.name === name);
  if (known === undefined) return new Error(message);
  const error: Error = Reflect.construct(Error, [message], known);
  return Object.assign(error, fields, { name });
}
