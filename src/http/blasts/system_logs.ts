import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import { NotFoundError } from "../../errors.ts";
import { cutText } from "../../events/well_formed.ts";
import { DEFAULT_TENANT } from "../../ids.ts";
import type { SystemLog, SystemLogLine } from "../../store/system_log.ts";
import type { Tenant } from "../../store/tenants.ts";
import { API_KEY, apiRefusals, json } from "../answers.ts";
import type { HttpEnv } from "../context.ts";
import { forbidden } from "../errors.ts";
import { apiQuery } from "../fields.ts";
import { sqlTime } from "../shapes/sql_time.ts";
import { limit, limitOf, offset } from "./page.ts";

const LEVELS = ["debug", "info", "warn", "error"] as const;
/** A list shows so much of a kept body; the line itself shows all of it. */
const SHOWN_OF_BODY = 2_000;

/** Reads a webhook that a line keeps once more. */
type Replay = (lineId: number) => Promise<{
  readonly line: SystemLogLine;
  readonly events: number;
  readonly unread: readonly string[];
}>;

export interface SystemLogRouteDeps {
  readonly systemLog: Pick<SystemLog, "get" | "list">;
  readonly replay: Replay;
}

const Row = z.object({
  id: z.int(),
  level: z.enum(LEVELS),
  message: z.string(),
  metadata: z.string().nullable().openapi({
    description: "JSON. A webhook that made no event is kept in `raw` (or `rawBase64`), shortened in lists",
  }),
  created_at: z.string(),
}).openapi("SystemLog");

const Id = z.object({
  id: z.string().regex(/^[1-9]\d{0,14}$/, "must be the number of a line").transform(Number)
    .openapi({ type: "integer", param: { name: "id", in: "path" }, example: 42 }),
});
const route = { tags: ["Logs"], security: API_KEY };

const list = createRoute({
  ...route,
  method: "get",
  path: "/logs/system",
  summary: "List what happened in the gateway, newest first; for its operator only",
  description: "`level=warn` shows webhooks of other systems that were not understood, among others.",
  request: { query: apiQuery({ level: z.enum(LEVELS).optional(), limit, offset }) },
  responses: {
    200: json("A page of lines", z.object({ success: z.literal(true), count: z.int(), logs: z.array(Row) })),
    ...apiRefusals(403),
  },
});

const get = createRoute({
  ...route,
  method: "get",
  path: "/logs/system/{id}",
  summary: "Get a line of the system log with all that it keeps; for the gateway's operator only",
  request: { query: apiQuery({}), params: Id },
  responses: {
    200: json("The line", z.object({ success: z.literal(true), log: Row })),
    ...apiRefusals(403, 404),
  },
});

const replay = createRoute({
  ...route,
  method: "post",
  path: "/logs/system/{id}/replay",
  summary:
    "Read a webhook that the line keeps once more, as after an upgrade; for the gateway's operator only",
  request: { query: apiQuery({}), params: Id },
  responses: {
    200: json(
      "It was read",
      z.object({
        success: z.literal(true),
        message: z.string(),
        events: z.int().openapi({ description: "Events and statuses that came of it" }),
        unread: z.array(z.string()).openapi({ description: "Why parts of it are still not understood" }),
        log: Row,
      }),
    ),
    ...apiRefusals(403, 404, 409, 503),
  },
});

/** Routes with which the operator reads the system log and replays what it keeps, under `/api`. */
export function createSystemLogRoutes(
  { systemLog, replay: replayLine }: SystemLogRouteDeps,
): OpenAPIHono<HttpEnv> {
  const routes = new OpenAPIHono<HttpEnv>();

  routes.openapi(list, async (c) => {
    operatorOnly(c.get("tenant"));
    const { level, limit, offset } = c.req.valid("query");
    const page = { limit: limitOf(limit), offset };
    const found = await systemLog.list(level === undefined ? {} : { level }, page);
    const logs = found.map((line) => rowOf(shortened(line)));
    return c.json({ success: true as const, count: logs.length, logs }, 200);
  });

  routes.openapi(get, async (c) => {
    operatorOnly(c.get("tenant"));
    const { id } = c.req.valid("param");
    const line = await systemLog.get(id);
    if (line === undefined) throw new NotFoundError("line of the system log", String(id));
    return c.json({ success: true as const, log: rowOf(line) }, 200);
  });

  routes.openapi(replay, async (c) => {
    operatorOnly(c.get("tenant"));
    const { line, events, unread } = await replayLine(c.req.valid("param").id);
    const message = unread.length > 0
      ? "Parts of the webhook are still not understood"
      : `The webhook made ${events} event${events === 1 ? "" : "s"}`;
    return c.json({
      success: true as const,
      message,
      events,
      unread: [...unread],
      log: rowOf(shortened(line)),
    }, 200);
  });

  return routes;
}

function operatorOnly({ id }: Tenant): void {
  if (id !== DEFAULT_TENANT) throw forbidden("Only the gateway's operator may read its log");
}

function shortened(line: SystemLogLine): SystemLogLine {
  const { metadata } = line;
  const field = metadata === null
    ? undefined
    : (["raw", "rawBase64"] as const).find((name) => name in metadata);
  const body = field === undefined ? undefined : metadata?.[field];
  if (field === undefined || typeof body !== "string" || body.length <= SHOWN_OF_BODY) return line;
  return { ...line, metadata: { ...metadata, [field]: `${cutText(body, SHOWN_OF_BODY)}…`, shortened: true } };
}

function rowOf({ id, level, message, metadata, createdAt }: SystemLogLine) {
  return {
    id,
    level,
    message,
    metadata: metadata === null ? null : JSON.stringify(metadata),
    created_at: sqlTime(createdAt),
  };
}
