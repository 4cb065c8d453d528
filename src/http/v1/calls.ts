import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import type { DeviceService } from "../../devices/devices.ts";
import type { SessionFor } from "../../devices/session_for.ts";
import { RefusedError } from "../../errors.ts";
import { WhatsAppRefusal } from "../../whatsapp/actions.ts";
import { dataOf, refusals, TENANT_KEY } from "../answers.ts";
import type { HttpEnv } from "../context.ts";
import { DeviceId } from "../shapes/device.ts";

const NOT_RINGING = 404;

const reject = createRoute({
  tags: ["Calls"],
  security: TENANT_KEY,
  method: "post",
  path: "/devices/{id}/calls/{callId}/reject",
  summary: "Reject a call that rings",
  request: {
    params: DeviceId.extend({
      callId: z.string().min(1).max(100).openapi({
        param: { name: "callId", in: "path" },
        description: "`call_id` of the event `call.received`",
      }),
    }),
  },
  responses: {
    200: dataOf(
      "It is rejected: the caller hears that nobody takes it",
      z.object({ device_id: z.string(), call_id: z.string(), rejected: z.literal(true) }),
    ),
    ...refusals(404, 409, 429, 502, 504),
  },
});

export interface CallRouteDeps {
  readonly devices: Pick<DeviceService, "get">;
  readonly sessionFor: SessionFor;
}

/** Routes over calls that come in. */
export function createCallRoutes({ devices, sessionFor }: CallRouteDeps): OpenAPIHono<HttpEnv> {
  const routes = new OpenAPIHono<HttpEnv>();
  routes.openapi(reject, async (c) => {
    const { id, callId } = c.req.valid("param");
    const device = await devices.get(c.get("tenant").id, id);
    await sessionFor(device).rejectCall(callId).catch((error) => {
      if (!(error instanceof WhatsAppRefusal) || error.code !== NOT_RINGING) throw error;
      throw new RefusedError("CALL_NOT_FOUND", error.message, { call_id: callId });
    });
    const data = { device_id: device.id, call_id: callId, rejected: true as const };
    return c.json({ success: true as const, data }, 200);
  });
  return routes;
}
