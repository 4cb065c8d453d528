// The least that a Hono server can do with a webhook: read its body, answer 200. Prints its port.
import { Hono } from "@hono/hono";

const app = new Hono();
app.post("/webhooks/qiscus", async (c) => {
  await c.req.json();
  return c.json({ success: true, message: "Webhook received" });
});
const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, app.fetch);
console.log(server.addr.port);
