import { assertEquals } from "@std/assert";
import { type Deadline, Deadlines } from "../../src/webhooks/deadlines.ts";

/** A deadline that notes what happens to it. */
function aDeadline(deadlines: Deadlines, dueInMs: number, seen: string[], signal?: AbortSignal) {
  const { promise: ended, resolve } = Promise.withResolvers<void>();
  const end = (what: string) => {
    seen.push(what);
    deadlines.forget(deadline);
    resolve();
  };
  const deadline: Deadline = {
    dueAt: performance.now() + dueInMs,
    signal,
    onDue: () => end("due"),
    onStop: () => end("stopped"),
  };
  deadlines.watch(deadline);
  return { deadline, ended };
}

Deno.test("deadlines tell when the time is up, the earlier first", async () => {
  const deadlines = new Deadlines();
  const seen: string[] = [];
  const late: string[] = [];

  const second = aDeadline(deadlines, 600_000, late);
  await aDeadline(deadlines, 30, seen).ended;

  assertEquals([seen, late], [["due"], []]);
  deadlines.forget(second.deadline);
});

Deno.test("deadlines tell when a signal is aborted", async () => {
  const deadlines = new Deadlines();
  const seen: string[] = [];
  const stop = new AbortController();
  const { ended } = aDeadline(deadlines, 60_000, seen, stop.signal);

  stop.abort();
  await ended;

  assertEquals(seen, ["stopped"]);
});

Deno.test("deadlines let what came meanwhile go first (event loop held up)", async () => {
  const deadlines = new Deadlines();
  const seen: string[] = [];
  const { ended } = aDeadline(deadlines, 50, seen);
  setTimeout(() => seen.push("answer"), 250);

  const end = performance.now() + 300;
  while (performance.now() < end); // hold up the event loop
  await ended;

  assertEquals(seen, ["answer", "due"]);
});

Deno.test("deadlines are idle when all are forgotten", async () => {
  const deadlines = new Deadlines();
  const { deadline } = aDeadline(deadlines, 60_000, []);
  let isIdle = false;
  const idle = deadlines.idle().then(() => isIdle = true);

  await Promise.resolve();
  assertEquals(isIdle, false);
  deadlines.forget(deadline);
  await idle;

  assertEquals(isIdle, true);
});
