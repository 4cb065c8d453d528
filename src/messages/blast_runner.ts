import { messageOf } from "../errors.ts";
import type { DeviceId, MessageId } from "../ids.ts";
import { logOf } from "../log.ts";
import type { Blast, BlastChange, BlastMessage, Blasts } from "../store/blasts.ts";
import type { LogLevel, SystemLog } from "../store/system_log.ts";
import { BlastRate } from "./blast_rate.ts";
import { waitForWindow } from "./sending_window.ts";

const log = logOf("blasts");

/** How soon a lane looks again that had nothing to do; it is woken when something changes. */
const IDLE_MS = 30_000;
const AFTER_FAULT_MS = 1_000;
const CANCEL_STEP = 500;
const NO_QISCUS = "Qiscus is not configured any more: set QISCUS_…, then resume the blast";
const CANCELLED = "The blast was cancelled before this message was sent";

/** Where messages of a blast go out: all through Qiscus, or one device each. */
export interface Lane {
  /** Null: Qiscus. */
  readonly deviceId: DeviceId | null;
  /** How many are under way at once. */
  readonly width: number;
  /** WhatsApp's id for the next message, where the sender chooses it. */
  readonly newWaMessageId: () => string | null;
  /** How long it is until this lane may send a message of the blast, in ms. */
  waitMs(blast: Blast): Promise<number>;
  /** Sends a message that is in hand; never throws for one that could not be sent. */
  send(message: BlastMessage, blast: Blast, stopping: AbortSignal): Promise<LaneOutcome>;
}

export type LaneOutcome =
  | { readonly kind: "done" | "interrupted" }
  /** The lane cannot go on: why, for people. */
  | { readonly kind: "stop"; readonly reason: string };

export interface BlastRunnerDeps {
  readonly blasts: Blasts;
  readonly systemLog: Pick<SystemLog, "write">;
  /** The lane of a device, or of Qiscus (null); undefined when there is none. */
  readonly laneOf: (deviceId: DeviceId | null) => Lane | undefined;
  /** Why the lane cannot send now and will not by itself; undefined while it can, or may soon. */
  readonly troubleOf: (lane: Lane) => Promise<string | undefined>;
  /** Takes up what an earlier run had in hand. */
  readonly recover: (blast: Blast, message: BlastMessage) => Promise<void>;
  /** All of it is taken up; sending begins. */
  readonly recovered: () => void;
  readonly now: () => number;
}

/** Sends the messages of running blasts, each lane at its own pace. */
export interface BlastRunner {
  /** Takes up what the last run left. */
  start(): Promise<void>;
  /** Begins nothing new, and waits for what is under way, at most `graceMs`. */
  stop(graceMs: number): Promise<void>;
  /** A blast has begun, or changed. */
  changed(blast: Blast): void;
  /** Something that lanes may have waited for has happened, such as a device's connection. */
  wake(): void;
  /** Marks what is queued of a cancelled blast as failed. */
  giveUp(blastId: string): Promise<void>;
  /** Messages a second over the last minute; null when it sends none. */
  perSecond(blastId: string): number | null;
}

interface Running {
  readonly lane: Lane;
  workers: number;
}

