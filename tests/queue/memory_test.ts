import { createMemoryQueue } from "../../src/queue/memory.ts";
import { queueContract } from "./contracts/queue.ts";

queueContract("memory queue", () => {
  const queue = createMemoryQueue();
  return Promise.resolve({ queue, close: () => queue.close() });
});
