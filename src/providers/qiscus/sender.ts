import { LeaseLostError, messageOf, StoreUnavailableError } from "../../errors.ts";
import type { DraftDevice } from "../../events/event.ts";
import type { MessageId } from "../../ids.ts";
import { logOf } from "../../log.ts";
import type { Publish } from "../../publish.ts";
import { record } from "../loose.ts";
import type { BlastMessage, Blasts } from "../../store/blasts.ts";
import type { MessageError, Messages, OutgoingMessage } from "../../store/messages.ts";
import type { Departures } from "./in_doubt_log.ts";
import { statusDraft } from "../../messages/drafts.ts";
import type { QiscusClient, QiscusOutcome } from "./client.ts";
import type { QiscusStatuses } from "./statuses.ts";
import type { Clock } from "../../async/clock.ts";
import { pause } from "../../async/pause.ts";
import { advance } from "../../messages/status.ts";

const log = logOf("messages");

/** Waits before the second and the third try. */
export const QISCUS_RETRY_WAITS_MS: readonly number[] = [2_000, 4_000];

/** What is told of a message that left and was never answered. */
export const UNCONFIRMED =
  "Qiscus did not confirm this message: it may have been sent. It is not sent again; a status webhook would tell";

/**
 * `unconfirmed`: it left, and nobody knows whether it arrived. `interrupted`: the gateway stops; it is queued again.
 */
export type QiscusSendResult =
  | { readonly kind: "accepted" | "interrupted" }
  /** `message`: why no answer came. */
  | { readonly kind: "unconfirmed"; readonly message: string }
  /** `lineDown`: the failure is none of this message, others would fail alike. */
  | { readonly kind: "failed"; readonly message: string; readonly lineDown: boolean };

export interface QiscusSenderDeps {
  readonly client: Pick<QiscusClient, "send">;
  readonly departures: Pick<Departures, "leaving" | "left" | "returned" | "decided">;
  readonly statuses: Pick<QiscusStatuses, "accepted">;
  readonly messages: Pick<Messages, "change">;
  readonly blasts: Pick<Blasts, "putBack">;
  readonly publish: Publish;
  readonly device: () => Promise<DraftDevice>;
  readonly clock: Pick<Clock, "now" | "wait">;
  readonly retryWaitsMs: readonly number[];
}

/** Sends messages through Qiscus, each at most once as far as that can be known. */
export interface QiscusSender {
  /**
   * Sends a message that is in hand, up to three times while Qiscus refuses it.
   * @param turn Waits until the next request may be made.
   */
  send(
    message: BlastMessage,
    options: { readonly turn: () => Promise<void>; readonly stopping: AbortSignal },
  ): Promise<QiscusSendResult>;
  /** Fails a message that is not to be sent. */
  refuse(message: OutgoingMessage, error: MessageError): Promise<void>;
  /** Whether a request is under way. */
  isSending(): boolean;
  /** The message to this number (digits) that left and was not confirmed. */
  unconfirmedTo(recipient: string): OutgoingMessage | undefined;
  /** Keeps in mind that a message left in an earlier run and was not confirmed. */
  rememberUnconfirmed(message: OutgoingMessage): void;
}

/** Unconfirmed messages that are kept in mind. */
const MOST_UNCONFIRMED = 10_000;

