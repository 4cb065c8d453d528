import type { Clock, Timer } from "../async/clock.ts";
import { createLate } from "../async/late.ts";
import { messageOf } from "../errors.ts";
import type { HttpEnv } from "../http/context.ts";
import { logOf } from "../log.ts";

const log = logOf("http");

/** Nobody shall wait for the routes to be loaded, not even whoever asks first; sessions that come back go before. */
const LOAD_MS = 1_000;

/** What the routes are to whoever serves them. */
interface Routes {
  fetch(request: Request, env: HttpEnv["Bindings"]): Response | Promise<Response>;
}

export interface LateRoutes<T extends Routes> {
  loaded(): Promise<T>;
  answer(request: Request, env: HttpEnv["Bindings"]): Promise<Response>;
  /** Loads them soon, also when nobody asks, and goes on trying: a machine may have no file to spare for a while. */
  start(): void;
  stop(): void;
}

/**
 * Routes that are loaded after a gateway is ready. Until then `first` answers what it can; all else waits for the
 * routes, and is asked to come again where they cannot be loaded now.
 */
export function createLateRoutes<T extends Routes>(
  load: () => Promise<T>,
  { first, clock }: {
    readonly first: (request: Request) => Promise<Response | undefined>;
    readonly clock: Pick<Clock, "after">;
  },
): LateRoutes<T> {
  const routes = createLate(async () => {
    try {
      return await load();
    } catch (error) {
      log.error("http.routes_not_loaded", { error: messageOf(error) });
      throw error;
    }
  });
  let next: Timer | undefined;
  const loadSoon = () => {
    next = clock.after(LOAD_MS, () => {
      routes.loaded().catch(() => { // it is logged
        if (next !== undefined) loadSoon();
      });
    });
  };
  return {
    loaded: routes.loaded,
    async answer(request, env) {
      const there = routes.now();
      if (there !== undefined) return await there.fetch(request, env);
      const answer = await first(request);
      if (answer !== undefined) return answer;
      const loaded = await routes.loaded().catch(() => undefined); // it is logged
      return await loaded?.fetch(request, env) ?? comeAgain();
    },
    start: loadSoon,
    stop() {
      next?.cancel();
      next = undefined;
    },
  };
}

function comeAgain(): Response {
  const error = { code: "STARTING", message: "The gateway cannot answer this yet: try again in a moment" };
  return Response.json({ error }, { status: 503, headers: { "Retry-After": "5" } });
}
