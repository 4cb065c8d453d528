import { DeviceOfflineError } from "../devices/offline.ts";
import type { Hook } from "@hono/zod-openapi";
import type { Context } from "@hono/hono";
import { HTTPException } from "@hono/hono/http-exception";
import type { ContentfulStatusCode } from "@hono/hono/utils/http-status";
import {
  BusyError,
  ConflictError,
  InvalidError,
  messageOf,
  NotFoundError,
  type RefusalCode,
  RefusedError,
  StoreUnavailableError,
} from "../errors.ts";
import { IncomingRequest } from "../listener/request.ts";
import { BodyError } from "../listener/body_error.ts";
import { logOf } from "../log.ts";
import { WhatsAppRefusal } from "../whatsapp/actions.ts";
import { PairingRefusedError } from "../whatsapp/pairing_refused.ts";
import { type HttpEnv, surfaceOf } from "./context.ts";
import { graphAnswer, GraphError } from "./graph_errors.ts";
import { faultOf, type FieldFault } from "./issues.ts";

const log = logOf("http");

export interface Extras {
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

export function refusalOfBody({ fault, maxBytes = 0 }: BodyError): Refusal {
  switch (fault) {
    case "too_large":
      return tooLarge(maxBytes);
    case "too_slow":
      return {
        status: 408,
        code: "REQUEST_TIMEOUT",
        message: "The body did not come in time: send it again",
      };
    case "busy": {
      const message = "Too many bodies are being read now: try again in a moment";
      return { status: 503, code: "BUSY", message, headers: { "Retry-After": "5" } };
    }
    case "broken":
      return { status: 400, code: "INVALID_INPUT", message: "The request was broken off" };
  }
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
  CALL_NOT_FOUND: 404,
  QUOTED_MESSAGE_NOT_FOUND: 404,
  MESSAGE_NOT_SENT_YET: 409,
  MESSAGE_TOO_OLD: 409,
  NOT_YOUR_MESSAGE: 409,
  NOT_FORWARDABLE: 422,
  NO_MESSAGE_KNOWN: 422,
  NOT_SCHEDULED: 409,
  MAY_HAVE_BEEN_SENT: 409,
  HISTORY_REQUEST_FINISHED: 409,
  IDEMPOTENCY_KEY_REUSED: 422,
  DEVICE_CANNOT_SEND: 409,
  QISCUS_NOT_CONFIGURED: 409,
  DEVICE_ALREADY_PAIRED: 409,
  NO_QR: 409,
  NO_PAIRING_CODE: 409,
  WHATSAPP_REFUSED: 502,
  SEND_FAILED: 502,
  SET_BY_ENVIRONMENT: 409,
  DEFAULT_TENANT: 409,
  NOTHING_TO_PROBE: 409,
  TOO_MANY_WEBHOOKS: 409,
  TOO_MANY_KEYS: 409,
  BEHIND_PROXY: 409,
  KEY_HAS_LESS: 403,
  CURSOR_TOO_OLD: 410,
};

/** The one place where a failure gets its HTTP status. Undefined: nobody foresaw it. */
export function refusalOf(error: unknown): Refusal | undefined {
  if (error instanceof HttpError) {
    return { status: error.status, code: error.code, message: error.message, ...error.extras };
  }
  if (error instanceof GraphError) {
    return { status: error.status, code: "INVALID_INPUT", message: error.message };
  }
  if (error instanceof BodyError) return refusalOfBody(error);
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
  if (error instanceof BusyError) {
    const headers = { "Retry-After": String(error.retryAfterS) };
    return { status: 429, code: "RATE_LIMIT_EXCEEDED", message: error.message, headers };
  }
  if (error instanceof WhatsAppRefusal) return refusalOfWhatsApp(error);
  if (error instanceof PairingRefusedError) {
    return { status: 502, code: "PAIRING_REFUSED", message: error.message };
  }
  if (error instanceof StoreUnavailableError) {
    const message = "The store cannot take anything now: try again in a moment";
    return { status: 503, code: "STORE_UNAVAILABLE", message, headers: { "Retry-After": "5" } };
  }
  if (error instanceof RangeError && /call stack/i.test(error.message)) {
    // Only what a client sends can be nested so deeply; it cannot be written out again.
    return { status: 400, code: "INVALID_JSON", message: "The body is nested too deeply" };
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

/**
 * Answers a failed request in the envelope of its surface. Nothing of an unforeseen error leaves but its request id.
 */
export function answerError(error: unknown, c: Context<HttpEnv>): Response {
  const { raw } = c.req;
  const broken = raw instanceof IncomingRequest ? raw.content.fault : undefined; // validators hide it
  const refusal = refusalOf(broken ?? error) ?? unforeseen(error, c);
  for (const [name, value] of Object.entries(refusal.headers ?? {})) c.header(name, value);
  const { status, code } = refusal;
  const message = quoting(refusal.message);
  const details = quotingIn(refusal.details);
  const surface = surfaceOf(c.req.path);
  if (surface === "graph") {
    const own = error instanceof GraphError
      ? { code: error.code, status: error.status, message: error.details }
      : refusal;
    const answer = graphAnswer(own, c.get("requestId"));
    return c.json(answer.body, answer.status);
  }
  if (surface === "api") return c.json({ success: false, message, error: message }, status);
  const fault = details === undefined ? { code, message } : { code, message, details };
  return c.json({ success: false, error: fault, requestId: c.get("requestId") }, status);
}

/** What a caller sent is quoted so far only. */
const MOST_QUOTED = 100;
const LONG_WORD = new RegExp(`\\S{${MOST_QUOTED + 1},}`, "g");

function quoting(text: string): string {
  return text.replace(LONG_WORD, (word) => `${word.slice(0, MOST_QUOTED).toWellFormed()}…`);
}

function quotingIn(details: unknown): unknown {
  if (typeof details === "string") return quoting(details);
  if (Array.isArray(details)) return details.map(quotingIn);
  if (typeof details !== "object" || details === null) return details;
  return Object.fromEntries(Object.entries(details).map(([name, value]) => [name, quotingIn(value)]));
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
