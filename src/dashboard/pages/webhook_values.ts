import type { EventType } from "../../events/event.ts";
import type { FormatName } from "../../formats/mod.ts";
import type { Ordering, RetrySchedule, Webhook } from "../../store/webhooks.ts";
import { maskedHeaders } from "../../webhooks/request_headers.ts";
import { RETRY_POLICIES } from "../../webhooks/retry.ts";

/** What the form of a webhook holds. */
export interface WebhookValues {
  readonly url: string;
  readonly types: readonly EventType[];
  readonly format: FormatName;
  readonly ordering: Ordering;
  /** Devices' ids; empty: all. */
  readonly devices: readonly string[];
  /** A policy's name, or seconds parted by commas; empty: the format's own. */
  readonly retry: string;
  /** Seconds; empty: the format's own. */
  readonly timeout: string;
  /** `Name: value`, a line each; known values are masked. */
  readonly headers: string;
  /** A secret of the user's own; empty: one is made. */
  readonly secret: string;
  /** What failed is sent again by itself once the endpoint answers. */
  readonly recovery: boolean;
}

/** What a new webhook's form begins with. */
export const BLANK: Omit<WebhookValues, "url" | "types" | "format"> = {
  ordering: "chat",
  devices: [],
  retry: "",
  timeout: "",
  headers: "",
  secret: "",
  recovery: true,
};

/** The fields that are folded away at first, as they are stored. */
export function foldedOf({ retry, timeoutMs, headers, recovery }: Webhook) {
  return {
    retry: retry === null ? "" : retryShown(retry),
    timeout: timeoutMs === null ? "" : String(timeoutMs / 1_000),
    headers: Object.entries(maskedHeaders(headers)).map(([name, value]) => `${name}: ${value}`).join("\n"),
    secret: "",
    recovery,
  };
}

/** A schedule as it is written: its name, or its waits in seconds. */
export function retryShown(schedule: RetrySchedule): string {
  const text = JSON.stringify(schedule);
  const named = Object.entries(RETRY_POLICIES).find(([, policy]) => JSON.stringify(policy) === text);
  if (named !== undefined) return named[0];
  return schedule.waitsMs.map((ms) => ms / 1_000).join(", ");
}

/** What was written as a schedule; a text that is neither a name nor seconds stays one, to be refused. */
export function retryOf(text: string): string | readonly number[] | null {
  if (text === "") return null;
  const parts = text.split(/[,;\s]+/).filter((part) => part !== "");
  return parts.every((part) => /^\d+(?:\.\d+)?$/.test(part)) ? parts.map(Number) : text;
}

/** Headers by name; undefined: a line is none. */
export function headersOf(text: string): Readonly<Record<string, string>> | undefined {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== "");
  const pairs = lines.map((line) => {
    const end = line.indexOf(":");
    return [line.slice(0, Math.max(0, end)).trim(), line.slice(end + 1).trim()] as const;
  });
  return pairs.every(([name]) => /^\S+$/.test(name)) ? Object.fromEntries(pairs) : undefined;
}
