import type { Clock } from "../async/clock.ts";
import type { FairPlaces } from "../async/fair_places.ts";
import { pause } from "../async/pause.ts";
import { messageOf, NotFoundError, StoreUnavailableError } from "../errors.ts";
import { newId, type TenantId, type WebhookId } from "../ids.ts";
import { logOf } from "../log.ts";
import type { Deliveries, Delivery, DeliveryFilter } from "../store/deliveries.ts";
import type { Replay, Replays as StoredReplays } from "../store/replays.ts";
import type { Webhook } from "../store/webhooks.ts";

/** Deliveries that a replay makes pending in one go, and the pause after it: live traffic comes first. */
const BATCH = 100;
const PAUSE_MS = 100;
/** Counting stops here: what is shown is then "at least". */
export const COUNT_AT_MOST = 1_000_000;
/** A dry run looks closely at so many, and counts the rest. */
const BROKEN_DOWN_AT_MOST = 20_000;
const PAGE = 1_000;
const SAMPLES = 5;
/** How long a replay stays with its holder after each step; then another gateway takes it up. */
const HELD_MS = 30_000;
const LOOK_EVERY_MS = 30_000;
const LISTED = 100;

const log = logOf("webhooks");

/** What a replay would send. */
export interface DryRun {
  /** Deliveries that the filter finds; at most 1,000,000 are counted. */
  readonly count: number;
  /** The parts below cover so many of them, the oldest. */
  readonly lookedAt: number;
  readonly byEvent: readonly { readonly event: string; readonly count: number }[];
  readonly byWebhook: readonly { readonly webhookId: WebhookId; readonly count: number }[];
  /** Deliveries that stay as they are: they are still pending, or their webhook takes none. */
  readonly skipped: { readonly pending: number; readonly disabled: number };
  /** Chats that they belong to, where webhooks keep an order by chat. */
  readonly chats: number;
  /** Deliveries of one chat follow each other in their old order; false where a webhook keeps no order. */
  readonly inOrder: boolean;
  readonly firstAt: number | null;
  readonly lastAt: number | null;
  readonly samples: readonly Delivery[];
}

export interface ReplaysDeps {
  readonly deliveries: Pick<Deliveries, "list" | "count" | "revive">;
  readonly replays: StoredReplays;
  readonly webhookOf: (id: WebhookId) => Webhook | undefined;
  readonly poke: (webhookId: WebhookId) => void;
  /** Nothing is replayed for a suspended tenant. */
  readonly isSuspended: (tenantId: TenantId) => boolean;
  /** Where deliveries are brought back in turns of the tenants. */
  readonly places: FairPlaces;
  readonly clock: Pick<Clock, "now" | "wait">;
}

/** Sends everything again that a filter finds, oldest first, in the background; replays outlive a restart. */
export interface Replaying {
  /** @param lookAtMost How many are looked at closely; the others are counted. */
  dryRun(filter: DeliveryFilter, lookAtMost?: number): Promise<DryRun>;
  begin(tenantId: TenantId, filter: DeliveryFilter): Promise<Replay>;
  /** @throws {NotFoundError} If there is none, or it is another tenant's. */
  find(tenantId: TenantId, id: string): Promise<Replay>;
  /** Newest first. */
  list(tenantId: TenantId): Promise<readonly Replay[]>;
  /**
   * Ends a replay where it is; what was made pending already is sent.
   * @throws {NotFoundError} If there is none, or it is another tenant's.
   */
  end(tenantId: TenantId, id: string): Promise<Replay>;
  /** Goes on with what the last run, or another gateway, left unfinished. */
  start(): void;
  stop(): Promise<void>;
}

