import type { DeviceId } from "../ids.ts";
import type { Blast, BlastDecision, BlastMessage, TurnCause } from "../store/blasts.ts";

/** Where messages of a blast go out: all through Qiscus, or one device each. */
export interface Lane {
  /** Null: Qiscus. */
  readonly deviceId: DeviceId | null;
  /** How many are under way at once. */
  readonly width: number;
  /** What is in hand is noted among the departures; left out: it is not. */
  readonly noted?: boolean;
  /** WhatsApp's id for the next message, where the sender chooses it. */
  readonly newWaMessageId: () => string | null;
  /** How long it is until this lane may send a message of the blast, in ms. */
  waitMs(blast: Blast): Promise<number>;
  /** Sends a message that is in hand; never throws for one that could not be sent. */
  send(message: BlastMessage, blast: Blast, signals: LaneSignals): Promise<LaneOutcome>;
}

export interface LaneSignals {
  /** The gateway stops. */
  readonly stopping: AbortSignal;
  /** The blast is paused or cancelled, or the gateway stops. */
  readonly halted: AbortSignal;
}

export type LaneOutcome =
  | { readonly kind: "done" | "interrupted" }
  /** It did not leave, as far as is known, and is to be queued again. `tried`: WhatsApp may have it. */
  | { readonly kind: "withdrawn"; readonly tried: boolean }
  /** The lane cannot go on: why, for people. */
  | { readonly kind: "stop"; readonly reason: string };

/** Whether a lane takes part in a blast. */
export function serves(blast: Blast, { deviceId }: Lane): boolean {
  if (deviceId === null) return blast.via === "qiscus";
  return blast.via === "devices" && blast.deviceIds.includes(deviceId) &&
    blast.stopped[deviceId] === undefined;
}

/** What becomes of a running blast that loses a lane: one that has none left is paused. Null: nothing. */
export function stopped(
  blast: Blast,
  deviceId: DeviceId | null,
  reason: string,
  cause: TurnCause,
): BlastDecision | null {
  if (blast.status !== "running") return null;
  const turn = { cause, by: null, deviceId, reason };
  if (deviceId === null) return { status: "paused", reason, turn: { ...turn, what: "paused" } };
  const all = { ...blast.stopped, [deviceId]: reason };
  const left = blast.deviceIds.some((id) => all[id] === undefined);
  return left
    ? { stopped: all, turn: { ...turn, what: "device_stopped" } }
    : { stopped: all, status: "paused", reason, turn: { ...turn, what: "paused" } };
}

/** The turn of a blast whose tenant is suspended. */
export function pausedBySuspension(reason: string) {
  return { what: "paused", cause: "suspension", by: null, deviceId: null, reason } as const;
}
