import { join } from "node:path";
import type { Clock } from "../async/clock.ts";
import type { GatewayRole, Settings } from "../config.ts";
import { messageOf } from "../errors.ts";
import { createDeviceCalls, type DeviceCalls } from "../fleet/calls.ts";
import { createHolding, type LeasedHolding } from "../fleet/holding.ts";
import { deviceIn, LEASES } from "../fleet/lease_names.ts";
import { differing, digestOf } from "../fleet/settings_digest.ts";
import { createMembership, heartbeatOf, type Membership } from "../fleet/membership.ts";
import { createSharedHits, type SharedHits } from "../fleet/shared_hits.ts";
import { LENT } from "../fleet/remote_session.ts";
import { createTasks, type Task, type Tasks } from "../fleet/tasks.ts";
import { createFleetView, type FleetView } from "../fleet/view.ts";
import { CACHED } from "../media/stored_cache.ts";
import { UPLOADED } from "../media/stored_outgoing.ts";
import { KEPT_UPLOADS } from "../media/stored_uploads.ts";
import { UPLOADS_LAST_MS } from "../media/uploads.ts";
import { DAY_MS } from "../spans.ts";
import { logOf } from "../log.ts";
import type { GatewayRow } from "../store/gateways.ts";
import type { Store } from "../store/store.ts";
import { MACHINE, type Platform } from "./platform.ts";
import { storeMark } from "../tenants/store_mark.ts";
import { VERSION } from "../version.ts";

const log = logOf("fleet");

const PRUNE_EVERY_MS = 60_000;
const PRUNED_AT_ONCE = 100;
/** How long files last in the store, by what their ids begin with. Those that wait to be sent may wait for a year. */
const FILES_LAST: readonly (readonly [prefix: string, lastsMs: number])[] = [
  ["", 370 * DAY_MS],
  [CACHED, DAY_MS],
  [UPLOADED, DAY_MS],
  [LENT, DAY_MS],
  [KEPT_UPLOADS, UPLOADS_LAST_MS],
];

/** Counts are kept for so long after their window, as clocks may differ. */
const COUNTS_LAST_MS = 10 * 60_000;
const COUNTS_AT_ONCE = 1_000;

/** What has to be the same on all gateways. */
const AGREEING = [
  "API_KEY",
  "API_AUTH",
  "ALERT_FAILED_PER_HOUR",
  "APP_URL",
  "BLAST_MAX_GAP_SECONDS",
  "BLAST_MIN_GAP_SECONDS",
  "BLAST_PER_DAY",
  "BLAST_PER_HOUR",
  "BLAST_QISCUS_CONCURRENCY",
  "BLAST_QISCUS_PER_SECOND",
  "DEFAULT_COUNTRY_CODE",
  "ENCRYPTION_KEY",
  "FILES",
  "EVENT_RETENTION_DAYS",
  "LEASE_SECONDS",
  "MARK_AS_SEEN",
  "MASTER_KEY",
  "MAX_ATTACHMENT_SIZE",
  "QISCUS_ALLOWED_IPS",
  "QISCUS_APP_ID",
  "QISCUS_BASE_URL",
  "QISCUS_CHANNEL_ID",
  "QISCUS_RATE_LIMIT",
  "QISCUS_SECRET_KEY",
  "QISCUS_SIMULATE",
  "QISCUS_WEBHOOK_SECRET",
  "RATE_LIMIT_PER_MINUTE",
  "RECEIVERS_OPEN",
  "RECOVER_SESSIONS",
  "WEBHOOK_ALLOW_PRIVATE",
  "WEBHOOK_FORMAT",
  "WEBHOOK_RETRY_SCALE",
  "WEBHOOK_SECRET",
  "WEBHOOK_URL",
  "WHATSAPP_WEBHOOK_RATE_LIMIT",
  "WHATSAPP_WEBHOOK_SECRET",
  "WHATSAPP_WS_URL",
] as const satisfies readonly (keyof Settings)[];

export type FleetSettings = Pick<
  Settings,
  (typeof AGREEING)[number] | "DATA_DIR" | "GATEWAY_NAME" | "GATEWAY_ROLES" | "GATEWAY_WEIGHT"
>;

/** What a gateway does: what it is set to do, as far as it can where it runs. */
export function rolesOf(
  { GATEWAY_ROLES }: Pick<Settings, "GATEWAY_ROLES">,
  platform: Pick<Platform, "roles">,
): readonly GatewayRole[] {
  return GATEWAY_ROLES.filter((role) => platform.roles.includes(role));
}

/** This gateway among those that work on one store. */
export interface Fleet {
  readonly membership: Membership;
  readonly holding: LeasedHolding;
  readonly calls: DeviceCalls;
  readonly tasks: Tasks;
  /** What is limited for all gateways as one. */
  readonly hits: SharedHits;
  /** Who works on the store. */
  readonly view: () => Promise<FleetView>;
  /** For metrics. */
  readonly counts: () => { readonly gateways: number; readonly held: number; readonly unheld: number };
  /** Tells the others that it takes nothing new. */
  drain(): Promise<void>;
  /** Leaves; what it still holds is free. */
  leave(): Promise<void>;
}

