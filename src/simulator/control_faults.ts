// Control API: things that go wrong on purpose, and what clients did wrong.
import { Hono } from "@hono/hono";
import { z } from "zod";
import { readBody } from "./control_request.ts";
import type { Faults } from "./network.ts";
import type { BinaryNode } from "./nodes.ts";
import type { WhatsAppSimulator } from "./server.ts";

const ms = z.int().nonnegative();
const faults = z.strictObject({
  /** Refuses outgoing messages with this code; `to` limits it to one chat, `times` to the next few messages. */
  refuse: z.strictObject({
    code: z.int().positive(),
    to: z.string().optional(),
    times: z.int().positive().optional(),
  }).optional(),
  dropAck: z.boolean().optional(),
  ackDelayMs: ms.optional(),
  ignoreQueries: z.array(z.string()).optional(),
  queryErrors: z.record(z.string(), z.int().min(400).max(599)).optional(),
  upgradeStatus: z.int().min(400).max(599).optional(),
  loginFailure: z.int().min(400).max(599).optional(),
  delayOutMs: ms.optional(),
  refreshOnScan: z.boolean().optional(),
});
type FaultsBody = z.output<typeof faults>;

function refusal({ code, to, times = Infinity }: NonNullable<FaultsBody["refuse"]>): Faults["refuse"] {
  let left = times;
  return (message: BinaryNode) => {
    if (left <= 0 || (to !== undefined && message.attrs.to !== to)) return;
    left--;
    return code;
  };
}

export function faultRoutes({ network }: WhatsAppSimulator): Hono {
  let current: FaultsBody = {};
  const routes = new Hono();
  routes.get("/faults", (c) => c.json(current));
  routes.put("/faults", async (c) => {
    current = await readBody(c, faults);
    const { ignoreQueries, queryErrors, dropAck, refuse, ...plain } = current;
    network.setFaults({
      ...plain,
      ignoreQueries: ignoreQueries && new Set(ignoreQueries),
      queryErrors: queryErrors && new Map(Object.entries(queryErrors)),
      dropAck: dropAck ? () => true : undefined,
      refuse: refuse && refusal(refuse),
    });
    return c.json(current);
  });
  routes.get("/complaints", (c) => c.json({ complaints: network.complaints, unknown: network.unknown }));
  routes.delete("/complaints", (c) => {
    network.complaints.length = 0;
    network.unknown.length = 0;
    return c.body(null, 204);
  });
  routes.get("/queries", (c) => c.json(Object.fromEntries(network.queries)));
  return routes;
}
