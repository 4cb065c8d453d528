import type { MessageHistory } from "../store/message_history.ts";
import type { MessageStatus } from "../store/messages.ts";

/** How many messages are in each status; those for later are queued, those taken back failed. */
export type StatusCounts = Readonly<Record<"queued" | "processing" | "sent" | "failed", number>>;

const COUNTS_AS: Readonly<Record<MessageStatus, keyof StatusCounts>> = {
  scheduled: "queued",
  queued: "queued",
  processing: "processing",
  sent: "sent",
  failed: "failed",
  cancelled: "failed",
};

/** Messages of one day (UTC), whichever way they went. */
export interface DayCount {
  readonly date: string;
  readonly status: MessageStatus;
  readonly count: number;
}

type Counted = Awaited<ReturnType<MessageHistory["byDay"]>>;

/** Adds up counts by status. */
export function countsByStatus(
  counts: readonly { readonly status: MessageStatus; readonly count: number }[],
): StatusCounts {
  const totals = { queued: 0, processing: 0, sent: 0, failed: 0 };
  for (const { status, count } of counts) totals[COUNTS_AS[status]] += count;
  return totals;
}

/** Adds up counts by day and status, in the order of their days. */
export function countsByDay(counts: Counted): readonly DayCount[] {
  const days = new Map<string, { date: string; status: MessageStatus; count: number }>();
  for (const { date, status, count } of counts) {
    const key = `${date} ${status}`;
    const day = days.get(key) ?? { date, status, count: 0 };
    days.set(key, { ...day, count: day.count + count });
  }
  return [...days.values()];
}
