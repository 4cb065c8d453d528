import { createRoute, OpenAPIHono, type RouteConfigToTypedResponse, z } from "@hono/zod-openapi";
import { InvalidError } from "../../errors.ts";
import { FORMAT_NAMES } from "../../formats/mod.ts";
import { dataOf, refusals, TENANT_KEY } from "../answers.ts";
import type { HttpEnv } from "../context.ts";
import { commaList, idParam, query, wholeNumber } from "../fields.ts";
import { eventPoll } from "../../pull/poll.ts";
import { type Batch, createEventReader, type EventReaderDeps, type Reach } from "../../pull/reader.ts";
import { eventStream } from "../../pull/stream.ts";
import { createEventWaits, type EventWaitsDeps } from "../../pull/waits.ts";
import type { KeyAccess } from "../../tenants/keyring.ts";
import { maySeeCodes } from "../key_access.ts";

const LIMIT = 100;
const MAX_LIMIT = 500;
const MAX_WAIT_SECONDS = 60;
const LAST_SECOND = 99_999_999_999;
const HEARTBEAT_MS = 15_000;

export interface EventRoutesDeps extends EventReaderDeps, EventWaitsDeps {
  readonly heartbeatMs?: number;
}

const Event = z.object({
  event: z.string().openapi({ example: "message.received" }),
  event_id: z.string(),
  tenant_id: z.string(),
  device_id: z.string().nullish(),
  timestamp: z.int(),
  data: z.record(z.string(), z.unknown()),
  seq: z.int().openapi({ description: "Increases by one with each event of the tenant" }),
}).catchall(z.unknown()).openapi("Event");

const Types = commaList("Event names, groups such as `message.*`, or `*`, separated by commas");
const Devices = commaList("Ids or aliases of devices, separated by commas");
const After = z.string().regex(/^(\d{1,15}|latest)$/, "must be the number of an event or `latest`")
  .transform((text) => text === "latest" ? text : Number(text))
  .openapi({
    type: "string",
    example: "1042",
    description: "The `seq` of the last event you have; left out: from the oldest; `latest`: only new ones",
  });
const Limit = wholeNumber({ min: 1, max: MAX_LIMIT });
const Format = z.enum(FORMAT_NAMES).openapi({
  description:
    "How events are named and shaped, as a webhook's format; with another than `device`, `seq` and " +
    "`event_id` stand beside the format's own fields",
});
const route = { tags: ["Events"], security: TENANT_KEY };

const pull = createRoute({
  ...route,
  method: "get",
  path: "/events",
  summary: "Pull events after a cursor; with `wait`, as soon as there are any",
  request: {
    query: query({
      after: After.optional(),
      types: Types.optional(),
      devices: Devices.optional(),
      limit: Limit.optional(),
      wait: wholeNumber({ min: 0, max: MAX_WAIT_SECONDS }).optional(),
      format: Format.optional(),
    }),
  },
  responses: {
    200: dataOf(
      "Events, oldest first, and the cursor to go on from",
      z.object({ events: z.array(Event), next: z.int(), more: z.boolean() }),
    ),
    ...refusals(404, 410, 429),
  },
});

const stream = createRoute({
  ...route,
  method: "get",
  path: "/events/stream",
  summary: "Stream events as they happen (server-sent events)",
  description: "Starts with new events, or after `Last-Event-ID` or `after`. The id of each is its `seq`.",
  request: {
    query: query({
      after: After.optional(),
      types: Types.optional(),
      devices: Devices.optional(),
      format: Format.optional(),
    }),
    headers: z.object({
      "last-event-id": z.string().optional().openapi({
        description: "The last event that was seen, as browsers send it when they connect again",
      }),
    }),
  },
  responses: {
    200: { description: "The stream", content: { "text/event-stream": { schema: z.string() } } },
    ...refusals(404, 410, 429),
  },
});

