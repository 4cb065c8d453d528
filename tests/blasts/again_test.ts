import { assertEquals } from "@std/assert";
import { isKnownUnsent } from "../../src/blasts/again.ts";
import { CANCELLED } from "../../src/store/blasts.ts";
import type { MessageError, OutgoingMessage } from "../../src/store/messages.ts";
import {
  NOT_CONNECTED,
  NOT_ON_WHATSAPP,
  refusalOf,
  timedOut,
  UNKNOWN_LID,
} from "../../src/whatsapp/send_errors.ts";
import { errorOf } from "../../src/messages/status.ts";
import { aMessage, NOW } from "../support/messaging.ts";

function failed(error: MessageError | null, change: Partial<OutgoingMessage> = {}): OutgoingMessage {
  return aMessage({ status: "failed", sentAt: null, receipt: null, error, ...change });
}

Deno.test("a failed message may go again only when it is sure that nobody got it", () => {
  const sure = [NOT_ON_WHATSAPP, UNKNOWN_LID, refusalOf(463), refusalOf(999)].map(errorOf);
  const unsure: readonly (MessageError | null)[] = [
    ...[timedOut(60_000), NOT_CONNECTED, refusalOf(429), refusalOf(503)].map(errorOf),
    { code: null, message: "The device was not connected for 24 h", reason: "expired" },
    { code: null, message: "They want no more blasts", reason: "opted_out" },
    { code: null, message: "Something else" },
    null,
  ];

  assertEquals(sure.map((error) => isKnownUnsent(failed(error))), sure.map(() => true));
  assertEquals(unsure.map((error) => isKnownUnsent(failed(error))), unsure.map(() => false));
  const cancelled = { code: null, message: CANCELLED };
  assertEquals([null, "A"].map((waMessageId) => isKnownUnsent(failed(cancelled, { waMessageId }))), [
    true,
    false,
  ]);
});

Deno.test("a message that came further than its failure never goes again", () => {
  const error = errorOf(refusalOf(463));
  const further: readonly Partial<OutgoingMessage>[] = [
    { sentAt: NOW },
    { receipt: "delivered" },
    { status: "sent" },
    { status: "queued" },
    { channel: "qiscus" },
    { attempts: 2 },
  ];

  assertEquals(further.map((change) => isKnownUnsent(failed(error, change))), further.map(() => false));
});