export function createQiscusSender(deps: QiscusSenderDeps): QiscusSender {
  const { client, departures, statuses, messages, clock } = deps;
  const { now } = clock;
  const unconfirmed = new Map<string, OutgoingMessage>();
  let sending = 0;

  /** One request; what Qiscus names the message is written down before this resolves. */
  async function trySend(
    { message, payload }: BlastMessage,
    attempt: number,
    stopping: AbortSignal,
  ): Promise<QiscusOutcome> {
    sending++;
    try {
      const body = record(JSON.parse(payload ?? "{}"));
      await insist(() => departures.leaving(message.id), stopping, clock);
      const outcome = await client.send(message.to, body, () => departures.left(message.id));
      if (outcome.kind === "accepted") {
        const waMessageId = outcome.waMessageId ?? `qiscus-${message.id}`;
        await insist(() => statuses.accepted(message, waMessageId, attempt), stopping, clock);
        departures.decided(message.id);
      }
      return outcome;
    } finally {
      sending--;
    }
  }

  async function fail(message: OutgoingMessage, error: MessageError, attempts: number): Promise<void> {
    const at = now();
    await Promise.all([
      deps.publish(
        statusDraft(message, await deps.device(), { status: "failed", at, reason: error, attempts }),
      ),
      messages.change(message.id, (current) => {
        const change = advance(current, { status: "failed", at: null, reason: error }, at);
        return change && { ...change, attempts };
      }, at),
    ]);
    departures.decided(message.id);
    log.info("message.failed", { messageId: message.id, reason: error.message, attempts });
  }

  async function markUnconfirmed(message: OutgoingMessage, reason: string, attempts: number): Promise<void> {
    const marked = await messages.change(
      message.id,
      ({ waMessageId }) =>
        waMessageId === null
          ? { error: { code: null, message: `${UNCONFIRMED} (${reason})` }, attempts }
          : null,
      now(),
    );
    if (marked?.changed) remember(marked.message);
    log.warn("message.unconfirmed", { messageId: message.id, reason });
  }

  function remember(message: OutgoingMessage): void {
    unconfirmed.delete(message.to);
    unconfirmed.set(message.to, message);
    for (const oldest of unconfirmed.keys()) {
      if (unconfirmed.size <= MOST_UNCONFIRMED) break;
      unconfirmed.delete(oldest);
    }
  }

  async function giveBack(id: MessageId): Promise<QiscusSendResult> {
    await deps.blasts.putBack(id, now());
    return { kind: "interrupted" };
  }

  return {
    async send(inHand, { turn, stopping }) {
      const { message } = inHand;
      for (let attempt = 1;; attempt++) {
        await turn();
        if (stopping.aborted) return await giveBack(message.id);
        let outcome: QiscusOutcome;
        try {
          outcome = await trySend(inHand, attempt, stopping);
        } catch (error) {
          if (!(error instanceof LeaseLostError)) throw error;
          return { kind: "interrupted" }; // nothing has left, and who sends now decides what becomes of it
        }
        if (outcome.kind === "accepted") return { kind: "accepted" };
        if (outcome.kind === "unknown") {
          await markUnconfirmed(message, outcome.message, attempt);
          return { kind: "unconfirmed", message: outcome.message };
        }
        await insist(() => departures.returned(message.id), stopping, clock);
        const planned = deps.retryWaitsMs[attempt - 1];
        if (planned === undefined) {
          await fail(message, { code: null, message: outcome.message }, attempt);
          const lineDown = outcome.kind === "unsent" || isOfLine(outcome.status);
          return { kind: "failed", message: outcome.message, lineDown };
        }
        const asked = outcome.kind === "refused" ? outcome.retryAfterMs ?? 0 : 0;
        const waitMs = Math.max(planned, Math.min(asked, 2 * planned));
        if (!(await pause(waitMs, stopping, clock))) return await giveBack(message.id);
      }
    },
    refuse: (message, error) => fail(message, error, 0),
    isSending: () => sending > 0,
    unconfirmedTo(recipient) {
      const message = unconfirmed.get(recipient);
      if (message !== undefined) unconfirmed.delete(recipient);
      return message;
    },
    rememberUnconfirmed: remember,
  };
}

/** Answers that any message would get: credentials that do not count, too many requests, trouble of Qiscus' own. */
function isOfLine(status: number): boolean {
  return status === 401 || status === 403 || status === 429 || status >= 500;
}

/** Tries again while the store cannot take it: what was answered is known only here. */
async function insist(
  work: () => Promise<void>,
  stopping: AbortSignal,
  clock: Pick<Clock, "wait">,
): Promise<void> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof StoreUnavailableError)) throw error;
      log.warn("message.not_written", { error: messageOf(error) });
      if (!(await pause(STORE_WAIT_MS, stopping, clock))) throw error;
    }
  }
}

const STORE_WAIT_MS = 1_000;
