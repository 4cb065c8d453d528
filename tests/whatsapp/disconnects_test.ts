import { assert, assertEquals } from "@std/assert";
import { refusedForGood, sessionEndOf, upgradeRefused } from "../../src/whatsapp/disconnects.ts";
import { refusalOf } from "../../src/whatsapp/send_errors.ts";

const FINAL = [
  [401, "logout", "scan a new QR code"],
  [402, "banned", "start the device again after that"],
  [403, "banned", "ask for a review"],
  [405, "auth_failure", "Update Kabar"],
  [406, "banned", "ask for a review"],
  [411, "auth_failure", "Update it"],
  [440, "replaced", "Stop that one"],
] as const;

for (const [code, reason, advice] of FINAL) {
  Deno.test(`disconnect with ${code} is final and says what to do`, () => {
    const end = sessionEndOf({ code, paired: true });

    assertEquals([end.reason, end.final, end.code], [reason, true, code]);
    assert(end.message.includes(advice), end.message);
  });
}

for (const code of [408, 428, 429, 500, 501, 503, null]) {
  Deno.test(`disconnect with ${code} is tried again`, () => {
    const end = sessionEndOf({ code, paired: true });

    assertEquals([end.reason, end.final], ["connection_lost", false]);
    assert(end.message.endsWith("The gateway connects again by itself"), end.message);
  });
}

Deno.test("disconnect with 515 asks for a restart at once", () => {
  assertEquals(sessionEndOf({ code: 515, paired: true }).reason, "restart_required");
});

Deno.test("disconnect after the last QR code means that nobody scanned one", () => {
  const end = sessionEndOf({ code: 408, text: "QR refs attempts ended", paired: false });

  assertEquals([end.reason, end.final], ["pairing_expired", true]);
});

Deno.test("disconnect with 408 before pairing is tried again while there are QR codes left", () => {
  const end = sessionEndOf({ code: 408, text: "Connection was lost", paired: false });

  assertEquals([end.reason, end.final], ["connection_lost", false]);
});

for (
  const [code, trouble] of [[408, "getaddrinfo ENOTFOUND web.whatsapp.com"], [
    401,
    "read ECONNRESET",
  ]] as const
) {
  Deno.test(`disconnect by the network is tried again, and says what it was (${trouble})`, () => {
    const end = sessionEndOf({ code, text: `WebSocket Error (${trouble})`, paired: false });

    assertEquals([end.reason, end.final], ["connection_lost", false]);
    assert(end.message.startsWith(`WhatsApp cannot be reached (${trouble})`), end.message);
  });
}

Deno.test("refused upgrade is tried again, whatever its HTTP status", () => {
  assertEquals([401, 403, 429, 503].map((status) => upgradeRefused(status).final), [
    false,
    false,
    false,
    false,
  ]);
});

Deno.test("refusal of a message names its code, known or not", () => {
  assertEquals([463, 404, 999].map((code) => refusalOf(code).message.endsWith(`(${code})`)), [
    true,
    true,
    true,
  ]);
  assertEquals(refusalOf(999).retryable, false);
});

Deno.test("disconnect by a ban with a time says until when, and is tried again then", () => {
  const until = Date.UTC(2026, 11, 1);

  const end = sessionEndOf({ code: 402, paired: true, until });

  assertEquals([end.reason, end.final, end.until], ["banned", false, until]);
  assert(end.message.includes("2026-12-01T00:00:00.000Z"), end.message);
});

for (const code of [400, 413, 414, 415, 418, 501]) {
  Deno.test(`disconnect with ${code} is a refused login, which names its code`, () => {
    const end = sessionEndOf({ code, text: "Connection Failure", paired: true });

    assertEquals([end.final, end.refused], [false, true]);
    assert(end.message.includes(`(${code})`), end.message);
    const { final, reason, message } = refusedForGood(end);
    assertEquals([final, reason, message.includes(`(${code})`)], [true, "auth_failure", true]);
  });
}
