import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import type { Context } from "@hono/hono";
import type { DeviceService } from "../../devices/devices.ts";
import { InvalidError } from "../../errors.ts";
import type { PausedMessages } from "../../messages/paused.ts";
import type { MessageSchedule } from "../../messages/schedule.ts";
import type { Messages, OutgoingMessage, ScheduledAfter } from "../../store/messages.ts";
import { dataOf, refusals, TENANT_KEY } from "../answers.ts";
import type { HttpEnv } from "../context.ts";
import { idParam, query } from "../fields.ts";
import { MESSAGE_PAGE, MessageShape, messageShown, pageOfMessages } from "../shapes/message.ts";

const route = { tags: ["Messages"], security: TENANT_KEY };
const PAGE = 50;

const list = createRoute({
  ...route,
  method: "get",
  path: "/messages/scheduled",
  summary: "List the messages that are to leave later, the next one first",
  description:
    "Those without `send_at` stand first: the tenant was suspended before they left, and they wait until somebody " +
    "resumes or cancels them.",
  request: {
    query: query({
      device: z.string().min(1).max(100).optional().openapi({
        description: "Only those of this device: its id or its alias",
      }),
      ...pageOfMessages,
    }),
  },
  responses: {
    200: MESSAGE_PAGE,
    ...refusals(404, 429),
  },
});

const cancel = createRoute({
  ...route,
  method: "delete",
  path: "/messages/scheduled/{id}",
  summary: "Take a message back before it leaves",
  request: { params: idParam("The message's id", "msg_01k8zq4v7n2m5x9c3b6f8h0j1d") },
  responses: { 200: dataOf("It is cancelled", MessageShape), ...refusals(404, 409, 429, 503) },
});

const resume = createRoute({
  ...route,
  method: "post",
  path: "/messages/scheduled/resume",
  summary: "Send what was paused while the tenant was suspended",
  description: "Oldest first, of all devices that the key is for. Messages with a `send_at` keep it.",
  responses: {
    200: dataOf("They leave now", z.object({ resumed: z.int() })),
    ...refusals(429, 503),
  },
});

export interface ScheduledRouteDeps {
  readonly devices: Pick<DeviceService, "get">;
  readonly messages: Pick<Messages, "get" | "scheduled">;
  readonly schedule: Pick<MessageSchedule, "cancel">;
  readonly paused: Pick<PausedMessages, "resume">;
}

/** Routes over the messages that leave later. A key for some devices sees and cancels only theirs. */
export function createScheduledRoutes(
  { devices, messages, schedule, paused }: ScheduledRouteDeps,
): OpenAPIHono<HttpEnv> {
  const routes = new OpenAPIHono<HttpEnv>();

  async function afterOf(
    c: Context<HttpEnv>,
    cursor: string | undefined,
  ): Promise<ScheduledAfter | undefined> {
    if (cursor === undefined) return undefined;
    const message = await messages.get(cursor);
    if (message === undefined || message.sendAt === null || !isMine(c)(message)) {
      throw new InvalidError("cursor", "Parameter `cursor` must be the `next_cursor` of a page before");
    }
    return { id: message.id, sendAt: message.sendAt };
  }

  routes.openapi(list, async (c) => {
    const tenantId = c.get("tenant").id;
    const { device, limit = PAGE, cursor } = c.req.valid("query");
    const allowed = c.get("access").deviceIds;
    const asked = device === undefined ? undefined : (await devices.get(tenantId, device)).id;
    const deviceIds = asked === undefined
      ? allowed ?? undefined
      : [asked].filter((id) => allowed === null || allowed.includes(id));
    const after = await afterOf(c, cursor);
    const page = deviceIds?.length === 0
      ? []
      : await messages.scheduled({ tenantId, deviceIds }, { limit: limit + 1, after });
    const some = page.slice(0, limit);
    const next_cursor = page.length > limit ? some[some.length - 1].id : null;
    const data = { messages: some.map(messageShown), next_cursor };
    return c.json({ success: true as const, data }, 200);
  });

  routes.openapi(resume, async (c) => {
    const resumed = await paused.resume(c.get("tenant").id, c.get("access").deviceIds ?? undefined);
    return c.json({ success: true as const, data: { resumed } }, 200);
  });

  routes.openapi(cancel, async (c) => {
    const message = await schedule.cancel(c.req.valid("param").id, isMine(c));
    return c.json({ success: true as const, data: messageShown(message) }, 200);
  });

  return routes;
}

/** Whether a message is the tenant's, and of a device that the key is for. */
function isMine(c: Context<HttpEnv>): (message: OutgoingMessage) => boolean {
  const tenantId = c.get("tenant").id;
  const { deviceIds } = c.get("access");
  return (message) =>
    message.tenantId === tenantId &&
    (deviceIds === null || (message.deviceId !== null && deviceIds.includes(message.deviceId)));
}