/**
 * Enters this process as a gateway, in the place of the one that used the same folder before: the folder's lock says
 * that it is over, so what it had in hand is free at once, however it ended.
 */
export async function joinFleet(
  { store, settings, platform = MACHINE, onGone, clock }: {
    readonly store: Store;
    /** Left out: a machine. */
    readonly platform?: Pick<Platform, "roles" | "keepsFiles">;
    readonly settings: FleetSettings;
    /** What another gateway had in hand is free. */
    readonly onGone: () => void;
    readonly clock: Clock;
  },
): Promise<Fleet> {
  const path = join(settings.DATA_DIR, "gateway");
  const settingsDigest = digestOf(
    Object.fromEntries(AGREEING.map((name) => [name, settings[name]])),
    await store.alone(() => storeMark(store.settings)),
  );
  const membership = createMembership({
    gateways: store.gateways,
    about: {
      name: settings.GATEWAY_NAME ?? Deno.hostname(),
      roles: rolesOf(settings, platform).join(),
      weight: settings.GATEWAY_WEIGHT,
      settingsDigest,
      version: VERSION,
      startedAt: clock.now(),
    },
    heartbeat: heartbeatOf(settings.LEASE_SECONDS * 1_000),
    // without a disk nobody takes its place: others find out by its silence
    remember: (ids) => platform.keepsFiles ? writeIds(path, ids) : Promise.resolve(),
    clock,
    onUnsafe() {
      holding.cutAll();
      tasks.cutAll();
    },
    onSeen: createSettingsWatch(settingsDigest),
    onEntered() {
      holding.look();
      tasks.look();
    },
    onGone() {
      store.news.tell(LEASES, "gateway");
      holding.look();
      tasks.look();
      onGone();
    },
  });
  const holding = createHolding({
    membership,
    leases: store.leases,
    devices: store.devices,
    news: store.news,
    fenced: store.fenced,
    clock,
    resume: settings.RECOVER_SESSIONS,
  });
  const calls = createDeviceCalls({
    calls: store.calls,
    news: store.news,
    clock,
    holder: () => membership.id,
    held: () =>
      holding.leases.filter(({ name }) => holding.isHere(deviceIn(name))).map(({ name }) => deviceIn(name)),
  });
  const hits = createSharedHits({ rateCounts: store.rateCounts, clock });
  const tasks = createTasks({ leases: store.leases, membership, news: store.news, clock });
  await membership.enter(platform.keepsFiles ? await idsIn(path) : []);
  return {
    membership,
    holding,
    calls,
    tasks,
    hits,
    view: createFleetView({ ...store, id: () => membership.id, settingsDigest }),
    counts: () => ({
      gateways: membership.gateways.length,
      held: holding.leases.filter(({ name, wanted }) => wanted && holding.isHere(deviceIn(name))).length,
      unheld: holding.leases.filter(({ wanted, holder }) => wanted && holder === null).length,
    }),
    drain: () =>
      membership.drain().catch((error: unknown) => log.warn("fleet.not_draining", { error: messageOf(error) }) // the others find out when it leaves
      ),
    leave: () =>
      membership.leave().catch((error: unknown) => log.warn("fleet.not_left", { error: messageOf(error) }) // the others find out by its silence
      ),
  };
}

/** Says once of each gateway in which settings it differs. */
function createSettingsWatch(own: string): (gateways: readonly GatewayRow[]) => void {
  const told = new Set<string>();
  return (gateways) => {
    for (const { id, name, settingsDigest } of gateways) {
      const settings = differing(own, settingsDigest);
      if (settings.length === 0 || told.has(id)) continue;
      told.add(id);
      log.warn("fleet.settings_differ", {
        gateway: name,
        settings: settings.join(", "),
        why: "they have to be the same on all gateways of a database",
      });
    }
  };
}

async function idsIn(path: string): Promise<readonly string[]> {
  try {
    return (await Deno.readTextFile(path)).split("\n").filter((line) => line !== "");
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw new Error(`Cannot read ${path}: ${messageOf(error)}`);
  }
}

async function writeIds(path: string, ids: readonly string[]): Promise<void> {
  await Deno.writeTextFile(path, ids.map((id) => `${id}\n`).join(""), { mode: 0o600 });
}

/** Files that gateways lent each other, calls, and what was counted, when nobody can want them any more. */
export function leftoversTask(
  { files, rateCounts }: Pick<Store, "files" | "rateCounts">,
  calls: Pick<DeviceCalls, "prune">,
  clock: Clock,
): Task {
  async function pruneCounts(): Promise<void> {
    while (await rateCounts.prune(clock.now() - COUNTS_LAST_MS, COUNTS_AT_ONCE) === COUNTS_AT_ONCE);
  }

  return {
    start() {
      const timer = clock.every(PRUNE_EVERY_MS, () => {
        Promise.all([
          calls.prune(),
          ...FILES_LAST.map(([prefix, lastsMs]) =>
            files.prune(clock.now() - lastsMs, PRUNED_AT_ONCE, prefix)
          ),
          pruneCounts(),
        ]).catch((error) => log.warn("fleet.not_pruned", { error: messageOf(error) })); // the next time will do
      });
      return () => timer.cancel();
    },
  };
}
