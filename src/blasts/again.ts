import { type Blast, CANCELLED } from "../store/blasts.ts";
import type { FailureReason, Messages, OutgoingMessage } from "../store/messages.ts";
import { isFinalRefusal } from "../whatsapp/send_errors.ts";

/** Messages that are looked at in one step. */
const STEP = 500;

/** Failures after which nothing can be on its way: WhatsApp was asked for the recipient first, and knew none. */
const NEVER_LEFT: ReadonlySet<FailureReason> = new Set(["not_on_whatsapp", "unknown_lid"]);

/**
 * Whether it is known that nobody got a message that failed, so that sending it again writes to nobody twice. One that
 * WhatsApp did not confirm, or that waited for a device whose connection was lost, may have left; so may one that was
 * refused for the moment, or not at the first try, as an earlier one may have got through.
 */
export function isKnownUnsent(
  { status, channel, receipt, sentAt, error, attempts, waMessageId }: Pick<
    OutgoingMessage,
    "status" | "channel" | "receipt" | "sentAt" | "error" | "attempts" | "waMessageId"
  >,
): boolean {
  if (status !== "failed" || channel !== "whatsapp" || receipt !== null || sentAt !== null) return false;
  if (error?.message === CANCELLED) return waMessageId === null; // one that was tried kept its id in the queue
  if (error?.reason === undefined) return false;
  return NEVER_LEFT.has(error.reason) ||
    (error.reason === "refused" && attempts <= 1 && error.code !== null && isFinalRefusal(error.code));
}

/** The messages of a blast that failed and that nobody got, newest first, in portions of at most 500. */
export async function* knownUnsentOf(
  { id, tenantId }: Pick<Blast, "id" | "tenantId">,
  messages: Pick<Messages, "list">,
): AsyncGenerator<readonly OutgoingMessage[]> {
  let before: OutgoingMessage["id"] | undefined;
  for (;;) {
    const page = await messages.list({ tenantId, blastId: id, status: "failed" }, { limit: STEP, before });
    yield page.filter(isKnownUnsent);
    if (page.length < STEP) return;
    before = page[page.length - 1].id;
  }
}
