// Gateways and a database whose clocks are wrong.
import type { FleetDevice, TestFleet } from "../support/fleet.ts";
import { type Findings, type Scene, sleep } from "./fleet_drills.ts";

/** How wrong the clock of each gateway is, in seconds. */
export const GATEWAYS_OFF_S = [600, -600, 0];
export const DATABASE_OFF_S = 60;
const LIBRARY = "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1";
const UNDER_WAY_MS = 20_000;
/** Later than any of the clocks will say during the drill. */
const FAR_S = 1_500;

/** The environment of a program whose clock is to be wrong; clocks that only count stay right, as they do in reality. */
export async function clockOff(seconds: number): Promise<Readonly<Record<string, string>>> {
  if (seconds === 0) return {};
  const isThere = await Deno.stat(LIBRARY).then(() => true, () => false);
  if (!isThere) {
    throw new Error("Cannot turn clocks: there is no libfaketime; install Debian's package faketime");
  }
  return {
    LD_PRELOAD: LIBRARY,
    FAKETIME: `${seconds < 0 ? "" : "+"}${seconds}s`,
    FAKETIME_DONT_FAKE_MONOTONIC: "1",
  };
}

export async function wrongClocks({ fleet, place }: Scene): Promise<Findings> {
  const before = await fleet.holders();
  const later = await Promise.all(fleet.devices.map((device) => sendLater(fleet, device)));
  await sleep(UNDER_WAY_MS);
  const after = await fleet.holders();
  const moved = fleet.devices.filter(({ id }) => before.get(id) !== after.get(id)).length;
  const sent =
    fleet.devices.filter(({ writer }) =>
      writer.inbox.some(({ message }) => JSON.stringify(message).includes("far too early"))
    ).length;

  const { gateway } = place;
  place.gateway = undefined;
  await gateway!.kill();
  const gone = fleet.devices.filter(({ id }) => after.get(id) === place.name);
  const tookOverMs = Math.round(await fleet.connected(gone, 60_000));
  await fleet.up(place);
  return {
    numbers: { moved, scheduled: later.length, early: sent, tookOverMs },
    problems: [
      ...(moved > 0 ? [`${moved} devices changed hands though nothing had happened`] : []),
      ...(sent > 0 ? [`${sent} messages left too early`] : []),
      ...later.filter((status) => status !== 202).map((status) =>
        `a message for later was answered with ${status}`
      ),
    ],
  };
}

async function sendLater(fleet: TestFleet, { id, writer }: FleetDevice): Promise<number> {
  const { status } = await fleet.call("POST", `/v1/devices/${id}/messages/text`, {
    to: writer.number,
    text: "far too early",
    send_at: Math.floor(Date.now() / 1_000) + FAR_S,
  });
  return status;
}
