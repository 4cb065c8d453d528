import { type Handler, Hono } from "@hono/hono";
import { createLate } from "../async/late.ts";
import type { HttpEnv } from "./context.ts";

/** How a request gets its id where it is handed on. */
interface HandedOn {
  Variables: HttpEnv["Variables"];
  Bindings: HttpEnv["Bindings"] & { readonly requestId: string };
}

/**
 * A handler for routes that are loaded when the first request for one of them comes: a gateway is ready sooner, and one
 * that nobody looks at needs less memory.
 */
export function handOn(load: () => Promise<Hono<HttpEnv>>): Handler<HttpEnv> {
  const late = createLate(async () => wrapped(await load()));
  return async (c) => {
    const routes = await late.loaded();
    return await routes.fetch(c.req.raw, { ...c.env, requestId: c.get("requestId") });
  };
}

/** The routes under a request's own id; what they throw is left to whoever handed the request on. */
function wrapped(routes: Hono<HttpEnv>): Hono<HandedOn> {
  const around = new Hono<HandedOn>({ strict: false });
  around.onError((error) => {
    throw error;
  });
  around.use(async (c, next) => {
    c.set("requestId", c.env.requestId);
    await next();
  });
  around.route("/", routes);
  return around;
}
