import type { Hook } from "@hono/zod-openapi";
import type { Context } from "@hono/hono";
import { HTTPException } from "@hono/hono/http-exception";
import type { ContentfulStatusCode } from "@hono/hono/utils/http-status";
import {
  ConflictError,
  DeviceOfflineError,
  InvalidError,
  messageOf,
  NotFoundError,
  type RefusalCode,
  RefusedError,
  StoreUnavailableError,
} from "../errors.ts";
import { logOf } from "../log.ts";
import { WhatsAppRefusal } from "../whatsapp/actions.ts";
import { PairingRefusedError } from "../whatsapp/pairing_code.ts";
import { type HttpEnv, surfaceOf } from "./context.ts";
import { faultOf, type FieldFault } from "./issues.ts";

const log = logOf("http");

interface Extras {
  readonly details?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A refusal that only HTTP knows, such as a missing key or a body that is too large. */
export class HttpError extends Error {
  override readonly name = "HttpError";
  constructor(
    readonly status: ContentfulStatusCode,
    readonly code: string,
    message: string,
    readonly extras: Extras = {},
  ) {
    super(message);
  }
}

export function unauthorized(code: string, message: string): HttpError {
  return new HttpError(401, code, message, { headers: { "WWW-Authenticate": 'Bearer realm="kabar"' } });
}

export function forbidden(message: string): HttpError {
  return new HttpError(403, "FORBIDDEN", message);
}

export function tooLarge(maxBytes: number): HttpError {
  const limit = `${Math.floor(maxBytes / 1_048_576)} MiB`;
  return new HttpError(413, "BODY_TOO_LARGE", `The body is too large: this takes at most ${limit}`);
}

export function tooMany(message: string, extras: Extras = {}): HttpError {
  return new HttpError(429, "RATE_LIMIT_EXCEEDED", message, extras);
}

interface Refusal extends Extras {
  readonly status: ContentfulStatusCode;
  readonly code: string;
  readonly message: string;
}

const STATUS_OF: Readonly<Record<RefusalCode, ContentfulStatusCode>> = {
  INVALID_RECIPIENT: 400,
  INVALID_MEDIA: 400,
  MEDIA_URL_REFUSED: 400,
  MEDIA_UNREACHABLE: 422,
  MEDIA_TOO_LARGE: 413,
  MEDIA_TYPE_NOT_SUPPORTED: 415,
  MEDIA_NOT_FOUND: 404,
  MEDIA_GONE: 410,
  NOT_ON_WHATSAPP: 422,
  GROUP_NOT_FOUND: 404,
  MESSAGE_NOT_FOUND: 404,
  QUOTED_MESSAGE_NOT_FOUND: 404,
  MESSAGE_NOT_SENT_YET: 409,
  MESSAGE_TOO_OLD: 409,
  NOT_YOUR_MESSAGE: 409,
  NOT_FORWARDABLE: 422,
  IDEMPOTENCY_KEY_REUSED: 422,
  DEVICE_CANNOT_SEND: 409,
  DEVICE_ALREADY_PAIRED: 409,
  NO_QR: 409,
  NO_PAIRING_CODE: 409,
  WHATSAPP_REFUSED: 502,
  SEND_FAILED: 502,
  SET_BY_ENVIRONMENT: 409,
  DEFAULT_TENANT: 409,
  TOO_MANY_WEBHOOKS: 409,
  CURSOR_TOO_OLD: 410,
};

/** The one place where a failure gets its HTTP status. Undefined: nobody foresaw it. */
function refusalOf(error: unknown): Refusal | undefined {
  if (error instanceof HttpError) {
    return { status: error.status, code: error.code, message: error.message, ...error.extras };
  }
  if (error instanceof InvalidError) {
    const details = [{ field: error.field, message: error.message }];
    return { status: 400, code: "VALIDATION_ERROR", message: error.message, details };
  }
  if (error instanceof NotFoundError) return { status: 404, code: "NOT_FOUND", message: error.message };
  if (error instanceof ConflictError) return { status: 409, code: "ALREADY_EXISTS", message: error.message };
  if (error instanceof DeviceOfflineError) {
    const details = { device_id: error.id, status: error.status };
    return { status: 409, code: "DEVICE_NOT_CONNECTED", message: error.message, details };
  }
  if (error instanceof RefusedError) {
    return {
      status: STATUS_OF[error.code],
      code: error.code,
      message: error.message,
      details: error.details,
    };
  }
  if (error instanceof WhatsAppRefusal) return refusalOfWhatsApp(error);
  if (error instanceof PairingRefusedError) {
    return { status: 502, code: "PAIRING_REFUSED", message: error.message };
  }
  if (error instanceof StoreUnavailableError) {
    const message = "The store cannot take anything now: try again in a moment";
    return { status: 503, code: "STORE_UNAVAILABLE", message, headers: { "Retry-After": "5" } };
  }
  if (error instanceof HTTPException) return refusalOfHono(error);
  return undefined;
}

/** WhatsApp's own code says best what kind of refusal it is; no answer at all is a broken line. */
function refusalOfWhatsApp({ code, message }: WhatsAppRefusal): Refusal {
  const statuses: Readonly<Record<number, ContentfulStatusCode>> = { 401: 403, 403: 403, 404: 404, 409: 409 };
  const status = code === null ? 504 : statuses[code] ?? STATUS_OF.WHATSAPP_REFUSED;
  return { status, code: "WHATSAPP_REFUSED", message, details: { code } };
}

/** What Hono's own validators throw. */
function refusalOfHono(error: HTTPException): Refusal {
  const status = error.status as ContentfulStatusCode;
  if (status === 415) {
    const message =
      "The body is not in a form that this takes: send JSON with Content-Type: application/json";
    return { status, code: "UNSUPPORTED_MEDIA_TYPE", message };
  }
  if (/JSON/i.test(error.message)) {
    return { status: 400, code: "INVALID_JSON", message: "The body is not valid JSON" };
  }
  return { status, code: status === 404 ? "NOT_FOUND" : "INVALID_INPUT", message: error.message };
}

/** Answers a failed request in the envelope of its surface. Nothing of an unforeseen error leaves but its request id. */
export function answerError(error: unknown, c: Context<HttpEnv>): Response {
  const refusal = refusalOf(error) ?? unforeseen(error, c);
  for (const [name, value] of Object.entries(refusal.headers ?? {})) c.header(name, value);
  const { status, code, message, details } = refusal;
  if (surfaceOf(c.req.path) === "api") return c.json({ success: false, message, error: message }, status);
  const fault = details === undefined ? { code, message } : { code, message, details };
  return c.json({ success: false, error: fault, requestId: c.get("requestId") }, status);
}

function unforeseen(error: unknown, c: Context<HttpEnv>): Refusal {
  const requestId = c.get("requestId");
  if (error instanceof Error && error.name === "BadResource") { // Deno's word for a body that broke off
    return { status: 400, code: "INVALID_INPUT", message: "The request was broken off" };
  }
  const stack = error instanceof Error ? error.stack : undefined;
  log.error("http.failed", {
    requestId,
    method: c.req.method,
    path: c.req.path,
    error: messageOf(error),
    stack,
  });
  const message = `Something went wrong here; the log tells more under ${requestId}`;
  return { status: 500, code: "INTERNAL_ERROR", message };
}

/** What a schema does not accept becomes a 400 whose sentences name the fields. */
export const refuseInvalid: Hook<unknown, HttpEnv, string, void> = (result) => {
  if (result.success) return;
  const { target, error } = result;
  const input: unknown = "data" in result ? result.data : undefined;
  const faults: readonly FieldFault[] = error.issues.map((issue) => faultOf(issue, target, input));
  const message = faults.slice(0, 5).map((fault) => fault.message).join("; ");
  throw new HttpError(400, "VALIDATION_ERROR", message, { details: faults });
};
