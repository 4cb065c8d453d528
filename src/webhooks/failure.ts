import { messageOf } from "../errors.ts";
import type { FailureReason } from "./outcome.ts";

/** A cause in two forms: for programs and for people. */
export interface Failure {
  readonly reason: FailureReason;
  readonly error: string;
}

const REDIRECTS: ReadonlySet<number> = new Set([300, 301, 302, 303, 307, 308]);

const UNREACHABLE: ReadonlySet<string> = new Set(["EHOSTUNREACH", "ENETUNREACH", "EADDRNOTAVAIL"]);

/** What to say of an answer that is not 2xx. */
export function failureOfStatus(statusCode: number): Failure {
  const error = REDIRECTS.has(statusCode) ? `Redirect (${statusCode}) is not followed` : `HTTP ${statusCode}`;
  return { reason: "status", error };
}

/** What to say when the time was up, while still connecting or while waiting for the answer. */
export function failureOfTimeout(phase: "connecting" | "waiting", limitMs: number): Failure {
  const what = phase === "connecting" ? "Connection" : "Response";
  return { reason: "timeout", error: `${what} timeout after ${limitMs / 1000} s` };
}

/** What to say of an error that the HTTP client gave instead of an answer. `host` is whom we called. */
export function failureOfError(error: unknown, host: string): Failure {
  const { code, message } = rootOf(error);
  switch (code) {
    case "KABAR_REFUSED_ADDRESS":
      return { reason: "refused_address", error: message };
    case "ECONNREFUSED":
      return { reason: "connect", error: "Connection refused" };
    case "ETIMEDOUT":
    case "UND_ERR_CONNECT_TIMEOUT":
      return { reason: "timeout", error: "Connection timeout" };
    case "ENOTFOUND":
    case "ENODATA":
      return { reason: "dns", error: `Name not found: ${host}` };
    case "EAI_AGAIN":
    case "EAI_FAIL":
    case "ESERVFAIL":
      return { reason: "dns", error: `Name cannot be resolved now: ${host}` };
    case "ECONNRESET":
    case "ECONNABORTED":
    case "EPIPE":
      return { reason: "reset", error: "Connection reset" };
    case "UND_ERR_SOCKET":
      return ofSocketError(message);
    case "UND_ERR_HEADERS_OVERFLOW":
      return { reason: "protocol", error: "Answer's headers are too large" };
    case "UND_ERR_RES_CONTENT_LENGTH_MISMATCH":
      return { reason: "reset", error: "Connection closed before the answer was complete" };
    case "UND_ERR_INVALID_ARG":
    case "UND_ERR_NOT_SUPPORTED":
    case "UND_ERR_REQ_CONTENT_LENGTH_MISMATCH":
      return { reason: "protocol", error: `Request cannot be sent: ${message}` };
    case "UND_ERR_CLOSED":
    case "UND_ERR_DESTROYED":
      return { reason: "aborted", error: "Stopped before an answer came" };
  }
  if (UNREACHABLE.has(code)) return { reason: "connect", error: "Host unreachable" };
  // the client asserts what it takes for granted of an answer, such as a status of 100 at least
  if (code === "ERR_ASSERTION" || (error instanceof Error && error.name === "HTTPParserError")) {
    return { reason: "protocol", error: "Answer is not HTTP" };
  }
  const tls = tlsSentenceOf(code, message);
  if (tls !== undefined) return { reason: "tls", error: `TLS: ${tls}` };
  return { reason: "connect", error: `Connection failed: ${message}` };
}

function ofSocketError(message: string): Failure {
  if (message.startsWith("bad ")) return { reason: "protocol", error: "Answer is not HTTP" };
  return { reason: "reset", error: "Connection closed before an answer came" };
}

/**
 * The cause that tells most. When every address of a name failed, their errors come as one; that an address cannot be
 * reached from here at all (IPv6 without a route) says less than what the others answered.
 */
function rootOf(error: unknown): { readonly code: string; readonly message: string } {
  const causes: readonly unknown[] = error instanceof AggregateError ? error.errors : [error];
  const root = causes.find((cause) => !UNREACHABLE.has(codeOf(cause))) ?? causes[0];
  return { code: codeOf(root), message: messageOf(root) };
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
}

/** Certificate verdicts in the words of OpenSSL, whose codes Node uses, and of rustls, which Deno uses. */
function tlsSentenceOf(code: string, message: string): string | undefined {
  const text = `${code} ${message}`;
  if (/CERT_HAS_EXPIRED|Expired/.test(text)) return "certificate has expired";
  if (/CERT_NOT_YET_VALID|NotValidYet/.test(text)) return "certificate is not valid yet";
  if (/ALTNAME_INVALID|NotValidForName/.test(text)) return "certificate is for another name";
  if (/SELF_SIGNED|UNABLE_TO_(VERIFY|GET_ISSUER)|UnknownIssuer|CaUsedAsEndEntity/.test(text)) {
    return "certificate is not from a known authority; the setting WEBHOOK_CA can name a file with its authority";
  }
  if (/Revoked|CERT_REVOKED/.test(text)) return "certificate is revoked";
  if (/invalid peer certificate/.test(text)) return "certificate is not valid";
  if (/InvalidContentType|corrupt message|WRONG_VERSION_NUMBER/.test(text)) {
    return "receiver does not speak TLS";
  }
  if (
    /^(ERR_SSL|ERR_TLS|EPROTO)|HandshakeFailure|fatal alert|peer (is|misbehaved)|tls handshake/i.test(text)
  ) {
    return "handshake failed";
  }
  return undefined;
}
