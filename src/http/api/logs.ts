import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import type { Tenant } from "../../store/tenants.ts";
import { DEFAULT_TENANT } from "../../ids.ts";
import type { MessageHistory } from "../../store/message_history.ts";
import type { Messages, MessageStatus, OutgoingMessage } from "../../store/messages.ts";
import type { SystemLog, SystemLogLine } from "../../store/system_log.ts";
import { API_KEY, apiRefusals, json, jsonBody } from "../answers.ts";
import type { HttpEnv } from "../context.ts";
import { forbidden } from "../errors.ts";
import { apiQuery, body } from "../fields.ts";
import { sqlTime } from "./sql_time.ts";

const DAY_MS = 24 * 3_600_000;
const DEFAULT_LIMIT = 100;
const MAX_LIMIT = 10_000;
const DEFAULT_DAYS = 30;
const STEP = 500;
const CHANNELS = ["email", "whatsapp", "sms", "push", "qiscus"] as const;
const STATUSES = ["queued", "processing", "sent", "failed"] as const;
const LEVELS = ["debug", "info", "warn", "error"] as const;

export interface LogRouteDeps {
  readonly messages: Pick<Messages, "list">;
  readonly messageHistory: Pick<MessageHistory, "byDay" | "prune">;
  readonly systemLog: Pick<SystemLog, "list" | "prune">;
  readonly now: () => number;
}

/** A count that falls back to its default when it is none; 0 asks for as much as there may be. */
function count(fallback: number, description: string) {
  return z.string().optional().transform((text) => {
    if (text === undefined || !/^\d{1,15}$/.test(text.trim())) return fallback;
    return Number(text);
  }).openapi({ type: "integer", default: fallback, description });
}

const limit = count(DEFAULT_LIMIT, `At most so many, up to ${MAX_LIMIT}; 0 means that`);
const offset = count(0, "Leave out so many of the newest");
const limitOf = (asked: number) => asked === 0 ? MAX_LIMIT : Math.min(asked, MAX_LIMIT);

const MessageRow = z.object({
  job_id: z.string(),
  channel: z.string(),
  provider: z.enum(["qiscus", "device"]),
  recipient_email: z.null(),
  recipient_phone: z.string().nullable(),
  recipient_name: z.string().nullable(),
  template_id: z.string().nullable(),
  template_name: z.string().nullable(),
  subject: z.null(),
  status: z.enum(STATUSES),
  error_message: z.string().nullable(),
  message_id: z.string().nullable().openapi({ description: "WhatsApp's id" }),
  attempts: z.int(),
  device_id: z.string().nullable(),
  blast_id: z.string().nullable(),
  delivered_at: z.string().nullable(),
  read_at: z.string().nullable(),
  created_at: z.string().openapi({ example: "2025-11-01 10:00:00", description: "UTC" }),
  updated_at: z.string(),
}).openapi("MessageLog");

const SystemRow = z.object({
  id: z.int(),
  level: z.enum(LEVELS),
  message: z.string(),
  metadata: z.string().nullable().openapi({ description: "JSON" }),
  created_at: z.string(),
}).openapi("SystemLog");

const StatusCounts = z.object({ queued: z.int(), processing: z.int(), sent: z.int(), failed: z.int() });
const Stats = z.object({
  success: z.literal(true),
  stats: z.object({ email: StatusCounts, whatsapp: StatusCounts, total: StatusCounts }),
});

const route = { tags: ["Logs"], security: API_KEY };
const listOf = <S extends z.ZodType>(row: S) =>
  z.object({ success: z.literal(true), count: z.int(), logs: z.array(row) });

const messageLogs = createRoute({
  ...route,
  method: "get",
  path: "/logs/messages",
  summary: "List outgoing messages, newest first",
  request: {
    query: apiQuery({
      status: z.enum(STATUSES).optional(),
      channel: z.enum(CHANNELS).optional(),
      email: z.string().optional(),
      phone: z.string().optional().openapi({ description: "As it was given" }),
      blast_id: z.string().optional(),
      device_id: z.string().optional(),
      limit,
      offset,
    }),
  },
  responses: { 200: json("A page of messages", listOf(MessageRow)), ...apiRefusals() },
});

