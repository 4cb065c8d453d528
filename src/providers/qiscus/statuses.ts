import type { DraftDevice, EventDraft } from "../../events/event.ts";
import { DEFAULT_TENANT, type MessageId } from "../../ids.ts";
import type { Publish } from "../../publish.ts";
import type { QiscusStatus } from "./parse.ts";
import type { Messages, OutgoingMessage } from "../../store/messages.ts";
import type { EarlyStatus, EarlyStatuses, NewEarlyStatus } from "../../store/early_statuses.ts";
import { chatOf, sentDraft, statusDraft } from "../../messages/drafts.ts";
import { advance, type StatusStep } from "../../messages/status.ts";

/** How long a status of an unknown message waits for the answer to our own request. */
const HOLD_MS = 30_000;
const KEEP_MS = 24 * 3_600_000;
const STEP = 100;

export interface QiscusStatusDeps {
  readonly messages: Pick<Messages, "byWaMessageId" | "change">;
  readonly earlyStatuses: EarlyStatuses;
  readonly publish: Publish;
  /** The line that events of Qiscus are about. */
  readonly device: () => Promise<DraftDevice>;
  /** Whether a request to Qiscus is under way, so that its statuses may come before its answer. */
  readonly isSending: () => boolean;
  /** A message to this number (digits) whose sending was never confirmed: a status of it shows that it left. */
  readonly unconfirmedTo: (recipient: string) => OutgoingMessage | undefined;
  readonly now: () => number;
}

/** Follows what Qiscus tells of the messages that went out through it. */
export interface QiscusStatuses {
  /** Takes reported statuses; when it resolves, they cannot be lost any more. */
  take(statuses: readonly QiscusStatus[]): Promise<void>;
  /** Qiscus has taken a message over and named it. What was reported of that name before is applied. */
  accepted(message: OutgoingMessage, waMessageId: string, attempts: number): Promise<void>;
  /** Applies what a crash left behind, tells of what nobody claimed, forgets what is a day old. */
  sweep(): Promise<void>;
}

/**
 * Each step is published before it is written down, so that after a crash in between the same report finds the step
 * undone, and the event there already. Nothing waits for what is being stored of the same message: it counts as done.
 */
