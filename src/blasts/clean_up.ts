import { DAY_MS } from "../spans.ts";
import { DEFAULT_TENANT, type TenantId } from "../ids.ts";
import type { MessageHistory } from "../store/message_history.ts";
import type { SystemLog } from "../store/system_log.ts";

/** Rows that are removed in one transaction. */
const STEP = 500;

/**
 * Removes a tenant's messages that are older than so many days and decided; for the operator, old lines of the system
 * log as well.
 */
export type CleanUp = (
  tenantId: TenantId,
  days: number,
) => Promise<{ readonly messages: number; readonly systemLogs: number }>;

export function createCleanUp({ messageHistory, systemLog, now }: {
  readonly messageHistory: Pick<MessageHistory, "prune">;
  readonly systemLog: Pick<SystemLog, "prune">;
  readonly now: () => number;
}): CleanUp {
  return async (tenantId, days) => {
    const before = now() - days * DAY_MS;
    const messages = await repeat(() => messageHistory.prune(tenantId, before, STEP));
    const isOperator = tenantId === DEFAULT_TENANT;
    return { messages, systemLogs: isOperator ? await repeat(() => systemLog.prune(before, STEP)) : 0 };
  };
}

async function repeat(step: () => Promise<number>): Promise<number> {
  let total = 0;
  for (;;) {
    const removed = await step();
    total += removed;
    if (removed < STEP) return total;
  }
}
