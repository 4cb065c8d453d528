import { type Clock, systemClock } from "../async/clock.ts";
import { pause } from "../async/pause.ts";
import { within } from "../async/within.ts";
import { messageOf, StoreUnavailableError } from "../errors.ts";
import type { DeviceId } from "../ids.ts";
import { logOf } from "../log.ts";
import type { Calls, DeviceCall } from "../store/calls.ts";
import { ANYTHING, type News } from "../store/news.ts";
import { readAnswer, writeAnswer, writeError } from "./call_answers.ts";

const log = logOf("fleet");

/** News: a device's holder is asked for something. */
const ASKED = "calls";
/** News: a call is answered. */
const ANSWERED = "answers";
/** How long a call waits for somebody to begin with it: as long as a device may be on its way to another gateway. */
const BEGIN_WITHIN_MS = 8_000;
/** How long an answer may take from the asking on, where nothing else is said. */
const ANSWER_WITHIN_MS = 60_000;
const LOOK_FOR_ANSWER_MS = 250;
const LOOK_FOR_CALLS_MS = 1_000;
const TAKE_AT_ONCE = 64;
/** Calls are forgotten so long after their time. */
const FORGET_AFTER_MS = 10 * 60_000;
const FORGET_AT_ONCE = 500;

/** Does what was asked of a device that is held here. */
export type Perform = (deviceId: DeviceId, kind: string, args: readonly unknown[]) => Promise<unknown>;

export interface DeviceCallsDeps {
  readonly calls: Calls;
  readonly news: News;
  /** This gateway's id. */
  readonly holder: () => string;
  /** The devices that are held here. */
  readonly held: () => readonly DeviceId[];
  readonly clock?: Clock;
}

/** Asks the gateway that holds a device to do something, and does what others ask. */
export interface DeviceCalls {
  /**
   * @param args Plain data.
   * @returns Plain data, or a `Map`; undefined comes as null.
   * @throws What the holder's work threw, or `StoreUnavailableError` when nobody answered in time. It is then not known
   * whether it was done, and it is not done again.
   */
  ask(
    deviceId: DeviceId,
    kind: string,
    args: readonly unknown[],
    options?: { readonly answerWithinMs?: number },
  ): Promise<unknown>;
  /** Begins to do what others ask. */
  start(perform: Perform): void;
  /** Takes no more, and waits for what runs, at most `graceMs`. */
  stop(graceMs: number): Promise<void>;
  /** Forgets what was asked long ago. */
  prune(): Promise<void>;
}

export function createDeviceCalls(
  { calls, news, holder, held, clock = systemClock }: DeviceCallsDeps,
): DeviceCalls {
  const stopping = new AbortController();
  const waiting = new Map<string, () => void>();
  const running = new Set<Promise<void>>();
  let perform: Perform | undefined;
  let taking: Promise<void> | undefined;
  let askedAgain = false;

  const deaf = [
    news.hear(ANSWERED, (id) => {
      if (id === ANYTHING) { for (const wake of waiting.values()) wake(); }
      else waiting.get(id)?.();
    }),
    news.hear(ASKED, (id) => {
      if (id === ANYTHING || held().includes(id)) take();
    }),
  ];

  async function answer(call: DeviceCall): Promise<void> {
    const mine = holder();
    const told = await perform!(call.deviceId, call.kind, JSON.parse(call.request) as readonly unknown[])
      .then(writeAnswer, writeError);
    await calls.answer(call.id, mine, told);
    news.tell(ANSWERED, call.id);
  }

  function run(call: DeviceCall): void {
    const work = answer(call).catch((error) =>
      log.warn("fleet.call_not_answered", {
        kind: call.kind,
        deviceId: call.deviceId,
        error: messageOf(error),
      })
    ).finally(() => running.delete(work));
    running.add(work);
  }

  /** Takes what is asked; what comes meanwhile is taken right after. */
  function take(): void {
    askedAgain = true;
    if (perform === undefined || stopping.signal.aborted) return;
    taking ??= takeAll().catch((error) => log.warn("fleet.calls_not_taken", { error: messageOf(error) }))
      .finally(() => taking = undefined);
  }

  async function takeAll(): Promise<void> {
    while (askedAgain && !stopping.signal.aborted) {
      askedAgain = false;
      const found = await calls.take(holder(), held(), TAKE_AT_ONCE);
      for (const call of found) run(call);
      askedAgain ||= found.length === TAKE_AT_ONCE;
    }
  }

  async function lookForCalls(): Promise<void> {
    while (await pause(news.hearsOthers ? LOOK_FOR_CALLS_MS : LOOK_FOR_ANSWER_MS, stopping.signal, clock)) {
      take();
    }
  }

  return {
    async ask(deviceId, kind, args, { answerWithinMs = ANSWER_WITHIN_MS } = {}) {
      const id = `call_${crypto.randomUUID()}`;
      let woken = Promise.withResolvers<void>();
      waiting.set(id, () => woken.resolve());
      const deadline = performance.now() + answerWithinMs;
      try {
        await calls.ask({ id, deviceId, kind, request: JSON.stringify(args) }, BEGIN_WITHIN_MS);
        news.tell(ASKED, deviceId);
        while (performance.now() < deadline) {
          await Promise.race([woken.promise, clock.wait(LOOK_FOR_ANSWER_MS)]);
          woken = Promise.withResolvers();
          const outcome = await calls.outcome(id);
          if (outcome?.state === "done" && outcome.answer !== null) return readAnswer(outcome.answer);
          if (outcome === undefined || outcome.state === "lost") break;
        }
      } finally {
        waiting.delete(id);
      }
      throw new StoreUnavailableError(
        `Cannot reach the gateway that holds "${deviceId}": it did not answer, so it is not known whether it did it`,
      );
    },
    start(given) {
      perform = given;
      take();
      void lookForCalls();
    },
    async stop(graceMs) {
      stopping.abort();
      for (const stop of deaf) stop();
      await within(graceMs, Promise.all(running), clock);
    },
    async prune() {
      while (await calls.prune(FORGET_AFTER_MS, FORGET_AT_ONCE) === FORGET_AT_ONCE);
    },
  };
}
