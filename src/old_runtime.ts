// What packages ask of the runtime and Deno older than 2.8 does not have. Imported before anything else.
import timers from "node:timers";
import threads from "node:worker_threads";

/**
 * undici 8 marks its objects as not to be copied to workers, which Kabar never does; without the function it does
 * not load on Deno 2.7.
 * @see Node, `worker.markAsUncloneable`; undici lib/web/webidl/index.js
 */
const runtime: { markAsUncloneable?: (object: object) => void } = threads;
runtime.markAsUncloneable ??= () => {};

/**
 * Timers are objects with `unref` since 2.8. Before that only code in node_modules got Node's timers, and packages in
 * an executable are not there any more.
 * @see undici lib/dispatcher/client-h1.js, `this.timeout?.unref()`
 */
const probe: unknown = setTimeout(() => {}, 0);
if (typeof probe === "number") {
  clearTimeout(probe);
  const { setTimeout, clearTimeout: clear, setInterval, clearInterval } = timers;
  Object.assign(globalThis, { setTimeout, clearTimeout: clear, setInterval, clearInterval });
}
