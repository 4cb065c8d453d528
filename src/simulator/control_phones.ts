// Control API: phones of the gateway, the devices linked to them, and what goes wrong with those.
import { Hono } from "@hono/hono";
import { z } from "zod";
import { contentOf, hasOneContent, MESSAGE_FIELDS, ONE_CONTENT } from "./control_message.ts";
import { chat, contactOf, ControlError, groupOf, number, phoneOf, readBody } from "./control_request.ts";
import { showDevice, showPhone } from "./control_view.ts";
import type { LinkedDevice } from "./linked_device.ts";
import type { VirtualPhone } from "./phone.ts";
import type { WhatsAppSimulator } from "./server.ts";

const historyMessage = z.strictObject({
  text: z.string(),
  fromMe: z.boolean().optional(),
  t: z.int().positive().optional(),
  id: z.string().optional(),
});
const newPhone = z.strictObject({
  phone: number,
  name: z.string().min(1).optional(),
  history: z.array(z.strictObject({ with: number, messages: z.array(historyMessage) })).optional(),
});
const scan = z.strictObject({ qr: z.string().min(1) });
const enter = z.strictObject({
  code: z.string().min(1).transform((code) => code.replaceAll("-", "").toUpperCase()),
});
const typed = z.strictObject({ to: chat, ...MESSAGE_FIELDS }).refine(hasOneContent, ONE_CONTENT);
const restart = z.strictObject({ code: z.string().regex(/^\d{3}$/).optional() });

const FATES = {
  drop: (device: LinkedDevice) => device.drop(),
  replace: (device: LinkedDevice) => device.replace(),
  remove: (device: LinkedDevice) => device.remove(),
  blackhole: (device: LinkedDevice) => {
    if (device.connection) device.connection.blackhole = true;
  },
} as const;

export function phoneRoutes(simulator: WhatsAppSimulator): Hono {
  const { network } = simulator;
  const deviceOf = (phone: VirtualPhone, id: string): LinkedDevice => {
    const device = phone.devices.get(Number(id));
    if (!device) throw new ControlError(404, `Phone ${phone.number} has no device ${id}`);
    return device;
  };
  const linked = async (linking: Promise<LinkedDevice>) => {
    try {
      return showDevice(await linking);
    } catch (error) {
      throw new ControlError(409, error instanceof Error ? error.message : String(error));
    }
  };

  const routes = new Hono();
  routes.get("/", (c) => c.json(network.phones.map(showPhone)));
  routes.post("/", async (c) => {
    const { phone: wanted, name, history } = await readBody(c, newPhone);
    const phone = network.phone(wanted, name);
    if (name !== undefined) phone.name = name;
    phone.history = history?.map((entry) => ({ ...entry, with: contactOf(network, entry.with) })) ??
      phone.history;
    return c.json(showPhone(phone), 201);
  });
  routes.get("/:phone", (c) => c.json(showPhone(phoneOf(network, c.req.param("phone")))));
  routes.post("/:phone/scan", async (c) => {
    const phone = phoneOf(network, c.req.param("phone"));
    const { qr } = await readBody(c, scan);
    return c.json(await linked(simulator.scanQr(qr, phone)), 201);
  });
  routes.post("/:phone/code", async (c) => {
    const phone = phoneOf(network, c.req.param("phone"));
    const { code } = await readBody(c, enter);
    return c.json(await linked(simulator.enterCode(code, phone)), 201);
  });
  routes.post("/:phone/messages", async (c) => {
    const phone = phoneOf(network, c.req.param("phone"));
    const { to, ...message } = await readBody(c, typed);
    const target = to.endsWith("@g.us") ? groupOf(network, to) : contactOf(network, to);
    return c.json({ id: await phone.type(target, contentOf(network, message)) }, 201);
  });
  routes.post("/:phone/devices/:id/restart", async (c) => {
    const device = deviceOf(phoneOf(network, c.req.param("phone")), c.req.param("id"));
    device.restart((await readBody(c, restart)).code);
    return c.json(showDevice(device));
  });
  for (const [fate, happen] of Object.entries(FATES)) {
    routes.post(`/:phone/devices/:id/${fate}`, (c) => {
      const device = deviceOf(phoneOf(network, c.req.param("phone")), c.req.param("id"));
      happen(device);
      return c.json(showDevice(device));
    });
  }
  return routes;
}
