import http from "node:http";
import https from "node:https";
import { connect as connectTls } from "node:tls";
import type { Duplex } from "node:stream";
import type { Clock } from "../../async/clock.ts";
import { messageOf } from "../../errors.ts";
import { type ResolvedProxy, urlOf } from "../../net/proxy.ts";
import { connectThrough } from "../../net/tunnel.ts";

export interface ProxyAgentDeps {
  readonly proxy: ResolvedProxy;
  /** How long the proxy may take to connect. */
  readonly timeoutMs: number;
  readonly clock: Pick<Clock, "wait">;
  /** No connection could be made through it: why, without secrets. */
  readonly onFailed: (why: string) => void;
}

interface Wanted {
  readonly host?: string | null;
  readonly port?: number | string | null;
  readonly servername?: string;
  readonly ca?: string;
}

type Done = (error: Error | null, stream?: Duplex) => void;

/** The agent of a WebSocket that goes through a proxy, to a `ws:` or `wss:` address. */
export function createProxyAgent(url: string, deps: ProxyAgentDeps): http.Agent {
  const isSecure = new URL(url).protocol === "wss:";
  const { proxy, onFailed, ...bounds } = deps;

  function createConnection(options: Wanted, done: Done): undefined {
    const host = options.host ?? "";
    const target = { host, port: Number(options.port ?? (isSecure ? 443 : 80)) };
    connectThrough(proxy, target, bounds).then(
      (socket) => {
        if (!isSecure) return done(null, socket);
        const { servername = host, ca } = options;
        const line = connectTls({ socket, servername, ca, ALPNProtocols: ["http/1.1"] });
        line.once("secureConnect", () => done(null, line)).once("error", done);
      },
      (error) => {
        onFailed(messageOf(error));
        done(error);
      },
    );
    return undefined;
  }

  const agent = isSecure ? new https.Agent() : new http.Agent();
  return Object.assign(agent, { createConnection });
}

/** How files are fetched and brought: over a proxy, and with an authority (PEM) that only this process trusts. */
export interface MediaWay {
  readonly proxy?: ResolvedProxy;
  readonly caPem?: string;
}

/** The HTTP client of a way; undefined when it is everybody's. Whoever gets one closes it. */
export function clientOf({ proxy, caPem }: MediaWay): Deno.HttpClient | undefined {
  if (proxy === undefined && caPem === undefined) return undefined;
  return Deno.createHttpClient({
    ...(caPem === undefined ? {} : { caCerts: [caPem] }),
    ...(proxy === undefined ? {} : { proxy: { url: urlOf(proxy, proxy.address) } }),
  });
}

/** Baileys hands this to `fetch` where Node's would take a dispatcher. */
export class ProxiedFetches {
  readonly client: Deno.HttpClient;

  constructor(way: MediaWay) {
    const client = clientOf(way);
    if (client === undefined) throw new TypeError("Cannot make fetches go another way: there is none");
    this.client = client;
  }

  close(): void {
    this.client.close();
  }
}

let installed = false;

/**
 * Lets what Baileys fetches by itself, pages of history and of its own settings, take the way that its dispatcher
 * names: Deno's `fetch` knows no dispatchers and would go straight there. Once per process.
 * @see Baileys lib/Utils/messages-media.js `getHttpStream`
 */
export function heedProxiedFetches(): void {
  if (installed) return;
  installed = true;
  const plain = globalThis.fetch;
  globalThis.fetch = (input, init) => {
    const way: unknown = init !== undefined && "dispatcher" in init ? init.dispatcher : undefined;
    return way instanceof ProxiedFetches ? plain(input, { ...init, client: way.client }) : plain(input, init);
  };
}
