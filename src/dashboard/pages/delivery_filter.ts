import { DAY_MS } from "../../spans.ts";
import type { WebhookId } from "../../ids.ts";
import type { DeliveryFilter } from "../../store/deliveries.ts";
import type { UiContext } from "../http/env.ts";

/** The tabs. */
export const STATES = ["pending", "failing", "given_up", "success", "cancelled"] as const;
/** What a list can be narrowed to: `failing` is tried again by itself, `given_up` is not, `failed` is either. */
export type DeliveryStanding = (typeof STATES)[number] | "failed";
export const SPANS = { day: DAY_MS, week: 7 * DAY_MS, month: 30 * DAY_MS } as const;
export type Span = keyof typeof SPANS;

/** What the address of a list of deliveries asks for; what it says wrongly is left out. */
export interface AskedDeliveries {
  readonly state?: DeliveryStanding;
  readonly span: Span;
  readonly webhook?: string;
  readonly event?: string;
  readonly device?: string;
  readonly code?: number;
  /** Epoch ms, of a bar that was clicked. */
  readonly since?: number;
  readonly until?: number;
}

export function askedDeliveries(c: UiContext): AskedDeliveries {
  const text = (name: string) => {
    const value = c.req.query(name)?.trim();
    return value === undefined || value === "" || value.length > 200 ? undefined : value;
  };
  const number = (name: string, pattern: RegExp) => {
    const value = text(name);
    return value !== undefined && pattern.test(value) ? Number(value) : undefined;
  };
  const state = text("state");
  const span = text("span");
  return {
    state: state === "failed" ? state : STATES.find((one) => one === state),
    span: span === "week" || span === "month" ? span : "day",
    webhook: text("webhook"),
    event: text("event"),
    device: text("device"),
    code: number("code", /^[1-5]\d\d$/),
    since: number("since", /^\d{10,14}$/),
    until: number("until", /^\d{10,14}$/),
  };
}

/** The filter for the store. @param probed Webhooks whose endpoints are probed. */
export function storeFilterOf(
  tenantId: string,
  asked: AskedDeliveries,
  now: number,
  probed: readonly WebhookId[],
): DeliveryFilter {
  const { state } = asked;
  const isFailed = state === "failing" || state === "given_up";
  return {
    tenantId,
    webhookIds: asked.webhook === undefined ? undefined : [asked.webhook],
    deviceId: asked.device,
    name: asked.event,
    status: isFailed ? "failed" : state,
    tried: isFailed ? { again: state === "failing", probed } : undefined,
    statusCode: asked.code,
    since: asked.since ?? now - SPANS[asked.span],
    until: asked.until,
  };
}

/** The address of the same list with some of it changed; undefined takes a part out. */
export function deliveriesUrl(
  asked: Partial<AskedDeliveries>,
  change: Partial<AskedDeliveries> & { readonly before?: string } = {},
  path = "/ui/deliveries",
): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries({ ...asked, ...change })) {
    if (value !== undefined && !(name === "span" && value === "day")) query.set(name, String(value));
  }
  return query.size === 0 ? path : `${path}?${query}`;
}

/** What failed at a webhook in the last month, as a replay of all of it finds it. */
export function failedAt(webhook: WebhookId): AskedDeliveries {
  return { span: "month", state: "failed", webhook };
}
