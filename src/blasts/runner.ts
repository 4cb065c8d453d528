import type { Clock } from "../async/clock.ts";
import { keepTrying } from "../async/keep_trying.ts";
import { within } from "../async/within.ts";
import { messageOf } from "../errors.ts";
import type { DeviceId, MessageId, TenantId } from "../ids.ts";
import { logOf } from "../log.ts";
import { type Blast, type BlastMessage, type Blasts, CANCELLED, type TurnCause } from "../store/blasts.ts";
import type { LogLevel, SystemLog } from "../store/system_log.ts";
import { type Lane, type LaneOutcome, pausedBySuspension, serves, stopped } from "./lane.ts";
import { BlastRate } from "./rate.ts";
import { LONGEST_ACCEPTING_MS } from "./requests.ts";
import { waitForWindow } from "./sending_window.ts";

const log = logOf("blasts");

/** How soon a lane looks again that had nothing to do; it is woken when something changes. */
const IDLE_MS = 30_000;
const AFTER_FAULT_MS = 1_000;
const LOST_WAKE_MS = 20;
const CANCEL_STEP = 500;
/** Blasts of which messages may be in hand. */
const WITH_MESSAGES = ["running", "paused", "cancelled"] as const;
const NO_QISCUS = "Qiscus is not configured any more: set QISCUS_…, then resume the blast";
const SUSPENDED = "The tenant is suspended; once it is active again, resume the blast";

export interface BlastRunnerDeps {
  readonly blasts: Blasts;
  readonly systemLog: Pick<SystemLog, "write">;
  /** The lane of a device, or of Qiscus (null); undefined when there is none. */
  readonly laneOf: (deviceId: DeviceId | null) => Lane | undefined;
  /** Why the lane cannot send now and will not by itself; undefined while it can, or may soon. */
  readonly troubleOf: (lane: Lane) => Promise<string | undefined>;
  /** Takes up what an earlier run had in hand. */
  readonly recover: (blast: Blast, message: BlastMessage) => Promise<void>;
  /** Several gateways send blasts, each by some lanes. Left out: this one does it all. */
  readonly shared?: {
    /** The lane of this device, or of Qiscus (null), is here. */
    readonly isHere: (deviceId: DeviceId | null) => boolean;
    /** Tells the others that a blast has begun, or changed. */
    readonly tell: (blastId: string) => void;
  };
  /** All of it is taken up; sending begins. */
  readonly recovered: () => void;
  /** Nothing is sent for a suspended tenant. */
  readonly isSuspended: (tenantId: TenantId) => boolean;
  /** Fails a message that is not to be sent, such as one to somebody who wants no more. False: it is to be sent. */
  readonly refuse: (message: BlastMessage) => Promise<boolean>;
  readonly clock: Clock;
}

/** Sends the messages of running blasts, each lane at its own pace. */
export interface BlastRunner {
  /** Takes up what the last run left. */
  start(): Promise<void>;
  /** Begins nothing new, and waits for what is under way, at most `graceMs`. */
  stop(graceMs: number): Promise<void>;
  /** A blast has begun, or changed. */
  changed(blast: Blast): void;
  /** Another gateway says that a blast has begun, or changed; undefined: any may have. */
  changedElsewhere(blastId: string | undefined): Promise<void>;
  /** A lane has come here: takes up what it had in hand elsewhere, and goes on. */
  cameHere(deviceId: DeviceId | null): Promise<void>;
  /** Pauses what runs for a tenant that was suspended; somebody has to resume it. */
  suspended(tenantId: TenantId): Promise<void>;
  /** Something that lanes may have waited for has happened, such as a device's connection. */
  wake(): void;
  /** Marks what is queued of a cancelled blast as failed. */
  giveUp(blastId: string): Promise<void>;
  /** Messages a second over the last minute, of all devices or one of them; null when it sends none. */
  perSecond(blastId: string, deviceId?: DeviceId): number | null;
}

interface Running {
  readonly lane: Lane;
  workers: number;
}

interface BlastRates {
  readonly all: BlastRate;
  readonly byLane: Map<DeviceId | null, BlastRate>;
}

