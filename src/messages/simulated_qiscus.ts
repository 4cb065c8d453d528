import type { QiscusStatus } from "../receivers/qiscus.ts";
import type { QiscusClient } from "./qiscus_client.ts";

const ANSWER_MS = 50;
const STATUS_MS = 200;

/**
 * A Qiscus that is only made up, for trying things out: it accepts every message and reports it as sent.
 * @param report Gets what it reports.
 */
export function createSimulatedQiscus(report: (statuses: readonly QiscusStatus[]) => void): QiscusClient {
  const timers = new Set<ReturnType<typeof setTimeout>>();
  const after = (ms: number, act: () => void) => {
    const timer = setTimeout(() => {
      timers.delete(timer);
      act();
    }, ms);
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
            report([{ waMessageId, status: "sent", statusAt: Date.now(), recipient: to, error: null }]));
        })
      );
    },
    register: () => Promise.resolve(),
    config: () => Promise.resolve(null),
    close() {
      for (const timer of timers) clearTimeout(timer);
      return Promise.resolve();
    },
  };
}