export function createReplays(deps: ReplaysDeps): Replaying {
  const { deliveries, replays, webhookOf, clock } = deps;
  const { now } = clock;
  const holder = newId("rpl");
  const stopping = new AbortController();
  const running = new Map<string, Promise<void>>();

  function takesDeliveries(webhookId: WebhookId): boolean {
    const webhook = webhookOf(webhookId);
    return webhook !== undefined && webhook.status !== "disabled";
  }

  /** Makes the next ones pending again. */
  async function reviveNext({ filter, after }: Replay) {
    const page = await deliveries.list(filter, { limit: BATCH, after });
    const chosen = page.filter(({ status, webhookId }) => status !== "pending" && takesDeliveries(webhookId));
    const revived = chosen.length === 0
      ? []
      : await deliveries.revive(chosen.map(({ number }) => number), { now: now(), dueAt: now() });
    return { page, revived };
  }

  async function run(id: string): Promise<void> {
    for (;;) {
      const at = now();
      const replay = await replays.claim(id, { holder, now: at, until: at + HELD_MS });
      if (replay === undefined || stopping.signal.aborted) return; // it is over, or somebody else's
      if (deps.isSuspended(replay.tenantId)) {
        await replays.finish(id, "stopped", now());
        return;
      }
      const { page, revived } = await deps.places.run(replay.tenantId, () => reviveNext(replay));
      const last = page.at(-1);
      if (last === undefined) {
        await replays.finish(id, "done", now());
        return;
      }
      for (const webhookId of new Set(revived.map((delivery) => delivery.webhookId))) deps.poke(webhookId);
      await replays.progress(id, {
        looked: replay.looked + page.length,
        replayed: replay.replayed + revived.length,
        after: last.number,
      });
      if (!await pause(PAUSE_MS, stopping.signal, clock)) return;
    }
  }

  function carryOut(id: string): void {
    if (running.has(id) || stopping.signal.aborted) return;
    const work = run(id).catch(async (error: unknown) => {
      log.error("replay.failed", { replay: id, error: messageOf(error) });
      if (error instanceof StoreUnavailableError) return; // that passes: whoever looks next goes on with it
      await replays.finish(id, "failed", now()).catch((second: unknown) => {
        log.error("replay.not_ended", { replay: id, error: messageOf(second) });
      });
    }).finally(() => running.delete(id));
    running.set(id, work);
  }

  async function look(): Promise<void> {
    do {
      try {
        for (const { id } of await replays.free(now(), LISTED)) carryOut(id);
      } catch (error) {
        log.error("replay.not_found", { error: messageOf(error) });
      }
    } while (await pause(LOOK_EVERY_MS, stopping.signal, clock));
  }

  async function find(tenantId: TenantId, id: string): Promise<Replay> {
    const replay = await replays.get(id);
    if (replay === undefined || replay.tenantId !== tenantId) throw new NotFoundError("replay", id);
    return replay;
  }

  return {
    async dryRun(filter, lookAtMost = BROKEN_DOWN_AT_MOST) {
      const tally = createTally(takesDeliveries, webhookOf);
      let after = 0;
      while (tally.lookedAt() < lookAtMost) {
        const page = await deliveries.list(filter, { limit: PAGE, after });
        page.forEach(tally.add);
        if (page.length < PAGE) return tally.result(tally.lookedAt());
        after = page[PAGE - 1].number;
      }
      return tally.result(await deliveries.count(filter, COUNT_AT_MOST));
    },

    async begin(tenantId, filter) {
      const startedAt = now();
      // what is stored from now on is no history: it would be sent twice, and the replay would never end
      const bounded = { ...filter, until: Math.min(filter.until ?? startedAt, startedAt), tenantId };
      const replay: Replay = {
        id: newId("rpl"),
        tenantId,
        status: "running",
        filter: bounded,
        total: await deliveries.count(bounded, COUNT_AT_MOST),
        looked: 0,
        replayed: 0,
        after: 0,
        startedAt,
        finishedAt: null,
      };
      await replays.create(replay);
      carryOut(replay.id);
      return replay;
    },

    find,
    list: (tenantId) => replays.list(tenantId, LISTED),

    async end(tenantId, id) {
      const replay = await find(tenantId, id);
      return await replays.finish(id, "stopped", now()) ?? replay;
    },

    start: () => void look(),

    async stop() {
      stopping.abort();
      await Promise.all(running.values());
    },
  };
}

function createTally(
  takesDeliveries: (webhookId: WebhookId) => boolean,
  webhookOf: (webhookId: WebhookId) => Webhook | undefined,
) {
  const byEvent = new Map<string, number>();
  const byWebhook = new Map<WebhookId, number>();
  const chats = new Set<string>();
  const samples: Delivery[] = [];
  let [lookedAt, pending, disabled] = [0, 0, 0];
  let firstAt: number | null = null;
  let lastAt: number | null = null;

  return {
    lookedAt: () => lookedAt,
    add(delivery: Delivery): void {
      const { webhookId, name, status, createdAt, orderingKey } = delivery;
      lookedAt++;
      if (status === "pending") pending++;
      else if (!takesDeliveries(webhookId)) disabled++;
      byEvent.set(name, (byEvent.get(name) ?? 0) + 1);
      byWebhook.set(webhookId, (byWebhook.get(webhookId) ?? 0) + 1);
      if (orderingKey !== null) chats.add(orderingKey);
      if (samples.length < SAMPLES) samples.push(delivery);
      firstAt ??= createdAt;
      lastAt = createdAt;
    },
    result: (count: number): DryRun => ({
      count,
      lookedAt,
      byEvent: mostFirst(byEvent).map(([event, n]) => ({ event, count: n })),
      byWebhook: mostFirst(byWebhook).map(([webhookId, n]) => ({ webhookId, count: n })),
      skipped: { pending, disabled },
      chats: chats.size,
      inOrder: [...byWebhook.keys()].every((id) => (webhookOf(id)?.ordering ?? "none") !== "none"),
      firstAt,
      lastAt,
      samples,
    }),
  };
}

function mostFirst<K>(counts: ReadonlyMap<K, number>): readonly (readonly [K, number])[] {
  return [...counts].toSorted(([, a], [, b]) => b - a);
}
