import { HOUR_MS } from "../spans.ts";
import type { DeviceId } from "../ids.ts";
import type { Blasts } from "../store/blasts.ts";
import type { Devices } from "../store/devices.ts";
import { newWaMessageId } from "../whatsapp/message_id.ts";
import type { Lane } from "./lane.ts";
import type { Outbox } from "../messages/outbox.ts";
import { orStopped } from "../async/pause.ts";

/** How soon a device that may not send now is looked at again. */
const LOOK_AGAIN_MS = 5_000;
/** A connection that was lost has this long to come back. */
const OFFLINE_GRACE_MS = 60_000;
/** How long a message that a device has in hand is waited for. */
const OUTCOME_WITHIN_MS = 10 * 60_000;
/** How soon a message that was on its way when its blast was halted is asked for again. */
const WITHDRAW_AGAIN_MS = 1_000;

/** Reach-out time lock; too many new chats in a month; too many messages. Each further try makes it worse. */
const RESTRICTED: ReadonlySet<number> = new Set([463, 475, 429]);

export interface DeviceLaneDeps {
  readonly blasts: Pick<Blasts, "claimedSince">;
  readonly devices: Pick<Devices, "get">;
  readonly outbox: Pick<Outbox, "add" | "outcome" | "withdraw">;
  readonly isConnected: (deviceId: DeviceId) => boolean;
  readonly now: () => number;
  /** From 0 to 1. */
  readonly random: () => number;
  readonly offlineGraceMs?: number;
}

export interface DeviceLane extends Lane {
  /** Why the device cannot send, when that will not pass by itself. */
  trouble(): Promise<string | undefined>;
}

/** The lane of one device: one message after another, with pauses as a person would make them. */
export function createDeviceLane(deviceId: DeviceId, deps: DeviceLaneDeps): DeviceLane {
  const { blasts, devices, outbox, isConnected, now } = deps;
  const offlineGraceMs = deps.offlineGraceMs ?? OFFLINE_GRACE_MS;
  let nextAt = 0;
  let offlineSince: number | undefined;

  return {
    deviceId,
    width: 1,
    newWaMessageId,
    async trouble() {
      if (isConnected(deviceId)) {
        offlineSince = undefined;
        return undefined;
      }
      const device = await devices.get(deviceId);
      if (device === undefined) return `device "${deviceId}" was removed`;
      const { status, lastError } = device;
      const why = lastError === null ? "" : ` (${lastError})`;
      if (status === "failed" || status === "needs_pairing") return `device "${deviceId}" is ${status}${why}`;
      offlineSince ??= now();
      return now() - offlineSince < offlineGraceMs ? undefined : `device "${deviceId}" is offline${why}`;
    },
    async waitMs({ pace: { perHour, perDay } }) {
      if (!isConnected(deviceId)) return Math.min(LOOK_AGAIN_MS, Math.max(1, offlineGraceMs));
      if (nextAt > now()) return nextAt - now();
      const reached = async (cap: number | null, spanMs: number) =>
        cap !== null && await blasts.claimedSince(deviceId, now() - spanMs) >= cap;
      const full = await reached(perHour, HOUR_MS) || await reached(perDay, 24 * HOUR_MS);
      return full ? LOOK_AGAIN_MS : 0;
    },
    async send({ message }, { pace: { minGapMs, maxGapMs } }, { stopping, halted }) {
      nextAt = now() + minGapMs + deps.random() * (maxGapMs - minGapMs);
      const decided = outbox.outcome(message.id, OUTCOME_WITHIN_MS);
      outbox.add(message);
      let isDecided = false;
      void decided.then(() => isDecided = true);
      await orStopped(decided, halted);
      while (!isDecided && !stopping.aborted) {
        const withdrawn = outbox.withdraw({ ...message, deviceId });
        if (withdrawn !== undefined) return { kind: "withdrawn", ...withdrawn };
        // it is on its way, and waits again when its connection is lost meanwhile
        const again = outbox.outcome(message.id, WITHDRAW_AGAIN_MS);
        await orStopped(Promise.race([decided, again]), stopping);
      }
      if (stopping.aborted) return { kind: "interrupted" };
      const result = await decided;
      // It would leave when the device is back, whatever became of the blast by then.
      const unsent = result === undefined && !isConnected(deviceId)
        ? outbox.withdraw({ ...message, deviceId })
        : undefined;
      if (unsent !== undefined) return { kind: "withdrawn", ...unsent };
      if (result?.status !== "failed" || !RESTRICTED.has(result.error?.code ?? 0)) return { kind: "done" };
      return { kind: "stop", reason: `WhatsApp restricts device "${deviceId}": ${result.error?.message}` };
    },
  };
}
