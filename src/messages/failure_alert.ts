import type { Clock } from "../async/clock.ts";
import { messageOf } from "../errors.ts";
import type { KabarEvent } from "../events/event.ts";
import { DEFAULT_TENANT } from "../ids.ts";
import { logOf } from "../log.ts";
import type { Publish } from "../publish.ts";
import type { MessageHistory } from "../store/message_history.ts";
import type { SystemLog } from "../store/system_log.ts";

const log = logOf("messages");

const WITHIN_MS = 3_600_000;
/** The count is of what is written down: this much after a failure was published, it is. */
const SETTLE_MS = 500;

export interface FailureAlertDeps {
  /** More failures than this within an hour raise an alert; 0: never. */
  readonly limit: number;
  readonly messageHistory: Pick<MessageHistory, "failedSince">;
  readonly publish: Publish;
  readonly systemLog: Pick<SystemLog, "write">;
  readonly clock: Pick<Clock, "now" | "wait">;
}

/** Watches over failed messages. An alert is raised once, and again when it had calmed down, or after an hour. */
export interface FailureAlert {
  /** Looks at an event that was published. */
  saw(event: KabarEvent): void;
  /** Waits until what it saw is looked at. */
  settled(): Promise<void>;
  stop(): void;
}

export function createFailureAlert(deps: FailureAlertDeps): FailureAlert {
  const { limit, messageHistory, publish, systemLog, clock } = deps;
  let raisedAt: number | undefined;
  let pending: Promise<void> | undefined;
  const stopping = new AbortController();

  async function look(): Promise<void> {
    const at = clock.now();
    const failed = await messageHistory.failedSince(at - WITHIN_MS, limit + 1);
    if (failed <= limit) {
      raisedAt = undefined;
      return;
    }
    if (raisedAt !== undefined && at - raisedAt < WITHIN_MS) return;
    raisedAt = at;
    const metadata = { failed, limit, withinMs: WITHIN_MS };
    log.warn("alert.messages_failed", metadata);
    await Promise.all([
      publish({ type: "alert.messages_failed", tenantId: DEFAULT_TENANT, device: null, data: metadata }),
      systemLog.write({
        level: "warn",
        message: `Alert: more than ${limit} failed messages in the last hour`,
        metadata,
        createdAt: at,
      }),
    ]);
  }

  return {
    saw(event) {
      const failed = event.type === "message.status" && event.data.status === "failed" &&
        event.data.messageId !== null;
      if (limit === 0 || !failed || pending !== undefined) return;
      pending = clock.wait(SETTLE_MS, stopping.signal).then(() => {
        pending = undefined;
        if (!stopping.signal.aborted) return look();
      }).catch((error) => log.error("alert.failed", { error: messageOf(error) }));
    },
    settled: () => pending ?? Promise.resolve(),
    stop: () => stopping.abort(),
  };
}
