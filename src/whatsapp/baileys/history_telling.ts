import { keepTrying, type Trying } from "../../async/keep_trying.ts";
import { messageOf } from "../../errors.ts";
import type { DeviceId } from "../../ids.ts";
import type { History } from "../../store/history.ts";
import type { Inbox } from "../../store/inbox.ts";
import type { Arrivals } from "./arrivals.ts";

export interface TellingDeps {
  readonly deviceId: DeviceId;
  readonly history: Pick<History, "untold" | "told">;
  readonly inbox: Pick<Inbox, "forget">;
  readonly arrivals: Pick<Arrivals, "tellPast" | "quiet">;
  /** False: nobody wants the past as events any more. */
  readonly isWanted: boolean;
  readonly trying: Trying;
}

/** So many messages of the past are told together. */
export const TOLD_AT_ONCE = 50;
const PAUSE_MS = 200;

/**
 * Tells subscribers of messages of the past: chat by chat, the oldest first, a few at a time, and behind what is going
 * on now. What was told is marked after it is stored, so that after a crash it is told again, and is known.
 */
export function createTelling({ deviceId, history, inbox, arrivals, isWanted, trying }: TellingDeps) {
  const { clock, signal, log } = trying;
  let telling: Promise<void> | undefined;
  let again = false;

  async function tellAll(): Promise<void> {
    while (again && !signal.aborted) {
      again = false;
      const rows = await keepTrying("history", () => history.untold(deviceId, TOLD_AT_ONCE), trying);
      if (rows.length === 0) continue;
      again = true;
      await arrivals.quiet();
      const unkept = isWanted ? await keepTrying("history", () => arrivals.tellPast(rows), trying) : [];
      await keepTrying("history", () => history.told(deviceId, rows), trying);
      if (unkept.length > 0) await keepTrying("history", () => inbox.forget(deviceId, unkept), trying);
      await clock.wait(PAUSE_MS, signal);
    }
  }

  return {
    /** There may be something to tell. */
    look(): void {
      again = true;
      telling ??= tellAll().catch((error) => {
        if (!signal.aborted) log.warn("history.not_told", { deviceId, error: messageOf(error) });
      }).finally(() => telling = undefined);
    },
    idle: () => telling ?? Promise.resolve(),
  };
}
