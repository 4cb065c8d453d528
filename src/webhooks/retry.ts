import { InvalidError } from "../errors.ts";
import { type FormatName, formatOf, FORMATS } from "../formats/mod.ts";
import type { RetrySchedule, Webhook } from "../store/webhooks.ts";
import type { Outcome } from "./outcome.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const MAX_WAITS = 20;
const MAX_WAIT_MS = 30 * DAY;

const NAMED = {
  standard: schedule(0.2, [
    5 * SECOND,
    5 * MINUTE,
    30 * MINUTE,
    2 * HOUR,
    5 * HOUR,
    10 * HOUR,
    14 * HOUR,
    20 * HOUR,
    24 * HOUR,
  ]),
  none: schedule(0, []),
} as const satisfies Record<string, RetrySchedule>;

/** The name of a retry policy. */
export type RetryPolicy = keyof typeof NAMED | FormatName;

/** Schedules that can be asked for by name. Those named after a format are what that format does by itself. */
export const RETRY_POLICIES: Readonly<Record<RetryPolicy, RetrySchedule>> = {
  ...NAMED,
  ...formatsRetries(),
};

function formatsRetries(): Record<FormatName, RetrySchedule> {
  const entries = Object.entries(FORMATS).map(([name, { retry }]) => [name, retry]);
  return Object.fromEntries(entries) as Record<FormatName, RetrySchedule>;
}

/** What a webhook asks for, or else what its format does by itself. */
export function scheduleOf({ retry, format }: Pick<Webhook, "retry" | "format">): RetrySchedule {
  return retry ?? formatOf(format).retry;
}

function schedule(jitter: number, waitsMs: readonly number[]): RetrySchedule {
  return { waitsMs, jitter };
}

/**
 * How long to wait before the next attempt, in milliseconds; undefined when the schedule is used up. A receiver's
 * `Retry-After` is honoured, but neither shortens the planned wait nor more than doubles it.
 * @param attemptsMade Including the one that has just failed.
 * @param chance `random` gives 0 to 1; `scale` multiplies every planned wait.
 */
export function nextWaitMs(
  { waitsMs, jitter }: RetrySchedule,
  attemptsMade: number,
  outcome: Outcome,
  chance: { readonly random: () => number; readonly scale: number },
): number | undefined {
  const wait = waitsMs[attemptsMade - 1];
  if (wait === undefined) return undefined;
  const planned = wait * chance.scale;
  const asked = outcome.ok ? null : outcome.retryAfterMs;
  const waitMs = asked === null
    ? planned * (1 + jitter * (2 * chance.random() - 1))
    : Math.min(Math.max(asked, planned), 2 * planned);
  return Math.min(Math.round(waitMs), MAX_WAIT_MS);
}

/**
 * Reads what a user gives as `retry`: a policy's name, or the waits between attempts in seconds, such as `[1, 5, 60]`.
 * An empty list means one attempt only. A wait may not be shorter than the one before it: the longer a receiver is in
 * trouble, the more it is spared.
 * @throws {InvalidError} On `retry` or one of its entries, such as `retry[2]`.
 */
export function parseRetry(input: unknown): RetrySchedule {
  if (typeof input === "string") {
    if (isPolicy(input)) return RETRY_POLICIES[input];
    const names = Object.keys(RETRY_POLICIES).join(", ");
    throw new InvalidError("retry", `There is no retry policy "${input}"; there are ${names}`, {
      kind: "retry",
    });
  }
  if (!Array.isArray(input)) {
    throw new InvalidError(
      "retry",
      "retry must be the name of a policy or a list of seconds such as [1, 5, 60]",
      { kind: "retry" },
    );
  }
  if (input.length > MAX_WAITS) {
    const message = `retry has ${input.length} entries; there may be ${MAX_WAITS}`;
    throw new InvalidError("retry", message, { kind: "retry_many", most: MAX_WAITS });
  }
  const waitsMs: number[] = [];
  for (const [index, seconds] of input.entries()) {
    waitsMs.push(parseWait(seconds, index, waitsMs.at(-1) ?? 0));
  }
  return { waitsMs, jitter: 0 };
}

function isPolicy(name: string): name is RetryPolicy {
  return Object.hasOwn(RETRY_POLICIES, name);
}

function parseWait(seconds: unknown, index: number, previousMs: number): number {
  const field = `retry[${index}]`;
  if (typeof seconds !== "number" || !Number.isFinite(seconds) || seconds <= 0) {
    throw new InvalidError(field, `${field} must be a number of seconds above 0`, { kind: "retry" });
  }
  const waitMs = Math.max(1, Math.round(seconds * SECOND));
  if (waitMs > MAX_WAIT_MS) {
    const message = `${field} must be at most 30 days (${MAX_WAIT_MS / SECOND} seconds)`;
    throw new InvalidError(field, message, { kind: "retry_long", days: 30 });
  }
  if (waitMs < previousMs) {
    throw new InvalidError(field, `${field} must not be shorter than the wait before it`, {
      kind: "retry_order",
    });
  }
  return waitMs;
}
