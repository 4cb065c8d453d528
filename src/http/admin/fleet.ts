import { secondsOf } from "../../spans.ts";
import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import { adminAnswer, adminDataOf, MASTER_KEY, refusals } from "../answers.ts";
import type { HttpEnv } from "../context.ts";
import type { FleetShown } from "../shapes/fleet.ts";

const Gateway = z.object({
  id: z.string().openapi({ description: "New at each start" }),
  name: z.string().openapi({ example: "kabar-1" }),
  version: z.string(),
  started_at: z.int(),
  draining: z.boolean().openapi({ description: "It hands its devices over" }),
  this: z.boolean().openapi({ description: "It is the gateway that answers" }),
  devices: z.int().openapi({ description: "How many it holds" }),
  settings_agree: z.boolean().openapi({
    description: "Its settings that have to be the same everywhere are those of the gateway that answers",
  }),
  settings_differ: z.array(z.string()).openapi({ description: "Names of those that are not" }),
  roles: z.array(z.string()).openapi({ example: ["http", "devices", "deliveries"] }),
  weight: z.int().openapi({ description: "How many devices it takes compared with others" }),
}).openapi("Gateway");

const Name = z.string().nullable().openapi({ description: "The gateway's name; null: none, for the moment" });

const fleet = createRoute({
  tags: ["Admin"],
  security: MASTER_KEY,
  method: "get",
  path: "/fleet",
  summary: "See which gateways work together, and which of them holds each device",
  responses: {
    200: adminDataOf(
      "The gateways that work on one database",
      z.object({
        gateways: z.array(Gateway),
        devices: z.array(z.object({ device_id: z.string(), gateway: Name })),
        tasks: z.array(z.object({ task: z.string().openapi({ example: "retention" }), gateway: Name })),
      }),
    ),
    ...refusals(503),
  },
});

export interface FleetRouteDeps {
  /** Who works on the store, as it is now. */
  readonly fleet: () => Promise<FleetShown>;
}

/** The operator's look at the gateways that work together, under `/admin`. */
export function createFleetRoutes({ fleet: look }: FleetRouteDeps): OpenAPIHono<HttpEnv> {
  const routes = new OpenAPIHono<HttpEnv>();
  routes.openapi(fleet, async (c) => {
    const { gateways, devices, tasks } = await look();
    const data = {
      gateways: gateways.map(({ startedAt, isThis, differing, roles, ...gateway }) => ({
        ...gateway,
        started_at: secondsOf(startedAt),
        this: isThis,
        roles: [...roles],
        settings_agree: differing.length === 0,
        settings_differ: [...differing],
      })),
      devices: devices.map(({ deviceId, gateway }) => ({ device_id: deviceId, gateway })),
      tasks: [...tasks],
    };
    return c.json(adminAnswer(c, data), 200);
  });
  return routes;
}