export function createBlastRunner(deps: BlastRunnerDeps): BlastRunner {
  const { blasts, systemLog, laneOf, shared, clock } = deps;
  const { now } = clock;
  const isHere = (deviceId: DeviceId | null) => shared?.isHere(deviceId) ?? true;
  const live = new Map<string, Blast>();
  /** What a blast's messages in hand end by; aborted once it is paused or cancelled. */
  const halts = new Map<string, AbortController>();
  const inHand = new Map<string, number>();
  /** Blasts of which nothing was left to take when a lane last asked. */
  const drained = new Set<string>();
  const rates = new Map<string, BlastRates>();
  const lanes = new Map<DeviceId | null, Running>();
  const sleepers = new Set<() => void>();
  const works = new Set<Promise<void>>();
  const stopping = new AbortController();
  const madeAt = now();
  let wakes = 0;
  let started = false;

  const report = (level: LogLevel, message: string, blast: Blast, more: Record<string, unknown> = {}) => {
    const metadata = { blastId: blast.id, ...more };
    if (level === "warn") log.warn("blast.stopped", metadata);
    else log.info("blast.changed", { ...metadata, status: blast.status });
    return systemLog.write({ level, message, metadata, createdAt: now(), tenantId: blast.tenantId });
  };

  function wake(): void {
    wakes++;
    for (const rise of sleepers) rise();
    sleepers.clear();
  }

  function sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const rise = () => {
        timer.cancel();
        sleepers.delete(rise);
        resolve();
      };
      const timer = clock.after(ms, rise);
      sleepers.add(rise);
    });
  }

  function inBackground(work: Promise<void>): void {
    const settled = work.catch((error) => log.error("blast.failed", { error: messageOf(error) }))
      .finally(() => works.delete(settled));
    works.add(settled);
  }

  function changed(blast: Blast): void {
    shared?.tell(blast.id);
    follow(blast);
  }

  /** Acts as a blast stands. */
  function follow(blast: Blast): void {
    if (blast.status === "running") {
      live.set(blast.id, blast);
      if (halts.get(blast.id)?.signal.aborted) halts.delete(blast.id);
    } else {
      live.delete(blast.id);
      // What it has in hand, or is just taking, goes back to it, but for what is on its way.
      if (inHand.has(blast.id)) haltControlOf(blast).abort();
      else halts.delete(blast.id);
      if (blast.status !== "paused") rates.delete(blast.id);
    }
    wake();
    if (blast.status !== "running" || !started || stopping.signal.aborted) return;
    if (deps.isSuspended(blast.tenantId)) return inBackground(pauseSuspended(blast));
    for (const deviceId of blast.via === "qiscus" ? [null] : blast.deviceIds) {
      if (!isHere(deviceId)) continue;
      const lane = laneOf(deviceId);
      if (lane === undefined) inBackground(takeOut(deviceId, blast, NO_QISCUS, "provider"));
      else openLane(deviceId, lane);
    }
  }

  /** Acts as the store has a blast: it may have been stopped elsewhere. */
  async function look(blastId: string): Promise<void> {
    const blast = await blasts.get(blastId);
    if (blast !== undefined) return follow(blast);
    live.delete(blastId);
    wake();
  }

  async function pauseSuspended(blast: Blast): Promise<void> {
    const result = await blasts.change(
      blast.id,
      ({ status }) =>
        status === "running"
          ? { status: "paused", reason: SUSPENDED, turn: pausedBySuspension(SUSPENDED) }
          : null,
      now(),
    );
    if (result === undefined || !result.changed) return;
    changed(result.blast);
    await report("warn", `Blast paused: ${SUSPENDED}`, result.blast);
  }

  function haltControlOf({ id }: Blast): AbortController {
    const controller = halts.get(id) ?? new AbortController();
    halts.set(id, controller);
    return controller;
  }

  function haltOf(blast: Blast): AbortSignal {
    const controller = haltControlOf(blast);
    if (stopping.signal.aborted) controller.abort();
    return controller.signal;
  }

  function openLane(deviceId: DeviceId | null, lane: Lane): void {
    const running = lanes.get(deviceId) ?? { lane, workers: 0 };
    lanes.set(deviceId, running);
    for (; running.workers < lane.width; running.workers++) inBackground(work(running));
  }

  /** One of a lane's hands: takes a message, sends it, takes the next. It rests when there is none. */
  async function work(running: Running): Promise<void> {
    const { lane } = running;
    while (!stopping.signal.aborted) {
      try {
        const mine = [...live.values()].filter((blast) => serves(blast, lane));
        if (mine.length === 0 || !isHere(lane.deviceId)) break;
        const before = wakes;
        const waitMs = await step(lane, mine);
        // When something changed meanwhile, its wake-up came too early to be heard: look again soon.
        if (waitMs > 0) await sleep(wakes === before ? waitMs : Math.min(waitMs, LOST_WAKE_MS));
      } catch (error) {
        log.error("blast.failed", { error: messageOf(error) });
        await sleep(AFTER_FAULT_MS);
      }
    }
    running.workers--;
  }

  /** Sends one message of the first blast that may send now; tells how long to rest. */
  async function step(lane: Lane, mine: readonly Blast[]): Promise<number> {
    const trouble = await deps.troubleOf(lane);
    if (trouble !== undefined) {
      await stopLane(lane, trouble, "device");
      return 0;
    }
    let restMs = IDLE_MS;
    for (const blast of mine) {
      const { window } = blast.pace;
      const waitMs = Math.max(
        window === null ? 0 : waitForWindow(window, now()),
        await lane.waitMs(blast),
      );
      if (waitMs > 0) {
        restMs = Math.min(restMs, waitMs);
        continue;
      }
      if (live.get(blast.id) !== blast || stopping.signal.aborted) return 0;
      if (deps.isSuspended(blast.tenantId)) {
        await pauseSuspended(blast);
        return 0;
      }
      hold(blast.id, 1);
      try {
        const waMessageId = lane.newWaMessageId();
        const next = await blasts.claim(blast.id, {
          deviceId: lane.deviceId,
          waMessageId,
          noted: lane.noted,
          now: now(),
        });
        if (next === undefined) {
          drained.add(blast.id);
          continue;
        }
        await sendOne(lane, blast, next);
        return 0;
      } finally {
        hold(blast.id, -1);
        await finishIfDone(blast.id);
      }
    }
    return restMs;
  }

  function hold(blastId: string, change: 1 | -1): void {
    const count = (inHand.get(blastId) ?? 0) + change;
    if (count > 0) return void inHand.set(blastId, count);
    inHand.delete(blastId);
    if (!live.has(blastId)) halts.delete(blastId);
  }

  async function sendOne(lane: Lane, blast: Blast, message: BlastMessage): Promise<void> {
    const putBack = (how?: { readonly tried: boolean }) => blasts.putBack(message.message.id, now(), how);
    /** What becomes of the message if the store is away now: nobody else has it in hand. */
    let settle = () => putBack();
    let outcome: LaneOutcome;
    try {
      if (haltOf(blast).aborted || deps.isSuspended(blast.tenantId) || !isHere(lane.deviceId)) {
        return await putBack();
      }
      if (await deps.refuse(message)) return;
      settle = async () => goOnWith(await blasts.get(blast.id) ?? blast, message); // it may have left
      outcome = await lane.send(message, blast, { stopping: stopping.signal, halted: haltOf(blast) });
      if (outcome.kind === "withdrawn") {
        const { tried } = outcome;
        settle = () => putBack({ tried });
        return await settle();
      }
    } catch (error) {
      owe(lane, blast, settle);
      throw error;
    }
    if (outcome.kind === "interrupted") return;
    count(blast, lane);
    if (outcome.kind === "stop") {
      await stopLane(lane, outcome.reason, lane.deviceId === null ? "provider" : "whatsapp");
    }
  }

  /** Goes on with a message in hand that may have left. */
  async function goOnWith(blast: Blast, message: BlastMessage): Promise<void> {
    // of a cancelled blast nothing leaves any more; should WhatsApp have it, a receipt will tell
    if (blast.via === "devices" && blast.status === "cancelled") {
      await blasts.putBack(message.message.id, now(), { tried: true });
    } else await deps.recover(blast, message);
  }

  /**
   * Settles what became of a message once the store takes it; the blast has it in hand until then. Where its lane has
   * gone to another gateway, that has taken it up.
   */
  function owe({ deviceId }: Lane, blast: Blast, settle: () => Promise<void>): void {
    hold(blast.id, 1);
    const trying = { signal: stopping.signal, clock, random: Math.random, log };
    const settleHere = async () => isHere(deviceId) ? await settle() : undefined;
    inBackground(
      keepTrying("blast message", settleHere, trying).finally(() => {
        hold(blast.id, -1);
        wake();
      }),
    );
  }

  function count({ id }: Blast, { deviceId }: Lane): void {
    if (!live.has(id)) return; // it is over, and a rate would stay for ever
    const { all, byLane } = rates.get(id) ?? { all: new BlastRate(), byLane: new Map() };
    const own = byLane.get(deviceId) ?? new BlastRate();
    all.add(now());
    own.add(now());
    rates.set(id, { all, byLane: byLane.set(deviceId, own) });
  }

  /** Takes a lane out of every blast that it serves. */
  async function stopLane(lane: Lane, reason: string, cause: TurnCause): Promise<void> {
    for (const blast of [...live.values()].filter((each) => serves(each, lane))) {
      await takeOut(lane.deviceId, blast, reason, cause);
    }
  }

  /** Takes a device, or Qiscus (null), out of a blast. One that has nothing left is paused, and says why. */
  async function takeOut(
    deviceId: DeviceId | null,
    blast: Blast,
    reason: string,
    cause: TurnCause,
  ): Promise<void> {
    const decide = (current: Blast) => stopped(current, deviceId, reason, cause);
    const result = await blasts.change(blast.id, decide, now());
    if (result === undefined || !result.changed) return;
    changed(result.blast);
    const paused = result.blast.status === "paused";
    const message = paused ? `Blast paused: ${reason}` : `Blast goes on without a device: ${reason}`;
    await report("warn", message, result.blast, { deviceId });
  }

  async function finishIfDone(blastId: string): Promise<void> {
    if (inHand.has(blastId) || !live.has(blastId) || !drained.delete(blastId)) return;
    const { queued } = await blasts.counts(blastId);
    if (queued > 0 || inHand.has(blastId)) return await look(blastId); // queued again, or stopped by somebody else
    if (shared !== undefined && await blasts.hasInHand(blastId)) return; // who has it completes the blast
    const completed = await blasts.complete(blastId, now());
    if (completed === undefined) return; // paused, or something was queued again: whoever did that says so
    rates.delete(blastId);
    changed(completed);
    await report("info", "Blast completed", completed, { total: completed.total });
  }

  async function giveUp(blastId: string): Promise<void> {
    while (await blasts.giveUp(blastId, CANCELLED, now(), CANCEL_STEP) === CANCEL_STEP);
  }

  /** @param of Only what this lane had in hand. */
  async function takeUp(blast: Blast, of?: { readonly deviceId: DeviceId | null }): Promise<void> {
    let after: MessageId | undefined;
    for (;;) {
      const found = await blasts.inHand(blast.id, CANCEL_STEP, after);
      for (const message of found) {
        if (of === undefined || message.message.deviceId === of.deviceId) await goOnWith(blast, message);
      }
      after = found.at(-1)?.message.id;
      if (found.length < CANCEL_STEP) return;
    }
  }

  return {
    async start() {
      for (const blast of await blasts.inStatus(["accepting"])) {
        if (blast.createdAt < madeAt - (shared === undefined ? 0 : LONGEST_ACCEPTING_MS)) {
          await blasts.discard(blast.id);
        }
      }
      if (shared === undefined) {
        for (const blast of await blasts.inStatus(WITH_MESSAGES)) await takeUp(blast);
      }
      deps.recovered();
      started = true;
      for (const blast of await blasts.inStatus(["cancelled"])) await giveUp(blast.id);
      for (const blast of await blasts.inStatus(["running"])) follow(blast);
    },
    async stop(graceMs) {
      stopping.abort();
      for (const halt of halts.values()) halt.abort();
      wake();
      await within(graceMs, Promise.all(works), clock);
    },
    changed,
    async changedElsewhere(blastId) {
      if (blastId !== undefined) return await look(blastId);
      const running = new Map((await blasts.inStatus(["running"])).map((blast) => [blast.id, blast]));
      for (const id of [...live.keys()]) if (!running.has(id)) await look(id);
      for (const blast of running.values()) follow(blast);
    },
    async cameHere(deviceId) {
      for (const blast of await blasts.inStatus(WITH_MESSAGES)) {
        if (deviceId === null ? blast.via !== "qiscus" : !blast.deviceIds.includes(deviceId)) continue;
        await takeUp(blast, { deviceId });
        if (blast.status === "running") follow(blast);
      }
    },
    async suspended(tenantId) {
      for (const blast of [...live.values()]) if (blast.tenantId === tenantId) await pauseSuspended(blast);
    },
    wake,
    giveUp,
    perSecond(blastId, deviceId) {
      const known = rates.get(blastId);
      const rate = deviceId === undefined ? known?.all : known?.byLane.get(deviceId);
      return rate?.perSecond(now()) ?? null;
    },
  };
}
