interface Waiting<T> {
  readonly items: readonly T[];
  readonly done: () => void;
  readonly failed: (error: unknown) => void;
}

/** A queue whose items are handed over in their order, many at a time when they come faster than that goes. */
export interface Batches<T> {
  /** Resolves when these items, and all before them, are handed over. */
  push(items: readonly T[]): Promise<void>;
  /** Resolves when nothing waits any more. */
  idle(): Promise<void>;
  /** Fails what still waits; nothing is taken any more. */
  close(reason: Error): void;
}

/**
 * @param handOver Takes the items that have come so far. A failure fails those who pushed them, no others.
 * @param limit Most items of one call.
 */
export function createBatches<T>(
  handOver: (items: readonly T[]) => Promise<void>,
  { limit }: { readonly limit: number },
): Batches<T> {
  const waiting: Waiting<T>[] = [];
  const idlers: (() => void)[] = [];
  let closed: Error | undefined;
  let busy = false;
  let wake = () => {};

  function take(): Waiting<T>[] {
    let count = 0;
    let size = 0;
    while (count < waiting.length && (count === 0 || size + waiting[count].items.length <= limit)) {
      size += waiting[count++].items.length;
    }
    return waiting.splice(0, count);
  }

  async function work(batch: readonly Waiting<T>[]) {
    busy = true;
    try {
      await handOver(batch.flatMap(({ items }) => items));
      for (const { done } of batch) done();
    } catch (error) {
      for (const { failed } of batch) failed(error);
    } finally {
      busy = false;
    }
  }

  // One loop for the life of the queue: it keeps its own async context, whatever context items are pushed from
  // (Baileys' transactions live in one, and must not leak into work that outlives them).
  async function loop() {
    while (closed === undefined) {
      while (waiting.length > 0) await work(take());
      for (const idle of idlers.splice(0)) idle();
      await new Promise<void>((resolve) => wake = resolve);
    }
  }
  void loop();

  return {
    push(items) {
      if (closed !== undefined) return Promise.reject(closed);
      return new Promise((done, failed) => {
        waiting.push({ items, done, failed });
        wake();
      });
    },
    idle() {
      if (closed !== undefined || (!busy && waiting.length === 0)) return Promise.resolve();
      return new Promise((resolve) => idlers.push(resolve));
    },
    close(reason) {
      closed ??= reason;
      for (const { failed } of waiting.splice(0)) failed(closed);
      for (const idle of idlers.splice(0)) idle();
      wake();
    },
  };
}
