import { messageOf } from "../errors.ts";
import { logOf } from "../log.ts";
import type { ANYTHING, News } from "./news.ts";

type Listener = (id: string | typeof ANYTHING) => void;

const log = logOf("store");

/** The listeners of one process, by topic. */
export class Listeners {
  readonly #byTopic = new Map<string, Set<Listener>>();

  hear(topic: string, listener: Listener): () => void {
    const own = this.#byTopic.get(topic) ?? new Set();
    this.#byTopic.set(topic, own.add(listener));
    return () => {
      own.delete(listener);
      if (own.size === 0 && this.#byTopic.get(topic) === own) this.#byTopic.delete(topic);
    };
  }

  call(topic: string, id: string | typeof ANYTHING): void {
    for (const listener of [...this.#byTopic.get(topic) ?? []]) {
      try {
        listener(id);
      } catch (error) {
        log.error("news.listener_failed", { topic, error: messageOf(error) }); // the others still hear it
      }
    }
  }

  get topics(): readonly string[] {
    return [...this.#byTopic.keys()];
  }
}

/** News where one process has the store to itself. */
export function createLocalNews(): News {
  const listeners = new Listeners();
  return {
    tell: (topic, id) => queueMicrotask(() => listeners.call(topic, id)),
    hear: (topic, listener) => listeners.hear(topic, listener),
    hearsOthers: true,
  };
}
