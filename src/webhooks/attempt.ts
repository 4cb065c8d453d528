import { Agent } from "undici";
import { Deadlines } from "./deadlines.ts";
import { Exchange } from "./exchange.ts";
import type { Guard, Owner } from "./guard.ts";
import type { FailureReason, Outcome } from "./outcome.ts";

/** A request that is ready to be sent. */
export interface AttemptRequest {
  readonly url: string;
  /** Without `content-length`, which is set. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
  /** For the whole of it: connecting, sending, waiting for the answer. */
  readonly timeoutMs: number;
  readonly owner: Owner;
}

export interface Attempts {
  /**
   * Makes one POST request. Never rejects: whatever goes wrong is an outcome. Redirects are failures. The status
   * decides as soon as it is there; of the body, the first 16 KiB are kept if they come within a second.
   * @param signal Stops it; the outcome's reason is then `aborted`.
   */
  attempt(request: AttemptRequest, signal?: AbortSignal): Promise<Outcome>;
  /** Lets requests that are under way end, then closes all connections. */
  close(): Promise<void>;
}

export type AttemptFunction = Attempts["attempt"];
export type { Outcome };

/** Where a URL leads, or why it may not be used. */
type Target =
  | { readonly host: string; readonly origin: string; readonly path: string }
  | { readonly refusal: string };

const CONNECT_TIMEOUT_MS = 5_000;
/** Shorter than the idle time after which common servers close (Node's 5 s is the shortest). */
const IDLE_CONNECTION_MS = 4_000;
const MAX_IDLE_CONNECTION_MS = 60_000;
const TARGETS_KEPT = 2_000;

/**
 * Makes the sender of webhook requests, with two pools of kept-alive connections: one for the operator's URLs, one for
 * other tenants', each going only where the guard lets it.
 * @param deps `maxConnections`: at most so many to one origin; no less than the requests that may be in flight, else
 * they wait for one another. `now`: the clock of `startedAt`.
 */
export function createAttempts(
  deps: { readonly guard: Guard; readonly maxConnections?: number; readonly now?: () => number },
): Attempts {
  const { guard, maxConnections = 256, now = Date.now } = deps;
  const deadlines = new Deadlines();
  let isClosed = false;
  const lanes = { operator: laneOf("operator"), tenant: laneOf("tenant") };

  function laneOf(owner: Owner) {
    const agent = createAgent(guard, owner, maxConnections);
    const targets = new Map<string, Target>();
    const targetOf = (url: string): Target => {
      let target = targets.get(url);
      if (target === undefined) {
        target = readTarget(url, guard, owner);
        if (targets.size >= TARGETS_KEPT) targets.clear();
        targets.set(url, target);
      }
      return target;
    };
    return { agent, targetOf };
  }

  return {
    attempt({ url, headers, body, timeoutMs, owner }, signal) {
      const { agent, targetOf } = lanes[owner];
      const target = targetOf(url);
      const startedAt = now();
      if ("refusal" in target) return Promise.resolve(unsent("refused_address", target.refusal, startedAt));
      if (isClosed || signal?.aborted) {
        return Promise.resolve(unsent("aborted", "Stopped before it was sent", startedAt));
      }
      const { host, origin, path } = target;
      return new Promise((decided) => {
        new Exchange({
          dispatcher: agent,
          options: { origin, path, method: "POST", headers, body },
          deadlines,
          host,
          startedAt,
          now,
          connectTimeoutMs: Math.min(timeoutMs, CONNECT_TIMEOUT_MS),
          timeoutMs,
          signal,
          decided,
        }).start();
      });
    },
    async close() {
      isClosed = true;
      await deadlines.idle();
      await Promise.all([lanes.operator.agent.destroy(), lanes.tenant.agent.destroy()]);
    },
  };
}

/** Connections that go only where the guard lets the owner's URLs go, for requests whose URL's host it has passed. */
export function createAgent(guard: Guard, owner: Owner, maxConnections: number): Agent {
  return new Agent({
    allowH2: false, // HTTP/1.1 is what every receiver speaks
    connections: maxConnections,
    connect: { timeout: CONNECT_TIMEOUT_MS, lookup: guard.lookupFor(owner) },
    keepAliveTimeout: IDLE_CONNECTION_MS,
    keepAliveMaxTimeout: MAX_IDLE_CONNECTION_MS,
    headersTimeout: 0, // exchanges watch their own deadlines
    bodyTimeout: 0,
  });
}

function readTarget(text: string, guard: Guard, owner: Owner): Target {
  const url = URL.parse(text);
  if (url === null) return { refusal: "The URL cannot be read" };
  const refusal = guard.refusalOf(url, owner);
  if (refusal !== undefined) return { refusal };
  return { host: url.hostname, origin: url.origin, path: url.pathname + url.search };
}

function unsent(reason: FailureReason, error: string, startedAt: number): Outcome {
  return {
    ok: false,
    reason,
    statusCode: null,
    error,
    response: null,
    retryAfterMs: null,
    gone: false,
    startedAt,
    durationMs: 0,
  };
}
