import { DAY_MS, HOUR_MS, MINUTE_MS } from "../spans.ts";
import type { DeviceId } from "../ids.ts";
import type { Blast, Blasts } from "../store/blasts.ts";
import type { Device, Devices, Pacing } from "../store/devices.ts";
import type { BlastRunner } from "./runner.ts";

/** Messages of blasts that a device took in hand lately, and how many it may; null: any number, which nobody counts. */
type Used = { readonly sent: number; readonly most: number } | null;

/** How fast a device sends for a blast. */
export interface DevicePace {
  readonly deviceId: DeviceId;
  /** Messages a minute over the last minute; null when it sends none. */
  readonly perMinute: number | null;
  /** Messages a minute that its pauses come to when nothing else holds it up; null: it makes none. */
  readonly allowedPerMinute: number | null;
  /** Of all blasts, in the last hour and the last 24 hours. */
  readonly hour: Used;
  readonly day: Used;
}

/** How fast each device of a blast sends, in the order of the blast. */
export type DevicePacesOf = (blast: Blast) => Promise<readonly DevicePace[]>;

export function createDevicePacesOf({ blasts, devices, runner, now }: {
  readonly blasts: Pick<Blasts, "claimedSince">;
  readonly devices: Pick<Devices, "get">;
  readonly runner: Pick<BlastRunner, "perSecond">;
  readonly now: () => number;
}): DevicePacesOf {
  async function used(deviceId: DeviceId, most: number | null, spanMs: number): Promise<Used> {
    return most === null ? null : { sent: await blasts.claimedSince(deviceId, now() - spanMs), most };
  }

  async function paceOf({ id, pace, status }: Blast, deviceId: DeviceId): Promise<DevicePace> {
    const perSecond = status === "running" ? runner.perSecond(id, deviceId) : null;
    const device = await devices.get(deviceId);
    return {
      deviceId,
      perMinute: perSecond === null ? null : perSecond * 60,
      allowedPerMinute: allowedPerMinute(pace, device),
      hour: await used(deviceId, pace.perHour, HOUR_MS),
      day: await used(deviceId, pace.perDay, DAY_MS),
    };
  }

  return (blast) => Promise.all(blast.deviceIds.map((deviceId) => paceOf(blast, deviceId)));
}

/** Messages a minute that the pauses of a blast's pace and of the device's own come to; null: there are none. */
export function allowedPerMinute(
  { minGapMs, maxGapMs }: Pick<Blast["pace"], "minGapMs" | "maxGapMs">,
  device: Pick<Device, "pacing"> | undefined,
): number | null {
  const byGap = (pacing: Pick<Pacing, "minGapMs" | "maxGapMs">) =>
    MINUTE_MS / ((pacing.minGapMs + pacing.maxGapMs) / 2); // Infinity without a gap
  const own = device?.pacing ?? null;
  const least = Math.min(
    byGap({ minGapMs, maxGapMs }),
    own === null ? Infinity : byGap(own),
  );
  return least === Infinity ? null : least;
}
