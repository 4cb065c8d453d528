import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { messageOf } from "../errors.ts";
import { logOf } from "../log.ts";
import { Body, type BodyLimits } from "./body.ts";
import { BodyBudget } from "./body_budget.ts";
import { type ConnectionLimits, createConnections } from "./connections.ts";
import { loggedPath } from "./logged_path.ts";
import { asRequest, IncomingRequest } from "./request.ts";
import { respond } from "./respond.ts";

const HEADERS_MS = 20_000;
const KEEP_ALIVE_MS = 65_000;
const CHECK_HEADERS_MS = 2_500;
const SWEEP_MS = 1_000;
/** How often it is made sure that new connections are taken, and how long one may take for that. */
const PROBE_MS = 1_000;
const PROBE_WAIT_MS = 1_500;
/** How long a client gets to read why its body was not taken, before its connection is closed. */
const LINGER_MS = 1_000;
/** Connections that may be on their way out while others come in. */
const MOST_CLOSING = 64;
/** Tries to listen again, one a second, before that is given up. */
const MOST_TRIES = 10;
const MIB = 1_048_576;
const LIMITS: BodyLimits = {
  mostBytes: 5 * MIB,
  stallMs: 10_000,
  strangerMs: 60_000,
  strangers: new BodyBudget(32 * MIB),
  known: new BodyBudget(256 * MIB),
};

const log = logOf("http");

/** What is known of a request besides what it says. */
export interface RequestInfo {
  /** The other end of the connection. */
  readonly remoteAddr: { readonly hostname: string };
}

export interface ListenDeps {
  readonly hostname: string;
  /** 0: any free one. */
  readonly port: number;
  /** Never rejects. */
  readonly handle: (request: Request, info: RequestInfo) => Promise<Response>;
  readonly connections: ConnectionLimits;
  /** It can take no connections any more, and could not be made to. */
  readonly onDeaf: (error: Error) => void;
  readonly limits?: Partial<BodyLimits>;
  readonly probeMs?: number;
}

/** Where connections come in. */
export interface Listener {
  readonly port: number;
  /** Open connections, and how many were closed or refused for want of room. */
  load(): { readonly open: number; readonly turnedAway: number };
  /** Takes no new connections, and lets those end that have a request. */
  close(): Promise<void>;
  /** Closes what is left. */
  end(): void;
}

/**
 * Listens for HTTP/1.1 with limits on what strangers can hold: the time for a request's head, for the progress of its
 * body and between requests, the number of connections, and the memory for bodies. `Deno.serve` has none of these, and
 * when it runs out of file descriptors once, it accepts nothing any more and says nothing. This one tries itself every
 * few seconds by a connection of its own, and listens anew when that is not taken.
 * @throws {Error} If the address cannot be had.
 */
