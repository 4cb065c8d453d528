import type { ContentfulStatusCode } from "@hono/hono/utils/http-status";

/** A refusal in Meta's own codes. @see Meta, "Cloud API Error Codes" */
export class GraphError extends Error {
  override readonly name = "GraphError";
  constructor(
    /** Such as 100 or 131026. */
    readonly code: number,
    /** What is wrong, for developers. */
    readonly details: string,
    readonly status: ContentfulStatusCode = 400,
  ) {
    super(`${TITLES[code] ?? "Something went wrong"}: ${details}`);
  }
}

const TITLES: Readonly<Record<number, string>> = {
  100: "Invalid parameter",
  190: "Invalid OAuth access token",
  200: "Permissions error",
  130429: "Rate limit hit",
  131000: "Something went wrong",
  131008: "Required parameter is missing",
  131009: "Parameter value is not valid",
  131016: "Service unavailable",
  131021: "Recipient cannot be sender",
  131026: "Message undeliverable",
  131048: "Spam rate limit hit",
  131051: "Unsupported message type",
  131052: "Media download error",
  131053: "Media upload error",
  132000: "Number of parameters does not match the expected number of params",
  132005: "Translated text too long",
  132001: "Template name does not exist in the translation",
};

/** Our own words for refusals in Meta's codes; what is not here is 131000. */
const CODES: Readonly<Record<string, readonly [code: number, status: ContentfulStatusCode]>> = {
  UNAUTHORIZED: [190, 401],
  INVALID_API_KEY: [190, 401],
  FORBIDDEN: [200, 403],
  INSUFFICIENT_SCOPE: [200, 403],
  DEVICE_NOT_ALLOWED: [200, 403],
  CHAT_NOT_ALLOWED: [200, 403],
  NOT_FOUND: [100, 400],
  METHOD_NOT_ALLOWED: [100, 400],
  VALIDATION_ERROR: [100, 400],
  INVALID_INPUT: [100, 400],
  INVALID_JSON: [100, 400],
  BODY_TOO_LARGE: [100, 400],
  UNSUPPORTED_MEDIA_TYPE: [100, 400],
  ALREADY_EXISTS: [100, 400],
  SET_BY_ENVIRONMENT: [100, 400],
  TOO_MANY_WEBHOOKS: [100, 400],
  NOT_ON_WHATSAPP: [131026, 400],
  INVALID_RECIPIENT: [131026, 400],
  GROUP_NOT_FOUND: [131026, 400],
  MESSAGE_NOT_FOUND: [131009, 400],
  CALL_NOT_FOUND: [131009, 400],
  QUOTED_MESSAGE_NOT_FOUND: [131009, 400],
  MESSAGE_NOT_SENT_YET: [131009, 400],
  MEDIA_NOT_FOUND: [100, 400],
  MEDIA_GONE: [131052, 400],
  INVALID_MEDIA: [131053, 400],
  MEDIA_URL_REFUSED: [131053, 400],
  MEDIA_UNREACHABLE: [131053, 400],
  MEDIA_TOO_LARGE: [131053, 400],
  MEDIA_TYPE_NOT_SUPPORTED: [131053, 400],
  RATE_LIMIT_EXCEEDED: [130429, 429],
  DEVICE_NOT_CONNECTED: [131016, 503],
  DEVICE_CANNOT_SEND: [131016, 503],
  STORE_UNAVAILABLE: [131016, 503],
  STOPPING: [131016, 503],
  BUSY: [131016, 503],
};

/** An error as Graph answers it. */
export interface GraphAnswer {
  readonly status: ContentfulStatusCode;
  readonly body: { readonly error: Readonly<Record<string, unknown>> };
}

/**
 * A refusal in Meta's shape: `{error: {message, type, code, error_data, fbtrace_id}}`. Clients decide by `code`.
 * @param refusal In our words, or a `GraphError`.
 */
export function graphAnswer(
  refusal: {
    readonly code: string | number;
    readonly message: string;
    readonly status: ContentfulStatusCode;
  },
  requestId: string,
): GraphAnswer {
  const own = typeof refusal.code === "number" ? undefined : CODES[refusal.code];
  const [code, status] = own ??
    (typeof refusal.code === "number" ? [refusal.code, refusal.status] as const : [131000, 500] as const);
  const title = TITLES[code] ?? "Something went wrong";
  const message = code === 190 ? `${title} - ${refusal.message}` : `(#${code}) ${title}`;
  return {
    status,
    body: {
      error: {
        message: code === 100 ? `(#100) ${refusal.message}` : message,
        type: "OAuthException",
        code,
        error_data: { messaging_product: "whatsapp", details: refusal.message },
        fbtrace_id: requestId,
      },
    },
  };
}
