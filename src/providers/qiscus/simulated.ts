import type { Clock, Timer } from "../../async/clock.ts";
import type { QiscusStatus } from "./parse.ts";
import type { QiscusClient } from "./client.ts";

const ANSWER_MS = 50;
const STATUS_MS = 200;

/**
 * A Qiscus that is only made up, for trying things out: it accepts every message and reports it as sent.
 * @param report Gets what it reports.
 */
export function createSimulatedQiscus(
  report: (statuses: readonly QiscusStatus[]) => void,
  clock: Pick<Clock, "now" | "after">,
): QiscusClient {
  const timers = new Set<Timer>();
  const after = (ms: number, act: () => void) => {
    const timer = clock.after(ms, () => {
      timers.delete(timer);
      act();
    });
    timers.add(timer);
  };
  return {
    account: { baseUrl: "", appId: "", secretKey: "", channelId: "" },
    send(to, _payload, onLeaving) {
      onLeaving();
      const waMessageId = `simulated-wa-${crypto.randomUUID()}`;
      return new Promise((resolve) =>
        after(ANSWER_MS, () => {
          resolve({ kind: "accepted", waMessageId });
          after(STATUS_MS, () =>
            report([{ waMessageId, status: "sent", statusAt: clock.now(), recipient: to, error: null }]));
        })
      );
    },
    register: () => Promise.resolve(),
    config: () => Promise.resolve(null),
    close() {
      for (const timer of timers) timer.cancel();
      return Promise.resolve();
    },
  };
}
