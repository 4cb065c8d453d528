import { assertEquals } from "@std/assert";
import { errors } from "undici";
import { failureOfError, failureOfStatus, failureOfTimeout } from "../../src/webhooks/failure.ts";
import { RefusedAddressError } from "../../src/net/guard.ts";
import type { FailureReason } from "../../src/webhooks/outcome.ts";

function coded(code: string, message = ""): Error {
  return Object.assign(new Error(message), { code });
}

const TOLD: readonly (readonly [Error, FailureReason, string])[] = [
  [coded("ECONNREFUSED", "connect ECONNREFUSED 127.0.0.1:1"), "connect", "Connection refused"],
  [coded("EHOSTUNREACH"), "connect", "Host unreachable"],
  [coded("ENETUNREACH"), "connect", "Host unreachable"],
  [coded("ENOTFOUND"), "dns", "Name not found: hook.example"],
  [coded("EAI_AGAIN"), "dns", "Name cannot be resolved now: hook.example"],
  [coded("ECONNRESET", "read ECONNRESET"), "reset", "Connection reset"],
  [coded("EPIPE"), "reset", "Connection reset"],
  [coded("ETIMEDOUT"), "timeout", "Connection timeout"],
  [new errors.ConnectTimeoutError(), "timeout", "Connection timeout"],
  [new errors.SocketError("other side closed"), "reset", "Connection closed before an answer came"],
  [new errors.SocketError("bad response"), "protocol", "Answer is not HTTP"],
  [new errors.HTTPParserError("Response does not match"), "protocol", "Answer is not HTTP"],
  [new errors.HeadersOverflowError(), "protocol", "Answer's headers are too large"],
  [
    new errors.InvalidArgumentError("invalid x-bad header"),
    "protocol",
    "Request cannot be sent: invalid x-bad header",
  ],
  [new errors.ClientClosedError(), "aborted", "Stopped before an answer came"],
  [new RefusedAddressError("leads where it may not"), "refused_address", "leads where it may not"],
  [coded("CERT_HAS_EXPIRED", "certificate has expired"), "tls", "TLS: certificate has expired"],
  [
    coded("DEPTH_ZERO_SELF_SIGNED_CERT", "self-signed certificate"),
    "tls",
    "TLS: certificate is not from a known authority; the setting WEBHOOK_CA can name a file with its authority",
  ],
  [
    coded("UNABLE_TO_VERIFY_LEAF_SIGNATURE"),
    "tls",
    "TLS: certificate is not from a known authority; the setting WEBHOOK_CA can name a file with its authority",
  ],
  [coded("ERR_TLS_CERT_ALTNAME_INVALID"), "tls", "TLS: certificate is for another name"],
  [
    coded("ERR_SSL_WRONG_VERSION_NUMBER", "received corrupt message of type InvalidContentType"),
    "tls",
    "TLS: receiver does not speak TLS",
  ],
  [coded("ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE", "received fatal alert"), "tls", "TLS: handshake failed"],
  [coded("", "invalid peer certificate: NotValidYet"), "tls", "TLS: certificate is not valid yet"],
  [new Error("something new"), "connect", "Connection failed: something new"],
];

for (const [error, reason, sentence] of TOLD) {
  Deno.test(`failure of ${error.name} ${"code" in error ? error.code : ""} is told as "${sentence}"`, () => {
    assertEquals(failureOfError(error, "hook.example"), { reason, error: sentence });
  });
}

Deno.test("failure of several addresses is told by the one that says most", () => {
  const error = new AggregateError([coded("ENETUNREACH"), coded("ECONNREFUSED")]);

  assertEquals(failureOfError(error, "hook.example").error, "Connection refused");
});

Deno.test("failure of several unreachable addresses is told once", () => {
  const error = new AggregateError([coded("ENETUNREACH"), coded("EHOSTUNREACH")]);

  assertEquals(failureOfError(error, "hook.example").error, "Host unreachable");
});

Deno.test("failure of a status names it, and what a redirect means", () => {
  assertEquals(failureOfStatus(503).error, "HTTP 503");
  assertEquals(failureOfStatus(304).error, "HTTP 304");
  assertEquals(failureOfStatus(301).error, "Redirect (301) is not followed");
});

Deno.test("failure of a timeout says what was waited for and how long", () => {
  assertEquals(failureOfTimeout("connecting", 5_000).error, "Connection timeout after 5 s");
  assertEquals(failureOfTimeout("waiting", 10_000).error, "Response timeout after 10 s");
});
