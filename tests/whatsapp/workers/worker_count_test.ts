import { assertEquals } from "@std/assert";
import { workersFor } from "../../../src/whatsapp/workers/worker_count.ts";

Deno.test("machine has a worker for each core but one, none on two, and no more than the main thread can serve", () => {
  assertEquals([1, 2, 3, 4, 5, 64].map(workersFor), [0, 0, 2, 3, 4, 4]);
});
