// Control API: things that go wrong on purpose, and what clients did wrong.
import { Hono } from "@hono/hono";
import { z } from "zod";
import { ControlError, readBody } from "./request.ts";
import { mediaOf } from "../people/reading.ts";
import type { Faults, Network } from "../people/network.ts";
import type { BinaryNode } from "../wire/nodes.ts";
import type { WhatsAppSimulator } from "../server/server.ts";

const ms = z.int().nonnegative();
const reason = z.int().min(400).max(599);
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
  loginFailure: z.union([
    reason,
    z.strictObject({
      reason,
      code: z.int().positive().optional(),
      expire: z.int().nonnegative().optional(),
      message: z.string().optional(),
      url: z.string().optional(),
      logoutMessage: z.strictObject({
        header: z.string().optional(),
        subtext: z.string().optional(),
        locale: z.string().optional(),
      }).optional(),
      times: z.int().positive().optional(),
    }),
  ]).optional(),
  delayOutMs: ms.optional(),
  refreshOnScan: z.boolean().optional(),
  askPasskey: z.boolean().optional(),
});
const mediaFaults = z.array(z.strictObject({
  on: z.enum(["download", "upload"]).optional(),
  path: z.string().startsWith("/").optional(),
  /** Instead of `path`: the file of this message. */
  messageId: z.string().min(1).optional(),
  status: z.int().min(400).max(599).optional(),
  delayMs: ms.optional(),
  bytesPerSecond: z.int().positive().optional(),
  cutAfterBytes: z.int().nonnegative().optional(),
  times: z.int().positive().optional(),
}));
type FaultsBody = z.output<typeof faults>;

function refusal({ code, to, times = Infinity }: NonNullable<FaultsBody["refuse"]>): Faults["refuse"] {
  let left = times;
  return (message: BinaryNode) => {
    if (left <= 0 || (to !== undefined && message.attrs.to !== to)) return;
    left--;
    return code;
  };
}

/** Where the file of a message is fetched. */
function pathOf(network: Network, messageId: string): string {
  const messages = network.contacts.map((contact) => contact.sent(messageId)?.message);
  const file = messages.map((message) => message && mediaOf(message)).find((found) => found !== undefined);
  const address = file?.part.directPath ?? file?.part.url;
  if (!address) throw new ControlError(404, `messageId: nobody sent a file as ${messageId}`, "messageId");
  return new URL(address, "http://host").pathname;
}

export function faultRoutes({ network }: WhatsAppSimulator): Hono {
  let current: FaultsBody = {};
  let mediaNow: z.output<typeof mediaFaults> = [];
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
  routes.get("/media/faults", (c) => c.json(mediaNow));
  routes.put("/media/faults", async (c) => {
    mediaNow = await readBody(c, mediaFaults);
    network.media.faults.set(mediaNow.map(({ messageId, ...fault }) => ({
      ...fault,
      path: messageId === undefined ? fault.path : pathOf(network, messageId),
    })));
    return c.json(mediaNow);
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
