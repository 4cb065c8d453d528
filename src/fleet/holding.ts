import { type Clock, systemClock } from "../async/clock.ts";
import { createRounds } from "../async/rounds.ts";
import { LeaseLostError, messageOf } from "../errors.ts";
import type { DeviceId } from "../ids.ts";
import { logOf } from "../log.ts";
import type { Device, Devices } from "../store/devices.ts";
import type { HeldLease, Lease, Leases } from "../store/leases.ts";
import type { News } from "../store/news.ts";
import type { FencedStore, Store } from "../store/store.ts";
import type { Holding, LineControl } from "./fleet.ts";
import { DEVICE_LEASES, deviceIn, leaseOf, LEASES } from "./lease_names.ts";
import type { Membership } from "./membership.ts";
import { holdsTooMany, leastLoaded, loadWithOneMore, shareOf, takesDevices } from "./share.ts";

const log = logOf("fleet");

const LOOK_EVERY_MS = 1_000;
/** A lease that was given back waits so long for the gateway that it prefers. */
const PATIENCE_MS = 2_000;
/** A device that nobody took for so long is taken by anybody, whatever its share. */
const ORPHAN_MS = 3_000;
/** A gateway gives devices away when it has held too many for so long, one in each step. */
const UNEVEN_FOR_MS = 30_000;
const UNEVEN_STEP_MS = 5_000;
const PAGE = 500;

export interface HoldingDeps {
  readonly membership: Membership;
  readonly leases: Leases;
  readonly devices: Pick<Devices, "get" | "list">;
  readonly news: News;
  readonly fenced: Store["fenced"];
  /** False: devices that were wanted when the fleet was last up stay as they are until somebody asks for them. */
  readonly resume?: boolean;
  readonly clock?: Pick<Clock, "wait">;
  /** Monotonic ms. */
  readonly elapsed?: () => number;
}

interface Held {
  readonly lease: HeldLease;
  readonly store: FencedStore;
}

/** A gateway's devices in a fleet, with what its membership tells it to do. */
export interface LeasedHolding extends Holding {
  /** The leases of devices as last seen, by name. */
  readonly leases: readonly Lease[];
  /** Lets go of all devices now. */
  cutAll(): void;
  /** Looks soon: something has changed. */
  look(): void;
}

