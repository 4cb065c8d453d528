import { messageOf } from "../../errors.ts";
import { fromWire, toWire, type WireError } from "./wire_error.ts";

/** One thing that crosses to another thread. */
export type Frame =
  | {
    readonly is: "ask";
    readonly id: number;
    readonly to: string;
    readonly method: string;
    readonly args: Args;
  }
  | { readonly is: "tell"; readonly to: string; readonly method: string; readonly args: Args }
  | { readonly is: "done"; readonly id: number; readonly value: unknown }
  | { readonly is: "failed"; readonly id: number; readonly error: WireError };

type Args = readonly unknown[];

/** Frames of one turn of the event loop, in their order. */
export type Parcel = readonly Frame[];

export interface LinkDeps {
  /** Hands frames to the other thread. Throws for what cannot be copied. */
  readonly post: (parcel: Parcel) => void;
  /** Does what the other thread asks for; what it returns, or resolves to, is the answer. */
  readonly serve: (to: string, method: string, args: Args) => unknown;
}

/** Calls between two threads, both ways, in the order in which they are made. Whatever they say is plain data. */
export interface Link {
  ask(to: string, method: string, args: Args): Promise<unknown>;
  /** Asks without wanting an answer. */
  tell(to: string, method: string, args: Args): void;
  /** Takes what the other thread has sent. */
  take(parcel: Parcel): void;
  /** The other thread is no more: fails what waits for it, and everything that is still asked. */
  close(reason: Error): void;
  /** Resolves when nothing that the other thread asked for is under way. */
  served(): Promise<void>;
}

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** More than this in one call is refused: copying it would stop both threads. */
export const MOST_BYTES = 64 * 1024 * 1024;

/** Calls of one turn go in one message: most of what crossing costs is by message. */
export function createLink({ post, serve }: LinkDeps): Link {
  const waiting = new Map<number, Waiting>();
  const serving = new Set<Promise<void>>();
  let outgoing: Frame[] = [];
  let lastId = 0;
  let closed: Error | undefined;

  function send(frame: Frame): void {
    if (closed !== undefined) return;
    outgoing.push(frame);
    if (outgoing.length === 1) setImmediate(flush);
  }

  function flush(): void {
    const parcel = outgoing;
    outgoing = [];
    if (closed !== undefined || parcel.length === 0) return;
    try {
      post(parcel);
    } catch {
      for (const frame of parcel) postAlone(frame); // so that one that cannot be copied fails alone
    }
  }

  function postAlone(frame: Frame): void {
    try {
      post([frame]);
    } catch (error) {
      const failure = new TypeError(`Cannot pass a call to another thread: ${messageOf(error)}`);
      if (frame.is === "ask") settle(frame.id)?.reject(failure);
      else if (frame.is === "done") post([{ is: "failed", id: frame.id, error: toWire(failure) }]);
    }
  }

  function settle(id: number): Waiting | undefined {
    const found = waiting.get(id);
    waiting.delete(id);
    return found;
  }

  async function answer(frame: Extract<Frame, { readonly is: "ask" }>): Promise<void> {
    const { id, to, method, args } = frame;
    try {
      send({ is: "done", id, value: await serve(to, method, args) });
    } catch (error) {
      send({ is: "failed", id, error: toWire(error) });
    }
  }

  return {
    ask(to, method, args) {
      if (closed !== undefined) return Promise.reject(closed);
      const sizeBytes = bytesIn(args);
      if (sizeBytes > MOST_BYTES) {
        return Promise.reject(
          new RangeError(`Cannot pass ${sizeBytes} bytes to another thread: ${MOST_BYTES} are the most`),
        );
      }
      const id = ++lastId;
      return new Promise((resolve, reject) => {
        waiting.set(id, { resolve, reject });
        send({ is: "ask", id, to, method, args });
      });
    },
    tell: (to, method, args) => send({ is: "tell", to, method, args }),
    take(parcel) {
      for (const frame of parcel) {
        if (frame.is === "done") settle(frame.id)?.resolve(frame.value);
        else if (frame.is === "failed") settle(frame.id)?.reject(fromWire(frame.error));
        else if (frame.is === "tell") serve(frame.to, frame.method, frame.args);
        else {
          const work = answer(frame).finally(() => serving.delete(work));
          serving.add(work);
        }
      }
    },
    close(reason) {
      closed ??= reason;
      outgoing = [];
      for (const { reject } of waiting.values()) reject(closed);
      waiting.clear();
    },
    async served() {
      while (serving.size > 0) await Promise.all(serving);
    },
  };
}

/** About how much is copied. */
function bytesIn(value: unknown): number {
  if (typeof value === "string") return value.length * 2;
  if (value instanceof Uint8Array) return value.byteLength;
  if (value instanceof Map) return bytesIn([...value]);
  if (typeof value !== "object" || value === null) return 8;
  let sum = 0;
  for (const part of Object.values(value)) sum += bytesIn(part);
  return sum;
}