export async function listen(deps: ListenDeps): Promise<Listener> {
  const { hostname, handle } = deps;
  const limits = { ...LIMITS, ...deps.limits };
  const connections = createConnections(deps.connections);
  const bodies = new Set<Body>();
  /** Local ports of our own probes, and who waits for them. */
  const probes = new Map<number, () => void>();
  let server = makeServer();
  let lastAcceptedAt = performance.now();
  let closing = false;
  let dropped = 0;
  const { port } = await begin(server, deps.port);
  const sweeping = setInterval(() => {
    const now = performance.now();
    connections.sweep(now);
    for (const body of bodies) body.check(now);
  }, SWEEP_MS);
  let probing: ReturnType<typeof setTimeout> | undefined;
  planProbe();

  function makeServer(): Server {
    const made = createServer({
      headersTimeout: HEADERS_MS,
      requestTimeout: 0, // bodies have limits of their own
      keepAliveTimeout: KEEP_ALIVE_MS,
      connectionsCheckingInterval: CHECK_HEADERS_MS,
    });
    // Beyond this they are dropped before anything is made of them. It leaves room for some that are being closed in
    // favour of newer ones: closing takes longer than accepting, and a burst must not use up the descriptors.
    made.maxConnections = deps.connections.most +
      Math.min(MOST_CLOSING, Math.ceil(deps.connections.most / 4));
    made.on("drop", () => {
      lastAcceptedAt = performance.now();
      dropped++;
    });
    made.on("connection", (socket: Socket) => {
      lastAcceptedAt = performance.now();
      socket.on("error", () => socket.destroy()); // a client went away in the middle; its request hears of it
      const answerProbe = probes.get(socket.remotePort ?? 0);
      if (answerProbe !== undefined) {
        answerProbe();
        socket.destroy();
      } else if (closing || !connections.admit(socket)) socket.destroy();
    });
    made.on("request", (message, response) => void take(message, response, false));
    made.on("checkContinue", (message, response) => void take(message, response, true));
    made.on("clientError", (_error: Error, socket: Socket) => {
      if (socket.writable) {
        socket.end("HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
      }
      socket.destroy();
    });
    return made;
  }

  async function begin(made: Server, at: number): Promise<{ readonly port: number }> {
    await new Promise<void>((resolve, reject) => {
      made.once("error", reject);
      made.listen({ host: hostname, port: at, backlog: 511 }, () => {
        made.off("error", reject);
        resolve();
      });
    });
    made.on("error", (error: Error) => log.error("listener.failed", { error: messageOf(error) }));
    return made.address() as AddressInfo;
  }

  async function take(message: IncomingMessage, response: ServerResponse, expectsContinue: boolean) {
    const { socket } = message;
    const body = new Body(message, limits, () => {
      if (expectsContinue) response.writeContinue();
    });
    const request = new IncomingRequest(message, body);
    connections.began(socket);
    bodies.add(body);
    try {
      const answer = await handle(asRequest(request), {
        remoteAddr: { hostname: socket.remoteAddress ?? "" },
      });
      const closes = closing || !message.complete;
      await respond(answer, response, { isHead: message.method === "HEAD", closes });
    } catch (error) {
      log.warn("http.broken_off", { path: loggedPath(message.url ?? "/"), error: messageOf(error) });
      response.destroy();
    } finally {
      request.answered();
      bodies.delete(body);
      body.release();
      connections.ended(socket);
      if (!message.complete) dismiss(message, socket);
    }
  }

  /** The rest of a body that nobody wants is not waited for, but the client gets time to read why. */
  function dismiss(message: IncomingMessage, socket: Socket): void {
    message.resume();
    const timer = setTimeout(() => socket.destroy(), LINGER_MS);
    socket.once("close", () => clearTimeout(timer));
  }

  function planProbe(): void {
    probing = setTimeout(() => void probe(), deps.probeMs ?? PROBE_MS);
  }

  async function probe(): Promise<void> {
    const isQuiet = performance.now() - lastAcceptedAt >= (deps.probeMs ?? PROBE_MS);
    if (isQuiet && await isDeaf() && await isDeaf() && !closing) {
      log.error("listener.deaf", { port, why: "new connections are not taken; it listens anew" });
      connections.shrink(); // a burst that used up the descriptors is over only when some are free again
      await listenAnew();
    }
    if (!closing) planProbe();
  }

  /** Also true when there is no descriptor for the probe itself: accepting has come to its end then, too. */
  function isDeaf(): Promise<boolean> {
    return new Promise((resolve) => {
      const own = connect({ host: reachable(hostname), port });
      const end = (result: boolean) => {
        clearTimeout(timer);
        if (own.localPort !== undefined) probes.delete(own.localPort);
        own.destroy();
        resolve(result);
      };
      const timer = setTimeout(() => end(true), PROBE_WAIT_MS);
      own.on("connect", () => {
        if (own.localPort !== undefined) probes.set(own.localPort, () => end(false));
        // It may have been taken before its number was known here.
        if (performance.now() - lastAcceptedAt < PROBE_WAIT_MS) end(false);
      });
      own.on("error", () => end(true));
    });
  }

  async function listenAnew(): Promise<void> {
    for (let tries = 1; !closing; tries++) {
      server.close();
      server = makeServer();
      try {
        await begin(server, port);
        log.info("listener.again", { port });
        return;
      } catch (error) {
        if (tries < MOST_TRIES) await new Promise((resolve) => setTimeout(resolve, 1_000));
        else return deps.onDeaf(new Error(`Cannot listen on ${hostname}:${port} again: ${messageOf(error)}`));
      }
    }
  }

  return {
    port,
    load: () => ({ open: connections.size, turnedAway: connections.turnedAway + dropped }),
    async close() {
      closing = true;
      clearTimeout(probing);
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      connections.close("resting");
      await closed;
    },
    end() {
      clearInterval(sweeping);
      connections.close("all");
    },
  };
}

/** An address by which a listener on this one can be reached from here. */
function reachable(hostname: string): string {
  if (hostname === "0.0.0.0" || hostname === "") return "127.0.0.1";
  return hostname === "::" || hostname === "[::]" ? "::1" : hostname;
}
