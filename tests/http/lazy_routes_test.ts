import { assertEquals } from "@std/assert";
import { Hono } from "@hono/hono";
import type { HttpEnv } from "../../src/http/context.ts";
import { handOn } from "../../src/http/lazy_routes.ts";

/** An app that hands `/ui/*` on, and how often the routes behind it were loaded. */
function anApp(load: () => Promise<Hono<HttpEnv>>) {
  let loads = 0;
  const app = new Hono<HttpEnv>();
  app.onError((error) => new Response(error.message, { status: 500 }));
  app.use(async (c, next) => {
    c.set("requestId", "req_1");
    await next();
  });
  app.all("/ui/*", handOn(() => (loads++, load())));
  return { app, loads: () => loads };
}

Deno.test("routes are loaded with the first request for them, and once", async () => {
  const routes = new Hono<HttpEnv>().get(
    "/ui/:name",
    (c) => c.text(`${c.req.param("name")} ${c.get("requestId")}`),
  );
  const { app, loads } = anApp(() => Promise.resolve(routes));

  const before = loads();
  const answers = [await app.request("/ui/a"), await app.request("/ui/b")];

  assertEquals(await Promise.all(answers.map((answer) => answer.text())), ["a req_1", "b req_1"]);
  assertEquals([before, loads()], [0, 1]);
});

Deno.test("routes get the body and the other end of a request that is handed on", async () => {
  const routes = new Hono<HttpEnv>().post(
    "/ui/echo",
    async (c) => c.text(await c.req.text() + c.env.remoteAddr?.hostname),
  );
  const { app } = anApp(() => Promise.resolve(routes));

  const answer = await app.request("/ui/echo", { method: "POST", body: "said " }, {
    remoteAddr: { hostname: "here" },
  });

  assertEquals(await answer.text(), "said here");
});

Deno.test("what loaded routes throw is answered by who handed the request on", async () => {
  const routes = new Hono<HttpEnv>().get("/ui/a", () => {
    throw new Error("broken");
  });
  const { app } = anApp(() => Promise.resolve(routes));

  const answer = await app.request("/ui/a");

  assertEquals([answer.status, await answer.text()], [500, "broken"]);
});

Deno.test("routes that could not be loaded are loaded with the next request", async () => {
  let isBroken = true;
  const routes = new Hono<HttpEnv>().get("/ui/a", (c) => c.text("there"));
  const { app } = anApp(() => isBroken ? Promise.reject(new Error("no file")) : Promise.resolve(routes));

  const refused = await app.request("/ui/a");
  isBroken = false;
  const served = await app.request("/ui/a");

  assertEquals([refused.status, await served.text()], [500, "there"]);
});
