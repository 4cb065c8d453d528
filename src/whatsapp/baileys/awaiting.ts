import type { WAMessageKey } from "@whiskeysockets/baileys";
import { messageOf } from "../../errors.ts";
import type { DeviceId } from "../../ids.ts";
import { keepTrying, type Trying } from "../../async/keep_trying.ts";
import type { Inbox, InboxMessage } from "../../store/inbox.ts";
import { fromInboxMessage } from "./inbox_message.ts";
import { isFinal, placeholderIn } from "./normalise/placeholder.ts";
import type { Arrival } from "./reading.ts";

export interface AwaitingDeps {
  readonly deviceId: DeviceId;
  readonly inbox: Pick<Inbox, "awaited" | "named">;
  /** Resolves when every row so far is in the journal. */
  readonly journaled: () => Promise<void> | undefined;
  /** Publishes that there is a message without content. */
  readonly tell: (arrival: Arrival, row: InboxMessage) => Promise<void>;
  readonly trying: Trying;
  /** How long content is waited for. */
  readonly waitMs: number;
}

/** Asks the phone for a message that this device was not given. */
export type AskPhone = (key: WAMessageKey) => Promise<unknown>;

/** Placeholders that are taken up together when a session begins. */
const PAGE = 200;

/**
 * Waits for the content of messages that came without, from the phone or from their senders, and tells of each whose
 * content does not come in time. All of it is found again after a crash.
 */
export function createAwaiting({ deviceId, inbox, journaled, tell, trying, waitMs }: AwaitingDeps) {
  const waiting = new Map<string, AbortController>();

  async function tellOf(messageId: string): Promise<void> {
    await journaled();
    const rows = await keepTrying("placeholder", () => inbox.named(deviceId, messageId), trying);
    for (const row of rows.filter(({ placeholder }) => placeholder)) {
      trying.log.info("message.without_content", { deviceId, waMessageId: messageId });
      await tell({ info: fromInboxMessage(row), offline: false }, row);
    }
  }

  function wait(messageId: string): void {
    if (waiting.has(messageId)) return;
    const enough = new AbortController();
    waiting.set(messageId, enough);
    trying.clock.wait(waitMs, AbortSignal.any([enough.signal, trying.signal])).then(async () => {
      waiting.delete(messageId);
      if (enough.signal.aborted || trying.signal.aborted) return;
      await tellOf(messageId);
    }).catch((error) =>
      trying.log.warn("message.not_told", { deviceId, waMessageId: messageId, error: messageOf(error) })
    );
  }

  return {
    /** A placeholder is written down: waits for its content, or tells of it at once when none will come. */
    async take(arrival: Arrival, row: InboxMessage): Promise<void> {
      if (arrival.placeholder !== undefined && isFinal(arrival.placeholder)) return await tell(arrival, row);
      wait(row.messageId);
    },
    /** Content has come. */
    came(messageId: string): void {
      waiting.get(messageId)?.abort();
    },
    /** Takes up what the last session was waiting for. Resolves when all of it was asked for again. */
    async resume(ask: AskPhone): Promise<void> {
      const rows = await keepTrying("placeholders", () => inbox.awaited(deviceId, PAGE), trying);
      for (const row of rows) {
        const info = fromInboxMessage(row);
        const placeholder = placeholderIn(info);
        if (placeholder !== undefined && isFinal(placeholder)) {
          await tell({ info, offline: true, placeholder }, row);
          continue;
        }
        if (waiting.has(row.messageId)) continue;
        wait(row.messageId);
        ask(info.key).catch((error) =>
          trying.log.info("message.not_asked", {
            deviceId,
            waMessageId: row.messageId,
            error: messageOf(error),
          })
        );
      }
    },
  };
}

export type Awaiting = ReturnType<typeof createAwaiting>;
