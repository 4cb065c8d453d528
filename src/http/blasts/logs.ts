import { DAY_MS } from "../../spans.ts";
import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import type { CleanUp } from "../../blasts/clean_up.ts";
import { countsByDay, countsByStatus } from "../../blasts/statistics.ts";
import { InvalidError } from "../../errors.ts";
import type { MessageHistory } from "../../store/message_history.ts";
import type { Messages, OutgoingMessage } from "../../store/messages.ts";
import { API_KEY, apiRefusals, json, jsonBody } from "../answers.ts";
import type { HttpEnv } from "../context.ts";
import { apiQuery, body } from "../fields.ts";
import { count, limit, limitOf, offset } from "./page.ts";
import { sqlTime } from "../shapes/sql_time.ts";

const DEFAULT_DAYS = 30;
const CHANNELS = ["email", "whatsapp", "sms", "push", "qiscus"] as const;
const STATUSES = ["scheduled", "queued", "processing", "sent", "failed", "cancelled"] as const;
const REACHED = ["sent", "delivered", "read"] as const;

export interface LogRouteDeps {
  readonly messages: Pick<Messages, "list">;
  readonly messageHistory: Pick<MessageHistory, "byDay">;
  readonly cleanUp: CleanUp;
  readonly now: () => number;
}

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
      reached: z.enum(REACHED).optional().openapi({
        description:
          "Of a blast (`blast_id`): what was sent, and came this far and no further as far as is known",
      }),
      device_id: z.string().optional(),
      before: z.string().max(100).optional().openapi({
        description: "The `job_id` of the last row of a page: the next one. Holds while rows come and go",
      }),
      limit,
      offset,
    }),
  },
  responses: { 200: json("A page of messages", listOf(MessageRow)), ...apiRefusals() },
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
      "The log rows were removed",
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
  const { messages, messageHistory, cleanUp, now } = deps;
  const routes = new OpenAPIHono<HttpEnv>();

  routes.openapi(messageLogs, async (c) => {
    const { status, channel, email, phone, blast_id, reached, device_id, before, limit, offset } = c.req
      .valid(
        "query",
      );
    if (reached !== undefined && blast_id === undefined) {
      throw new InvalidError("reached", "Parameter `reached` takes `blast_id` with it: it narrows one blast");
    }
    const none = email !== undefined || channel === "email" || channel === "sms" || channel === "push";
    const found = none ? [] : await messages.list({
      tenantId: c.get("tenant").id,
      ...(status !== undefined && { status }),
      ...(channel === "qiscus" && { channel }),
      ...(phone !== undefined && { recipientPhone: phone }),
      ...(blast_id !== undefined && { blastId: blast_id }),
      ...(reached !== undefined && { reached }),
      ...(device_id !== undefined && { deviceId: device_id }),
    }, { limit: limitOf(limit), offset, before });
    const logs = found.map(messageRow);
    return c.json({ success: true as const, count: logs.length, logs }, 200);
  });

  for (const each of stats) {
    routes.openapi(each, async (c) => {
      const counts = await messageHistory.byDay(c.get("tenant").id);
      const total = countsByStatus(counts);
      const stats = { email: countsByStatus([]), whatsapp: total, total };
      return c.json({ success: true as const, stats }, 200);
    });
  }

  for (const each of statsByDate) {
    routes.openapi(each, async (c) => {
      const { days } = c.req.valid("query");
      const counts = await messageHistory.byDay(c.get("tenant").id, Math.max(0, now() - days * DAY_MS));
      const stats = countsByDay(counts).map(({ date, status, count }) => ({
        date,
        channel: "whatsapp",
        status,
        count,
      }));
      return c.json({ success: true as const, stats }, 200);
    });
  }

  routes.openapi(jobStats, async (c) => {
    const { queued, processing, sent, failed } = countsByStatus(
      await messageHistory.byDay(c.get("tenant").id),
    );
    const stats = { waiting: queued, active: processing, completed: sent, failed };
    return c.json({ success: true as const, stats }, 200);
  });

  routes.openapi(cleanup, async (c) => {
    const { days = DEFAULT_DAYS } = c.req.valid("json") ?? {};
    const removed = await cleanUp(c.get("tenant").id, days);
    const message = `Logs older than ${days} days cleaned up`;
    const counts = { deletedMessages: removed.messages, deletedSystemLogs: removed.systemLogs };
    return c.json({ success: true as const, message, ...counts }, 200);
  });

  return routes;
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
