import { logOf } from "../log.ts";
import type { SystemLog } from "../store/system_log.ts";
import { keptBody } from "./kept_body.ts";
import type { Inbound, Provider, Report } from "./provider.ts";

const log = logOf("receivers");

/** What became of a webhook that was accepted: it made events, it says nothing, or it is kept for later. */
export type InboundOutcome = "event" | "nothing" | "unread";

export interface IntakeDeps {
  readonly systemLog: Pick<SystemLog, "write">;
  /** For the metrics. */
  readonly counted: (source: Provider["source"], outcome: InboundOutcome) => void;
  readonly now: () => number;
}

/**
 * Takes a webhook over: when it resolves, its events are stored, or its body is kept whole in the system log, from
 * where it can be replayed. Both go into one commit.
 * @returns What the sender is answered.
 */
export type TakeIn = (provider: Provider, inbound: Inbound) => Promise<string>;

export function createTakeIn({ systemLog, counted, now }: IntakeDeps): TakeIn {
  return async (provider, inbound) => {
    const { source, title } = provider;
    const report = await provider.read(inbound);
    const outcome = outcomeOf(report);
    const { what, facts, events, unread, nothing } = report;
    const because = { ...(unread.length > 0 && { unread }), ...(nothing.length > 0 && { nothing }) };
    const line = { source, kind: what, ...facts, events, ...because };
    if (outcome === "unread") log.warn("webhook.unread", { ...line, bytes: inbound.raw.length });
    else log.info("webhook.received", line);
    await Promise.all([
      report.store(),
      systemLog.write({
        level: outcome === "unread" ? "warn" : "info",
        message: `${title} webhook received: ${what}`,
        metadata: { ...line, outcome, ...(outcome !== "event" && keptBody(inbound)) },
        createdAt: now(),
      }),
    ]);
    counted(source, outcome);
    return report.answer;
  };
}

function outcomeOf({ events, unread }: Report): InboundOutcome {
  if (unread.length > 0) return "unread";
  return events > 0 ? "event" : "nothing";
}
