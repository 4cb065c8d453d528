import { messageOf } from "../errors.ts";
import type { TenantId } from "../ids.ts";
import { present } from "../events/present.ts";
import type { Messages, OutgoingMessage } from "../store/messages.ts";
import type { Outbox } from "./outbox.ts";
import { type Clock, systemClock } from "../async/clock.ts";
import { orStopped, pause } from "../async/pause.ts";
import { sendFailed } from "./send.ts";
import { isOpen } from "./status.ts";
import type { SendMessage, SendRequest } from "./request.ts";

/** Pause between two messages: numbers that send by the dozen at once get restricted. */
const GAP_MS = 1_000;
/** How long an answer waits for WhatsApp before it says `queued` or `processing` of what is left. */
const ANSWER_WITHIN_MS = 30_000;

/** What became of one of several messages: it is sent or on its way, or it was refused or failed. */
export type BulkResult =
  | { readonly ok: true; readonly message: OutgoingMessage; readonly normalizedFrom?: string }
  | { readonly ok: false; readonly error: string };

/** One message of several, all through the same device. */
export type BulkRequest = Pick<SendRequest, "to" | "content" | "quotedId" | "mentions">;

/**
 * Sends several messages through a device, one a second and each on its own: those of a chat leave in their order, and
 * what one comes to is nothing to the others.
 * @param about.idempotencyKey The same request under the same key is told what became of the first one's messages.
 */
export type SendAll = (
  about: Pick<SendRequest, "tenantId" | "device" | "idempotencyKey">,
  requests: readonly BulkRequest[],
) => Promise<readonly BulkResult[]>;

export interface SendAllDeps {
  readonly sendMessage: SendMessage;
  readonly outbox: Pick<Outbox, "outcome">;
  readonly messages: Pick<Messages, "get">;
  /** A tenant that is suspended meanwhile sends no more. */
  readonly isSuspended: (tenantId: TenantId) => boolean;
  /** The gateway stops: nothing more is taken, and nobody waits for what is. */
  readonly stopping?: AbortSignal;
  readonly answerWithinMs?: number;
  readonly gapMs?: number;
  readonly clock?: Pick<Clock, "wait">;
}

export function createSendAll(deps: SendAllDeps): SendAll {
  const { sendMessage, outbox, messages } = deps;
  const {
    stopping = new AbortController().signal,
    answerWithinMs = ANSWER_WITHIN_MS,
    gapMs = GAP_MS,
    clock = systemClock,
  } = deps;

  async function take(
    { tenantId, device, idempotencyKey }: Parameters<SendAll>[0],
    request: BulkRequest,
    index: number,
  ): Promise<BulkResult> {
    try {
      if (deps.isSuspended(tenantId)) {
        throw new Error("The tenant was suspended before this message was taken");
      }
      if (stopping.aborted) throw new Error("The gateway was stopped before this message was taken");
      const key = idempotencyKey === undefined ? undefined : `${idempotencyKey}/${index}`;
      const asked = { ...request, tenantId, device, idempotencyKey: key, wait: false, onlyConnected: true };
      const { message, normalizedFrom } = await sendMessage(asked);
      return { ok: true, message, ...present({ normalizedFrom }) };
    } catch (error) {
      return { ok: false, error: messageOf(error) };
    }
  }

  async function outcomeOf(result: BulkResult): Promise<BulkResult> {
    if (!result.ok) return result;
    const { id } = result.message;
    const decided = outbox.outcome(id, answerWithinMs);
    // it may have been decided before anybody asked
    let message = await messages.get(id) ?? result.message;
    if (isOpen(message)) {
      message = await orStopped(decided, stopping) ?? await messages.get(id) ?? message;
    }
    return message.status === "failed"
      ? { ok: false, error: sendFailed(message).message }
      : { ...result, message };
  }

  return async (about, requests) => {
    const taken: BulkResult[] = [];
    for (const [index, request] of requests.entries()) {
      if (index > 0) await pause(gapMs, stopping, clock);
      taken.push(await take(about, request, index));
    }
    return await Promise.all(taken.map(outcomeOf));
  };
}