export function createQiscusStatuses(deps: QiscusStatusDeps): QiscusStatuses {
  const { messages, earlyStatuses, publish, now } = deps;
  /** Messages whose next step is being stored: as they will be, until then. */
  const ahead = new Map<
    MessageId,
    { readonly message: OutgoingMessage; readonly stored: Promise<unknown> }
  >();

  async function takeOne(status: QiscusStatus, device: DraftDevice): Promise<void> {
    const message = await messages.byWaMessageId(status.waMessageId, null);
    if (message !== undefined) return await apply(message, status, device);
    const unconfirmed = status.recipient === null ? undefined : deps.unconfirmedTo(status.recipient);
    if (unconfirmed !== undefined) {
      await accept(unconfirmed, status.waMessageId, Math.max(1, unconfirmed.attempts), device);
      return await takeOne(status, device);
    }
    // While nothing is under way the status can only be of a message that others sent.
    const announced = !deps.isSending() && status.recipient !== null;
    const early = { ...status, announced, receivedAt: now() };
    const draft = announced ? strangeDraft(early, device) : undefined;
    const [kept] = await Promise.all([earlyStatuses.keep(early), draft && publish(draft)]);
    if (!kept) await takeOne(status, device);
  }

  async function apply(
    message: OutgoingMessage,
    { status, statusAt, error }: Pick<EarlyStatus, "status" | "statusAt" | "error">,
    device: DraftDevice,
    silently = false,
  ): Promise<void> {
    const step: StatusStep = { status, at: statusAt, ...(error === null ? {} : { reason: error }) };
    const before = ahead.get(message.id);
    const current = before?.message ?? message;
    const change = advance(current, step, now());
    if (change === null) {
      await before?.stored;
      return;
    }
    const draft = statusDraft(message, device, {
      status,
      at: statusAt ?? now(),
      deliveredAt: change.deliveredAt,
      readAt: change.readAt,
      ...(change.error == null ? {} : { reason: change.error, attempts: message.attempts }),
    });
    const stored = Promise.all([
      silently ? undefined : publish(draft),
      messages.change(message.id, (found) => advance(found, step, now()), now()),
    ]);
    const next = { message: { ...current, ...change }, stored };
    ahead.set(message.id, next);
    try {
      await stored;
    } finally {
      if (ahead.get(message.id) === next) ahead.delete(message.id);
    }
  }

  async function accept(
    message: OutgoingMessage,
    waMessageId: string,
    attempts: number,
    device: DraftDevice,
  ): Promise<void> {
    await Promise.all([
      publish(sentDraft({ ...message, waMessageId }, device, now())),
      messages.change(message.id, ({ status }) => ({
        waMessageId,
        attempts,
        error: null,
        ...(status === "sent" ? {} : { status: "processing" }),
      }), now()),
    ]);
  }

  async function applyEarly(found: readonly EarlyStatus[]): Promise<void> {
    if (found.length === 0) return; // without Qiscus there is never any, and then no device stands for it
    const device = await deps.device();
    for (const early of found) {
      const message = await messages.byWaMessageId(early.waMessageId, null);
      if (message !== undefined) await apply(message, early, device, early.announced);
    }
    await earlyStatuses.remove(found.map(({ number }) => number));
  }

  /** Tells of statuses of messages that did not go out through the gateway. */
  async function announce(found: readonly EarlyStatus[]): Promise<void> {
    const untold = found.filter(({ announced }) => !announced);
    if (untold.length === 0) return;
    const device = await deps.device();
    const drafts = untold.map((early) => strangeDraft(early, device)).filter((draft) => draft !== undefined);
    await Promise.all(drafts.map((draft) => publish(draft)));
    await earlyStatuses.announced(untold.map(({ number }) => number));
  }

  return {
    async take(statuses) {
      const device = await deps.device();
      await Promise.all(statuses.map((status) => takeOne(status, device)));
    },
    async accepted(message, waMessageId, attempts) {
      const device = await deps.device();
      await accept(message, waMessageId, attempts, device);
      await applyEarly(await earlyStatuses.of(waMessageId));
    },
    async sweep() {
      await applyEarly(await earlyStatuses.claimed(STEP));
      const unclaimed = await earlyStatuses.unannounced(now() - HOLD_MS, STEP);
      for (const { waMessageId, recipient } of unclaimed) { // another gateway may have taken it, who does not send
        const message = recipient === null ? undefined : deps.unconfirmedTo(recipient);
        if (message === undefined) continue;
        await accept(message, waMessageId, Math.max(1, message.attempts), await deps.device());
      }
      await applyEarly(await earlyStatuses.claimed(STEP));
      await announce(await earlyStatuses.unannounced(now() - HOLD_MS, STEP));
      while (await earlyStatuses.prune(now() - KEEP_MS, STEP) === STEP);
    },
  };
}

/** The event of a status of an unknown message; undefined when Qiscus does not tell whom it was sent to. */
function strangeDraft(
  { waMessageId, status, statusAt, recipient, error, receivedAt }: NewEarlyStatus,
  device: DraftDevice,
): EventDraft | undefined {
  if (recipient === null) return undefined;
  const at = statusAt ?? receivedAt;
  return {
    type: "message.status",
    tenantId: DEFAULT_TENANT,
    device,
    dedupeKey: `qiscus:status:${waMessageId}:${status}:${statusAt ?? ""}`,
    data: {
      messageId: null,
      waMessageId,
      chat: chatOf(recipient),
      status,
      statusAt: at,
      ...(status === "delivered" && { deliveredAt: at }),
      ...((status === "read" || status === "played") && { readAt: at }),
      ...(status === "failed" && { reason: error ?? { code: null, message: "Delivery failed" } }),
    },
  };
}