const systemLogs = createRoute({
  ...route,
  method: "get",
  path: "/logs/system",
  summary: "List what happened in the gateway, newest first; for its operator only",
  request: { query: apiQuery({ level: z.enum(LEVELS).optional(), limit, offset }) },
  responses: { 200: json("A page of lines", listOf(SystemRow)), ...apiRefusals(403) },
});

const stats = (["/logs/messages/stats", "/logs/stats"] as const).map((path) =>
  createRoute({
    ...route,
    method: "get",
    path,
    summary: "Count messages by channel and status",
    request: { query: apiQuery({}) },
    responses: { 200: json("Counts", Stats), ...apiRefusals() },
  })
);

const statsByDate = (["/logs/messages/stats/by-date", "/logs/stats/by-date"] as const).map((path) =>
  createRoute({
    ...route,
    method: "get",
    path,
    summary: "Count messages by day (UTC), channel and status",
    request: { query: apiQuery({ days: count(7, "So many days back") }) },
    responses: {
      200: json(
        "Counts",
        z.object({
          success: z.literal(true),
          stats: z.array(
            z.object({ date: z.string(), channel: z.string(), status: z.enum(STATUSES), count: z.int() }),
          ),
        }),
      ),
      ...apiRefusals(),
    },
  })
);

const jobStats = createRoute({
  ...route,
  method: "get",
  path: "/messages/stats",
  summary: "Count messages as jobs",
  request: { query: apiQuery({}) },
  responses: {
    200: json(
      "Counts",
      z.object({
        success: z.literal(true),
        stats: z.object({ waiting: z.int(), active: z.int(), completed: z.int(), failed: z.int() }),
      }),
    ),
    ...apiRefusals(),
  },
});

const Days = z.union([z.int(), z.string().regex(/^\d{1,5}$/).transform(Number)])
  .refine((days) => days >= 0 && days <= 36_500, "must be a number of days from 0 to 36500")
  .openapi({ type: "integer", default: DEFAULT_DAYS });

const cleanup = createRoute({
  ...route,
  method: "post",
  path: "/logs/cleanup",
  summary: "Remove old messages that are sent or failed, and, for the operator, old lines",
  request: { query: apiQuery({}), body: jsonBody(body({ days: Days.optional() }), { required: false }) },
  responses: {
    200: json(
      "They are gone",
      z.object({
        success: z.literal(true),
        message: z.string(),
        deletedMessages: z.int(),
        deletedSystemLogs: z.int(),
      }),
    ),
    ...apiRefusals(413, 415, 503),
  },
});

