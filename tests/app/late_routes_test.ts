import { assertEquals } from "@std/assert";
import { createLateRoutes } from "../../src/app/late_routes.ts";
import { createManualClock } from "../support/manual_clock.ts";

const asked = (path: string) => new Request(`http://kabar.example${path}`);
const env = {} as never;

/** Routes that cannot be loaded so many times first. */
function lateRoutes(failures: number) {
  const clock = createManualClock();
  let loads = 0;
  const routes = createLateRoutes(() => {
    if (++loads <= failures) return Promise.reject(new Error("too many open files"));
    return Promise.resolve({ fetch: ({ url }: Request) => new Response(`routes ${new URL(url).pathname}`) });
  }, {
    clock,
    first: ({ url }) => Promise.resolve(url.endsWith("/health") ? new Response("first") : undefined),
  });
  return { clock, routes, loads: () => loads };
}

Deno.test("until routes are loaded, the first answers do for what they know", async () => {
  const { routes, loads } = lateRoutes(0);

  const health = await routes.answer(asked("/health"), env);
  const before = loads();
  const other = await routes.answer(asked("/v1/devices"), env);
  const then = await routes.answer(asked("/health"), env);

  assertEquals([before, await health.text()], [0, "first"]);
  assertEquals([await other.text(), await then.text()], ["routes /v1/devices", "routes /health"]);
});

Deno.test("routes that cannot be loaded are tried again: for whoever asks next, and when nobody does", async () => {
  const { routes, clock, loads } = lateRoutes(3);

  const refused = await routes.answer(asked("/v1/devices"), env);
  routes.start();
  await clock.until(() => loads() === 4, "the routes to be loaded");
  await routes.loaded();

  const body = await refused.json();
  assertEquals([refused.status, refused.headers.get("Retry-After"), body.error.code], [503, "5", "STARTING"]);
  assertEquals(await (await routes.answer(asked("/v1/devices"), env)).text(), "routes /v1/devices");
  assertEquals(clock.waits(), []);
});

Deno.test("a gateway that stops does not go on trying", async () => {
  const { routes, clock, loads } = lateRoutes(Infinity);
  routes.start();
  await clock.until(() => loads() === 2, "two tries");

  routes.stop();
  await clock.advance(60_000);

  assertEquals([loads(), clock.waits()], [2, []]);
});