const ofDevice = createRoute({
  ...route,
  method: "get",
  path: "/devices/{id}/events",
  summary: "List a device's latest events, newest first",
  request: {
    params: idParam("The device's id or alias", "device_01k8zq4v7n2m5x9c3b6f8h0j1d"),
    query: query({
      since: wholeNumber({ min: 0, max: LAST_SECOND }).openapi({
        description: "Unix seconds: only events that came later",
      }).optional(),
      type: Types.optional(),
      limit: Limit.optional(),
    }),
  },
  responses: {
    200: dataOf("The events", z.object({ events: z.array(Event), count: z.int() })),
    ...refusals(404, 429),
  },
});

type Shown = z.infer<typeof Event>;
/** What a stream of the same JSON is to the types. */
type AnsweredBatch = RouteConfigToTypedResponse<typeof pull>;

/** Routes that read the log of events: by cursor, as a stream, and of one device. */
export function createEventRoutes(deps: EventRoutesDeps): OpenAPIHono<HttpEnv> {
  const routes = new OpenAPIHono<HttpEnv>();
  const reader = createEventReader(deps);
  const waits = createEventWaits(deps);
  const heartbeatMs = deps.heartbeatMs ?? HEARTBEAT_MS;

  routes.openapi(pull, async (c) => {
    const { after, types, devices, format, limit = LIMIT, wait: seconds = 0 } = c.req.valid("query");
    const tenantId = c.get("tenant").id;
    const wanted = await reader.wanted(tenantId, types, devices, format, reachOf(c.get("access")));
    const cursor = await reader.start(tenantId, after);
    if (seconds > 0 && c.req.method !== "HEAD") {
      const wait = waits.open(tenantId, c.get("rights"));
      const waitMs = seconds * 1000;
      const body = eventPoll({ reader, wanted, cursor, limit, wait, waitMs, shown: batchShown });
      // By this mark the listener hears at once when the client goes away, and proxies keep nothing back.
      const headers = { "Content-Type": "application/json", "X-Accel-Buffering": "no" };
      return c.body(body, 200, headers) as unknown as AnsweredBatch;
    }
    return c.json(batchShown(await reader.after(wanted, cursor, limit)), 200);
  });

  routes.openapi(stream, async (c) => {
    const { after, types, devices, format } = c.req.valid("query");
    const tenantId = c.get("tenant").id;
    const wanted = await reader.wanted(tenantId, types, devices, format, reachOf(c.get("access")));
    const seen = lastEventIdOf(c.req.valid("header")["last-event-id"]);
    const cursor = await reader.start(tenantId, seen ?? after ?? "latest");
    // Proxies must neither keep the events back nor compress them.
    const headers = {
      "Content-Type": "text/event-stream; charset=utf-8",
      "Cache-Control": "no-store, no-transform",
      "X-Accel-Buffering": "no",
    };
    if (c.req.method === "HEAD") return c.body(null, 200, headers);
    const wait = waits.open(tenantId, c.get("rights"));
    return c.body(eventStream({ reader, wanted, cursor, wait, heartbeatMs }), 200, headers);
  });

  routes.openapi(ofDevice, async (c) => {
    const { since, type, limit = LIMIT } = c.req.valid("query");
    const { id } = c.req.valid("param");
    const reach = reachOf(c.get("access"));
    const wanted = await reader.wanted(c.get("tenant").id, type, [id], undefined, reach);
    const sinceMs = since === undefined ? undefined : (since + 1) * 1000;
    const events = await reader.latest(wanted, limit, sinceMs);
    return c.json({ success: true as const, data: { events: events as Shown[], count: events.length } }, 200);
  });

  return routes;
}

/** A key for some chats gets the events of these, and one that may not link phones no codes for it. */
function reachOf(access: KeyAccess): Reach {
  return { chats: access.readChats, codes: maySeeCodes(access) };
}

function batchShown({ events, next, more }: Batch) {
  return { success: true as const, data: { events: events as Shown[], next, more } };
}

function lastEventIdOf(text: string | undefined): number | undefined {
  if (text === undefined || text === "") return undefined;
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new InvalidError("last-event-id", "Header `Last-Event-ID` must be the number of an event");
}
