import { type Device, newDevice } from "../../store/devices.ts";
import { ConflictError } from "../../errors.ts";
import type { DraftDevice } from "../../events/event.ts";
import { draftDeviceOf } from "../../events/origin.ts";
import { DEFAULT_TENANT } from "../../ids.ts";
import type { Devices } from "../../store/devices.ts";

/**
 * The device that stands for the Qiscus channel, made when it is first needed and kept in memory from then on.
 * @param deps.channelId `QISCUS_CHANNEL_ID`; undefined when Qiscus is not configured.
 */
export function createQiscusLine(deps: {
  readonly devices: Pick<Devices, "find" | "create">;
  readonly channelId: string | undefined;
  readonly now: () => number;
}): () => Promise<DraftDevice> {
  const { devices, channelId, now } = deps;
  const name = channelId ?? "qiscus";
  /** A device of another kind may have the channel's name already: Qiscus must not be turned away for that. */
  const aliases = [name, `qiscus-${name}`, `qiscus-channel-${name}`];
  let line: DraftDevice | undefined;

  async function find(alias: string): Promise<DraftDevice | undefined> {
    const device = await devices.find(DEFAULT_TENANT, alias);
    return device?.kind === "qiscus" ? draftDeviceOf(device) : undefined;
  }

  async function make(alias: string): Promise<DraftDevice> {
    const at = now();
    const about = {
      tenantId: DEFAULT_TENANT,
      kind: "qiscus",
      label: `Qiscus ${channelId ?? "channel"}`,
      alias,
    } as const;
    const device: Device = { ...newDevice(about, at), status: "connected", connectedAt: at };
    await devices.create(device);
    return draftDeviceOf(device);
  }

  async function findOrMake(alias: string): Promise<DraftDevice | undefined> {
    try {
      return await find(alias) ?? await make(alias);
    } catch (error) {
      // Somebody else made it at the same time, or another kind of device has the alias.
      if (!(error instanceof ConflictError)) throw error;
      return await find(alias);
    }
  }

  return async () => {
    if (line !== undefined) return line;
    for (const alias of aliases) {
      line = await findOrMake(alias);
      if (line !== undefined) return line;
    }
    throw new ConflictError(`Cannot name the Qiscus channel "${name}": other devices have its aliases`);
  };
}
