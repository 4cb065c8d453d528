import { ConflictError } from "../errors.ts";
import type { EventDevice } from "../events/event.ts";
import { DEFAULT_TENANT, newId } from "../ids.ts";
import type { Devices } from "../store/devices.ts";

/**
 * The device that stands for the Qiscus channel, made when it is first needed and kept in memory from then on.
 * @param deps.channelId `QISCUS_CHANNEL_ID`; undefined when Qiscus is not configured.
 */
export function createQiscusLine(deps: {
  readonly devices: Pick<Devices, "find" | "create">;
  readonly channelId: string | undefined;
  readonly now: () => number;
}): () => Promise<EventDevice> {
  const { devices, channelId, now } = deps;
  const alias = channelId ?? "qiscus";
  let line: EventDevice | undefined;

  async function find(): Promise<EventDevice | undefined> {
    const device = await devices.find(DEFAULT_TENANT, alias);
    return device?.kind === "qiscus" ? { id: device.id, alias: device.alias } : undefined;
  }

  async function make(): Promise<EventDevice> {
    const id = newId("device");
    const at = now();
    await devices.create({
      id,
      tenantId: DEFAULT_TENANT,
      kind: "qiscus",
      label: `Qiscus ${channelId ?? "channel"}`,
      alias,
      status: "connected",
      phoneNumber: null,
      jid: null,
      lid: null,
      pushName: null,
      wanted: false,
      lastError: null,
      connectedAt: at,
      disconnectedAt: null,
      createdAt: at,
      updatedAt: at,
    });
    return { id, alias };
  }

  return async () => {
    if (line !== undefined) return line;
    try {
      line = await find() ?? await make();
    } catch (error) {
      // Somebody else made it at the same time, or another kind of device has the alias.
      if (!(error instanceof ConflictError)) throw error;
      line = await find();
      if (line === undefined) {
        throw new ConflictError(`Cannot name the Qiscus channel "${alias}": another device has this alias`);
      }
    }
    return line;
  };
}