export function createBlastRunner(deps: BlastRunnerDeps): BlastRunner {
  const { blasts, systemLog, laneOf, now } = deps;
  const live = new Map<string, Blast>();
  const inHand = new Map<string, number>();
  /** Blasts of which nothing was left to take when a lane last asked. */
  const drained = new Set<string>();
  const rates = new Map<string, BlastRate>();
  const lanes = new Map<DeviceId | null, Running>();
  const sleepers = new Set<() => void>();
  const works = new Set<Promise<void>>();
  const stopping = new AbortController();
  const madeAt = now();
  let started = false;

  const report = (level: LogLevel, message: string, blast: Blast, more: Record<string, unknown> = {}) => {
    const metadata = { blastId: blast.id, ...more };
    if (level === "warn") log.warn("blast.stopped", metadata);
    else log.info("blast.changed", { ...metadata, status: blast.status });
    return systemLog.write({ level, message, metadata, createdAt: now() });
  };

  function wake(): void {
    for (const rise of sleepers) rise();
    sleepers.clear();
  }

  function sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const rise = () => {
        clearTimeout(timer);
        sleepers.delete(rise);
        resolve();
      };
      const timer = setTimeout(rise, ms);
      sleepers.add(rise);
    });
  }

  function inBackground(work: Promise<void>): void {
    const settled = work.catch((error) => log.error("blast.failed", { error: messageOf(error) }))
      .finally(() => works.delete(settled));
    works.add(settled);
  }

  function changed(blast: Blast): void {
    if (blast.status === "running") live.set(blast.id, blast);
    else live.delete(blast.id);
    wake();
    if (blast.status !== "running" || !started || stopping.signal.aborted) return;
    for (const deviceId of blast.via === "qiscus" ? [null] : blast.deviceIds) {
      const lane = laneOf(deviceId);
      if (lane === undefined) inBackground(takeOut(deviceId, blast, NO_QISCUS));
      else openLane(deviceId, lane);
    }
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
        if (mine.length === 0) break;
        const waitMs = await step(lane, mine);
        if (waitMs > 0) await sleep(waitMs);
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
      await stopLane(lane, trouble);
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
      hold(blast.id, 1);
      try {
        const waMessageId = lane.newWaMessageId();
        const next = await blasts.claim(blast.id, { deviceId: lane.deviceId, waMessageId, now: now() });
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
    if (count === 0) inHand.delete(blastId);
    else inHand.set(blastId, count);
  }

  async function sendOne(lane: Lane, blast: Blast, message: BlastMessage): Promise<void> {
    if (stopping.signal.aborted) return await blasts.putBack(message.message.id, now());
    const outcome = await lane.send(message, blast, stopping.signal);
    if (outcome.kind === "interrupted") return;
    const rate = rates.get(blast.id) ?? new BlastRate();
    rates.set(blast.id, rate);
    rate.add(now());
    if (outcome.kind === "stop") await stopLane(lane, outcome.reason);
  }

  /** Takes a lane out of every blast that it serves. */
  async function stopLane(lane: Lane, reason: string): Promise<void> {
    for (const blast of [...live.values()].filter((each) => serves(each, lane))) {
      await takeOut(lane.deviceId, blast, reason);
    }
  }

  /** Takes a device, or Qiscus (null), out of a blast. One that has nothing left is paused, and says why. */
  async function takeOut(deviceId: DeviceId | null, blast: Blast, reason: string): Promise<void> {
    const result = await blasts.change(blast.id, (current) => stopped(current, deviceId, reason), now());
    if (result === undefined || !result.changed) return;
    changed(result.blast);
    const paused = result.blast.status === "paused";
    const message = paused ? `Blast paused: ${reason}` : `Blast goes on without a device: ${reason}`;
    await report("warn", message, result.blast, { deviceId });
  }

  async function finishIfDone(blastId: string): Promise<void> {
    if (inHand.has(blastId) || !live.has(blastId) || !drained.delete(blastId)) return;
    const { queued } = await blasts.counts(blastId);
    if (queued > 0 || inHand.has(blastId)) return wake();
    const result = await blasts.change(
      blastId,
      ({ status }) => status === "running" ? { status: "completed", finishedAt: now() } : null,
      now(),
    );
    if (result === undefined || !result.changed) return;
    rates.delete(blastId);
    changed(result.blast);
    await report("info", "Blast completed", result.blast, { total: result.blast.total });
  }

  async function giveUp(blastId: string): Promise<void> {
    while (await blasts.giveUp(blastId, CANCELLED, now(), CANCEL_STEP) === CANCEL_STEP);
  }

  async function takeUp(blast: Blast): Promise<void> {
    let after: MessageId | undefined;
    for (;;) {
      const found = await blasts.inHand(blast.id, CANCEL_STEP, after);
      for (const message of found) await deps.recover(blast, message);
      after = found.at(-1)?.message.id;
      if (found.length < CANCEL_STEP) return;
    }
  }

  return {
    async start() {
      for (const blast of await blasts.inStatus(["accepting"])) {
        if (blast.createdAt < madeAt) await blasts.discard(blast.id);
      }
      for (const blast of await blasts.inStatus(["running", "paused", "cancelled"])) await takeUp(blast);
      deps.recovered();
      started = true;
      for (const blast of await blasts.inStatus(["cancelled"])) await giveUp(blast.id);
      for (const blast of await blasts.inStatus(["running"])) changed(blast);
    },
    async stop(graceMs) {
      stopping.abort();
      wake();
      const grace = Promise.withResolvers<void>();
      const timer = setTimeout(grace.resolve, graceMs);
      await Promise.race([Promise.all(works), grace.promise]);
      clearTimeout(timer);
    },
    changed,
    wake,
    giveUp,
    perSecond: (blastId) => rates.get(blastId)?.perSecond(now()) ?? null,
  };
}

/** Whether a lane takes part in a blast. */
function serves(blast: Blast, { deviceId }: Lane): boolean {
  if (deviceId === null) return blast.via === "qiscus";
  return blast.via === "devices" && blast.deviceIds.includes(deviceId) &&
    blast.stopped[deviceId] === undefined;
}

function stopped(blast: Blast, deviceId: DeviceId | null, reason: string): BlastChange | null {
  if (blast.status !== "running") return null;
  if (deviceId === null) return { status: "paused", reason };
  const all = { ...blast.stopped, [deviceId]: reason };
  const left = blast.deviceIds.some((id) => all[id] === undefined);
  return left ? { stopped: all } : { stopped: all, status: "paused", reason };
}