/** Holds devices under leases. */
export function createHolding(deps: HoldingDeps): LeasedHolding {
  const { membership, leases, devices, news, fenced, resume = true } = deps;
  const { clock = systemClock, elapsed = () => performance.now() } = deps;
  const stopping = new AbortController();
  const held = new Map<DeviceId, Held>();
  let control: LineControl | undefined;
  /** Being given back: not to be taken for a lease whose answer was lost. */
  const leaving = new Set<string>();
  const freeSince = new Map<string, number>();
  let view: readonly Lease[] = [];
  let unevenSince: number | undefined;
  let movedAt = -Infinity;
  const { look, run } = createRounds({
    round,
    everyMs: LOOK_EVERY_MS,
    stopping: stopping.signal,
    failed: (error) => log.warn("fleet.leases_not_read", { error: messageOf(error) }),
    clock,
  });

  /** Takes a lease that was got as one's own, once. */
  function hold(lease: HeldLease): void {
    if (lease.holder === membership.id) {
      held.set(deviceIn(lease.name), { lease, store: fenced(lease) });
    }
  }

  async function begin(lease: HeldLease): Promise<void> {
    const id = deviceIn(lease.name);
    hold(lease);
    const device = await devices.get(id);
    if (device === undefined) return await forget(id);
    if (!device.wanted) return await want(id, false);
    await control?.begin(id);
    if (!held.has(id)) control?.cut(id); // lost before there was anything to cut
  }

  /** One that could not begin, as the store was away, is not held: the next round takes it for one to begin. */
  function beginAll(got: readonly HeldLease[]): void {
    for (const lease of got) {
      begin(lease).catch((error) => {
        log.error("fleet.device_not_begun", { lease: lease.name, error: messageOf(error) });
        const id = deviceIn(lease.name);
        if (held.get(id)?.lease === lease) lose(id);
      });
    }
  }

  function lose(id: DeviceId): void {
    held.delete(id);
    control?.cut(id);
  }

  async function giveBack(id: DeviceId, prefer: string | undefined): Promise<void> {
    const mine = held.get(id);
    if (mine === undefined || leaving.has(mine.lease.name)) return;
    leaving.add(mine.lease.name);
    try {
      await control?.release(id);
      if (held.get(id) !== mine) return; // lost meanwhile
      held.delete(id);
      await letGo([mine.lease], prefer);
    } finally {
      leaving.delete(mine.lease.name);
    }
  }

  /** Gives leases back of devices that were not begun with. */
  async function letGo(got: readonly HeldLease[], prefer?: string): Promise<void> {
    await leases.giveBack(got, prefer);
    for (const { name } of got) news.tell(LEASES, name);
  }

  function heldBy(): Map<string, number> {
    const counts = new Map<string, number>();
    for (const { holder, wanted } of view) {
      if (holder !== null && wanted) counts.set(holder, (counts.get(holder) ?? 0) + 1);
    }
    return counts;
  }

  const wantedCount = () => view.filter(({ wanted }) => wanted).length;
  const heldWanted = () => view.filter(({ holder, wanted }) => wanted && holder === membership.id).length;
  const share = () => shareOf(membership.id, membership.gateways, wantedCount());

  async function refresh(): Promise<void> {
    const before = new Map(held);
    view = await leases.list(DEVICE_LEASES);
    if (!membership.isSafe) return;
    const rows = new Map(view.map((lease) => [lease.name, lease]));
    for (const [id, mine] of before) {
      const row = rows.get(mine.lease.name);
      const isMine = row?.holder === mine.lease.holder && row.epoch === mine.lease.epoch;
      if (!isMine && held.get(id) === mine && !leaving.has(mine.lease.name)) lose(id);
    }
    // the answer to a claim that was committed may have been lost
    const lost = view.filter(({ name, holder }) =>
      holder === membership.id && !before.has(deviceIn(name)) && !held.has(deviceIn(name)) &&
      !leaving.has(name)
    );
    beginAll(lost.map(({ name, epoch }) => ({ name, epoch, holder: membership.id })));
  }

  /** Wanted leases that were seen free for so long that somebody has to take them. */
  function hasOrphans(): boolean {
    const at = elapsed();
    const free = new Set(
      view.filter(({ wanted, holder }) => wanted && holder === null).map(({ name }) => name),
    );
    for (const name of [...freeSince.keys()]) if (!free.has(name)) freeSince.delete(name);
    let found = false;
    for (const name of free) {
      const since = freeSince.get(name) ?? at;
      freeSince.set(name, since);
      found ||= at - since >= ORPHAN_MS;
    }
    return found;
  }

  /**
   * What another gateway has given back for this one to take: all of it at once, as its share grows only when it sees
   * that the other has left.
   */
  function handedOver(): number {
    if (share() === 0) return 0;
    return view.filter(({ wanted, holder, prefer }) => wanted && holder === null && prefer === membership.id)
      .length;
  }

  async function takeShare(): Promise<void> {
    if (!resume) return;
    const isTaker = share() > 0 || hasOrphans();
    const limit = hasOrphans() && isTaker ? view.length : Math.max(share() - heldWanted(), handedOver());
    if (limit <= 0 || view.every(({ holder, wanted }) => holder !== null || !wanted)) return;
    const mine = membership.id;
    const got = await leases.claim(mine, { prefix: DEVICE_LEASES, limit, patienceMs: PATIENCE_MS });
    if (stopping.signal.aborted) return await letGo(got); // after all others were handed over
    beginAll(got);
    if (got.length > 0) log.info("fleet.devices_taken", { count: got.length });
  }

  function even(): void {
    const at = elapsed();
    if (!holdsTooMany(heldWanted(), share()) || share() === 0) {
      unevenSince = undefined;
      return;
    }
    unevenSince ??= at;
    if (at - unevenSince < UNEVEN_FOR_MS || at - movedAt < UNEVEN_STEP_MS) return;
    const to = leastLoaded(membership.gateways, heldBy(), membership.id);
    const moved = [...held.keys()].at(-1);
    if (to === undefined || moved === undefined) return;
    movedAt = at;
    log.info("fleet.device_moved", { deviceId: moved, to });
    giveBack(moved, to).catch((error) =>
      log.warn("fleet.device_not_moved", { deviceId: moved, error: messageOf(error) })
    );
  }

  async function round(): Promise<void> {
    await refresh();
    if (!membership.isSafe || stopping.signal.aborted) return;
    await takeShare();
    even();
  }

  async function want(id: DeviceId, wanted: boolean): Promise<void> {
    await leases.want([leaseOf(id)], wanted);
    if (!held.has(id)) news.tell(LEASES, leaseOf(id));
  }

  async function forget(id: DeviceId): Promise<void> {
    held.delete(id);
    await leases.remove(leaseOf(id));
    news.tell(LEASES, leaseOf(id));
  }

  /** Leases of all devices that are wanted: those of an installation that was no fleet before have none. */
  async function wantWanted(): Promise<void> {
    let page: readonly Device[];
    let offset = 0;
    do {
      page = await devices.list({ kind: "whatsapp", wanted: true, limit: PAGE, offset });
      await leases.want(page.map(({ id }) => leaseOf(id)), true);
      offset += page.length;
    } while (page.length === PAGE);
  }

  const deaf = news.hear(LEASES, look);
  return {
    get leases() {
      return view;
    },
    storeOf(id) {
      const mine = held.get(id);
      if (mine === undefined || !membership.isSafe) throw new LeaseLostError(leaseOf(id));
      return mine.store;
    },
    isHere: (id) => held.has(id) && membership.isSafe,
    held: () => [...held.keys()],
    async whereIs(id) {
      if (held.has(id)) return "here";
      const { holder } = await leases.get(leaseOf(id)) ?? { holder: null };
      if (holder === null) return "nowhere";
      return holder === membership.id ? "here" : "elsewhere";
    },
    async bring(id) {
      if (held.has(id)) return true;
      view = await leases.list(DEVICE_LEASES);
      const counts = heldBy();
      const gateways = new Map(membership.gateways.map((gateway) => [gateway.id, gateway]));
      const own = gateways.get(membership.id);
      const least = gateways.get(leastLoaded(membership.gateways, counts, membership.id) ?? "");
      const isForOthers = own === undefined || !takesDevices(own) ||
        (least !== undefined && loadWithOneMore(least, counts) < loadWithOneMore(own, counts));
      if (isForOthers) {
        await leases.want([leaseOf(id)], true);
        news.tell(LEASES, leaseOf(id));
        return false;
      }
      const lease = await leases.take(leaseOf(id), membership.id);
      if (lease === undefined) return false;
      hold(lease);
      look();
      return true;
    },
    want,
    forget,
    async start(given) {
      control = given;
      if (resume) await wantWanted();
      void run();
      look();
    },
    async stop() {
      stopping.abort();
      deaf();
      const counts = heldBy();
      await Promise.all([...held.keys()].map(async (id) => {
        const to = leastLoaded(membership.gateways, counts, membership.id);
        if (to !== undefined) counts.set(to, (counts.get(to) ?? 0) + 1);
        await giveBack(id, to).catch((error) =>
          log.warn("fleet.not_handed_over", { deviceId: id, error: messageOf(error) })
        );
      }));
    },
    cutAll() {
      for (const id of [...held.keys()]) lose(id);
    },
    look,
  };
}
