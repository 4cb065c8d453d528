import type { Clock, Timer } from "../../async/clock.ts";
import { messageOf } from "../../errors.ts";
import { logOf } from "../../log.ts";
import type { QiscusClient } from "./client.ts";

const log = logOf("receivers");

const FIRST_WAIT_MS = 2_000;
const LONGEST_WAIT_MS = 300_000;

/** Tells Qiscus where to send its webhooks. */
export interface QiscusRegistration {
  /** Begins in the background, and tries until Qiscus accepts it. */
  start(): void;
  stop(): void;
}

/**
 * @param deps.webhookUrl Our public address of `/webhooks/qiscus`.
 * @param deps.scale Multiplies the waits between tries: 2, 4, 8 s and so on, at most five minutes.
 */
export function createQiscusRegistration(deps: {
  readonly client: Pick<QiscusClient, "register">;
  readonly webhookUrl: string;
  readonly scale: number;
  readonly clock: Pick<Clock, "after">;
}): QiscusRegistration {
  const { client, webhookUrl, scale, clock } = deps;
  let timer: Timer | undefined;
  let stopped = false;

  async function tryOnce(waitMs: number): Promise<void> {
    try {
      log.info("webhook.registering", { source: "qiscus", url: webhookUrl });
      await client.register(webhookUrl);
      log.info("webhook.registered", { source: "qiscus", url: webhookUrl });
    } catch (error) {
      log.warn("webhook.not_registered", {
        source: "qiscus",
        url: webhookUrl,
        error: messageOf(error),
        waitMs,
      });
      if (stopped) return;
      timer = clock.after(waitMs * scale, () => void tryOnce(Math.min(waitMs * 2, LONGEST_WAIT_MS)));
    }
  }

  return {
    start() {
      tryOnce(FIRST_WAIT_MS);
    },
    stop() {
      stopped = true;
      timer?.cancel();
    },
  };
}
