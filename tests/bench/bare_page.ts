// The least that a Hono server can do with a page: answer GET /<length> with so much text. Prints its port.
import { Hono } from "@hono/hono";

const app = new Hono();
app.get("/:length", (c) => c.html("x".repeat(Number(c.req.param("length")))));
const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, app.fetch);
console.log(server.addr.port);
