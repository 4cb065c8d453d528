import { systemClock } from "../async/clock.ts";
import type { Dispatcher } from "undici";
import { Agent, ProxyAgent } from "../net/undici.ts";
import { rememberHeads } from "./answer_head.ts";
import { bytesOf } from "./bytes_of.ts";
import { Deadlines } from "./deadlines.ts";
import { Exchange } from "./exchange.ts";
import { DEFAULT_TENANT, type TenantId } from "../ids.ts";
import type { Guard } from "../net/guard.ts";
import { guardedConnect } from "../net/guarded_connect.ts";
import { FROM_HEADER } from "../net/passed_gateways.ts";
import type { FailureReason, Outcome } from "./outcome.ts";

/** A request that is ready to be sent. */
export interface AttemptRequest {
  readonly url: string;
  /** Without `content-length`, which is set. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
  /** For the whole of it: connecting, sending, waiting for the answer. */
  readonly timeoutMs: number;
  /** Whose URL it is. */
  readonly tenantId: TenantId;
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

/** How connections are made. */
export interface Wire {
  /** Certificates (PEM) of all authorities that are believed, the well-known ones included; undefined: those. */
  readonly ca?: readonly string[];
  /** `HTTPS_PROXY`: the proxy of https URLs. */
  readonly proxy?: string;
  /** `NO_PROXY`: hosts that it is not asked for. */
  readonly noProxy?: readonly string[];
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
 * Makes the sender of webhook requests, with kept-alive connections of each tenant that go only where the guard lets
 * its URLs go.
 * @param deps `maxConnections`: at most so many to one origin; no less than the requests that may be in flight, else
 * they wait for one another. `now`: the clock of `startedAt`.
 */
export function createAttempts(
  deps: {
    readonly guard: Guard;
    readonly maxConnections?: number;
    readonly wire?: Wire;
    /** What requests carry as `X-Kabar-From`. */
    readonly mark?: string;
    readonly now?: () => number;
  },
): Attempts {
  const { guard, maxConnections = 256, mark, now = systemClock.now, wire = {} } = deps;
  const isProxied = wire.proxy === undefined ? () => false : proxied(wire.noProxy ?? []);
  const deadlines = new Deadlines();
  let isClosed = false;
  /** Connections of each tenant, so that what is looked up for one is known as whose it is. */
  const lanes = new Map<TenantId, ReturnType<typeof makeLane>>();
  const proxy = wire.proxy === undefined ? undefined : createProxy(wire.proxy, wire, maxConnections);

  function laneOf(tenantId: TenantId) {
    const lane = lanes.get(tenantId) ?? makeLane(tenantId);
    lanes.set(tenantId, lane);
    return lane;
  }

  function makeLane(tenantId: TenantId) {
    const agent = createAgent(guard, tenantId, maxConnections, wire);
    const targets = new Map<string, Target>();
    const targetOf = (url: string): Target => {
      let target = targets.get(url);
      if (target === undefined) {
        target = readTarget(url, guard, tenantId);
        if (targets.size >= TARGETS_KEPT) targets.clear();
        targets.set(url, target);
      }
      return target;
    };
    const agentOf = (target: { readonly origin: string; readonly host: string }): Dispatcher =>
      proxy !== undefined && isProxied(target) ? proxy : agent;
    return { agentOf, targetOf, close: () => agent.destroy() };
  }

  const marked = (headers: AttemptRequest["headers"]) =>
    mark === undefined ? headers : { ...headers, [FROM_HEADER]: fromWith(headers[FROM_HEADER], mark) };

  return {
    attempt({ url, headers, body, timeoutMs, tenantId }, signal) {
      const { agentOf, targetOf } = laneOf(tenantId);
      const target = targetOf(url);
      const startedAt = now();
      if ("refusal" in target) return Promise.resolve(unsent("refused_address", target.refusal, startedAt));
      if (isClosed || signal?.aborted) {
        return Promise.resolve(unsent("aborted", "Stopped before it was sent", startedAt));
      }
      const { host, origin, path } = target;
      const content = typeof body === "string" ? bytesOf(body) : body;
      const send = () =>
        new Promise<Outcome>((decided) => {
          new Exchange({
            dispatcher: agentOf(target),
            options: { origin, path, method: "POST", headers: marked(headers), body: content },
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
      if (tenantId === DEFAULT_TENANT || proxy === undefined || !isProxied(target)) return send();
      // The proxy looks the name up itself: it is checked here as far as that goes.
      return guard.refusedName(host, tenantId).then((refusal) =>
        refusal === undefined ? send() : unsent("refused_address", refusal, startedAt)
      );
    },
    async close() {
      isClosed = true;
      await deadlines.idle();
      await Promise.all([...[...lanes.values()].map((lane) => lane.close()), proxy?.destroy()]);
    },
  };
}

/** The gateways that an event has come through, with this one. */
function fromWith(passed: string | undefined, mark: string): string {
  return passed === undefined ? mark : `${passed}, ${mark}`;
}

/** Connections that go only where the guard lets the tenant's URLs go, for requests whose URL's host it has passed. */
function createAgent(guard: Guard, tenantId: TenantId, maxConnections: number, { ca }: Wire): Agent {
  return new Agent({
    ...agentOptions(maxConnections),
    connect: guardedConnect({ guard, tenantId, made: rememberHeads }, {
      timeout: CONNECT_TIMEOUT_MS,
      allowH2: false,
      ...(ca !== undefined && { ca: [...ca] }),
    }),
  });
}

/** Connections through a proxy, which is told where they lead. */
function createProxy(uri: string, { ca }: Wire, maxConnections: number): ProxyAgent {
  return new ProxyAgent({
    ...agentOptions(maxConnections),
    uri,
    requestTls: { timeout: CONNECT_TIMEOUT_MS, ...(ca !== undefined && { ca: [...ca] }) },
    proxyTls: { timeout: CONNECT_TIMEOUT_MS, ...(ca !== undefined && { ca: [...ca] }) },
  });
}

function agentOptions(maxConnections: number) {
  return {
    allowH2: false, // HTTP/1.1 is what every receiver speaks
    connections: maxConnections,
    keepAliveTimeout: IDLE_CONNECTION_MS,
    keepAliveMaxTimeout: MAX_IDLE_CONNECTION_MS,
    headersTimeout: 0, // exchanges watch their own deadlines
    bodyTimeout: 0,
  };
}

/** Which targets go through the proxy: all with https, but for the hosts (or `.domains`) that are left out. */
function proxied(left: readonly string[]) {
  return ({ origin, host }: { readonly origin: string; readonly host: string }): boolean =>
    origin.startsWith("https:") &&
    !left.some((name) =>
      name === "*" || host === name.replace(/^\./, "") || host.endsWith(`.${name.replace(/^\./, "")}`)
    );
}

function readTarget(text: string, guard: Guard, tenantId: TenantId): Target {
  const url = URL.parse(text);
  if (url === null) return { refusal: "The URL cannot be read" };
  const refusal = guard.refusalOf(url, tenantId);
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