/** Routes with which operators read what went out and what happened, under `/api`. */
export function createLogRoutes(deps: LogRouteDeps): OpenAPIHono<HttpEnv> {
  const { messages, messageHistory, systemLog, now } = deps;
  const routes = new OpenAPIHono<HttpEnv>();

  routes.openapi(messageLogs, async (c) => {
    const { status, channel, email, phone, blast_id, device_id, limit, offset } = c.req.valid("query");
    const none = email !== undefined || channel === "email" || channel === "sms" || channel === "push";
    const found = none ? [] : await messages.list({
      tenantId: c.get("tenant").id,
      ...(status !== undefined && { status }),
      ...(channel === "qiscus" && { channel }),
      ...(phone !== undefined && { recipientPhone: phone }),
      ...(blast_id !== undefined && { blastId: blast_id }),
      ...(device_id !== undefined && { deviceId: device_id }),
    }, { limit: limitOf(limit), offset });
    const logs = found.map(messageRow);
    return c.json({ success: true as const, count: logs.length, logs }, 200);
  });

  routes.openapi(systemLogs, async (c) => {
    if (!isOperator(c.get("tenant"))) throw forbidden("Only the gateway's operator may read its log");
    const { level, limit, offset } = c.req.valid("query");
    const found = await systemLog.list(level === undefined ? {} : { level }, {
      limit: limitOf(limit),
      offset,
    });
    const logs = found.map(systemRow);
    return c.json({ success: true as const, count: logs.length, logs }, 200);
  });

  for (const each of stats) {
    routes.openapi(each, async (c) => {
      const counts = await messageHistory.byDay(c.get("tenant").id);
      const total = countsOf(counts);
      const stats = { email: countsOf([]), whatsapp: total, total };
      return c.json({ success: true as const, stats }, 200);
    });
  }

  for (const each of statsByDate) {
    routes.openapi(each, async (c) => {
      const { days } = c.req.valid("query");
      const counts = await messageHistory.byDay(c.get("tenant").id, Math.max(0, now() - days * DAY_MS));
      return c.json({ success: true as const, stats: merged(counts) }, 200);
    });
  }

  routes.openapi(jobStats, async (c) => {
    const { queued, processing, sent, failed } = countsOf(await messageHistory.byDay(c.get("tenant").id));
    const stats = { waiting: queued, active: processing, completed: sent, failed };
    return c.json({ success: true as const, stats }, 200);
  });

  routes.openapi(cleanup, async (c) => {
    const tenant = c.get("tenant");
    const { days = DEFAULT_DAYS } = c.req.valid("json") ?? {};
    const before = now() - days * DAY_MS;
    const deletedMessages = await repeat(() => messageHistory.prune(tenant.id, before, STEP));
    const deletedSystemLogs = isOperator(tenant) ? await repeat(() => systemLog.prune(before, STEP)) : 0;
    const message = `Logs older than ${days} days cleaned up`;
    return c.json({ success: true as const, message, deletedMessages, deletedSystemLogs }, 200);
  });

  return routes;
}

function isOperator({ id }: Tenant): boolean {
  return id === DEFAULT_TENANT;
}

async function repeat(step: () => Promise<number>): Promise<number> {
  let total = 0;
  for (;;) {
    const removed = await step();
    total += removed;
    if (removed < STEP) return total;
  }
}

function messageRow(message: OutgoingMessage) {
  return {
    job_id: message.id,
    channel: "whatsapp",
    provider: message.channel === "qiscus" ? "qiscus" as const : "device" as const,
    recipient_email: null,
    recipient_phone: message.recipientPhone,
    recipient_name: message.recipientName,
    template_id: message.templateId,
    template_name: message.templateName,
    subject: null,
    status: message.status,
    error_message: message.error?.message ?? null,
    message_id: message.waMessageId,
    attempts: message.attempts,
    device_id: message.deviceId,
    blast_id: message.blastId,
    delivered_at: sqlTime(message.deliveredAt),
    read_at: sqlTime(message.readAt),
    created_at: sqlTime(message.createdAt),
    updated_at: sqlTime(message.updatedAt),
  };
}

function systemRow({ id, level, message, metadata, createdAt }: SystemLogLine) {
  return {
    id,
    level,
    message,
    metadata: metadata === null ? null : JSON.stringify(metadata),
    created_at: sqlTime(createdAt),
  };
}

function countsOf(counts: readonly { readonly status: MessageStatus; readonly count: number }[]) {
  const totals = { queued: 0, processing: 0, sent: 0, failed: 0 };
  for (const { status, count } of counts) totals[status] += count;
  return totals;
}

/** All of it is WhatsApp, whichever way it went. */
function merged(counts: Awaited<ReturnType<MessageHistory["byDay"]>>) {
  const rows = new Map<string, { date: string; channel: string; status: MessageStatus; count: number }>();
  for (const { date, status, count } of counts) {
    const key = `${date} ${status}`;
    const row = rows.get(key) ?? { date, channel: "whatsapp", status, count: 0 };
    rows.set(key, { ...row, count: row.count + count });
  }
  return [...rows.values()];
}
