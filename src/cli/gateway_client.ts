import { z } from "zod";
import type { Settings } from "../config.ts";
import { messageOf } from "../errors.ts";

/** Where a running gateway is, and the keys to it. */
export type ClientSettings = Pick<Settings, "HOST" | "PORT" | "APP_URL" | "API_KEY" | "MASTER_KEY">;

/** A running gateway did not answer, or refused. The message names the setting that mends it. */
export class GatewayError extends Error {
  override readonly name = "GatewayError";
  constructor(message: string, readonly status: number | undefined = undefined) {
    super(message);
  }

  /** It may be over by itself: nobody answers just now, or the gateway starts or stops. */
  get isPassing(): boolean {
    return this.status === undefined || this.status >= 500;
  }
}

/** Asks a running gateway. */
export interface GatewayClient {
  readonly base: string;
  /**
   * Sends JSON and reads JSON.
   * @throws {GatewayError} If it cannot be reached, or refuses.
   */
  ask(path: string, body?: unknown): Promise<unknown>;
  /**
   * Sends a request and leaves the answer unread.
   * @throws {GatewayError} If it cannot be reached, or refuses.
   */
  open(path: string, init?: RequestInit): Promise<Response>;
}

const EVERYWHERE: ReadonlySet<string> = new Set(["0.0.0.0", "::"]);

const refusal = z.object({ message: z.string() }).or(
  z.object({ error: z.object({ message: z.string() }) }).transform(({ error }) => error),
);

/** The address of the gateway on this machine, as `HOST` and `PORT` set it. */
export function localAddress({ HOST, PORT }: Pick<Settings, "HOST" | "PORT">): string {
  const host = EVERYWHERE.has(HOST) ? "127.0.0.1" : HOST;
  return `http://${host.includes(":") ? `[${host}]` : host}:${PORT}`;
}

/** Reaches the gateway at `APP_URL`, or else on this machine. */
export function createGatewayClient(settings: ClientSettings): GatewayClient {
  const base = settings.APP_URL ?? localAddress(settings);
  const keys: Record<string, string> = {
    ...(settings.API_KEY === undefined ? {} : { "x-api-key": settings.API_KEY }),
    ...(settings.MASTER_KEY === undefined ? {} : { "x-master-key": settings.MASTER_KEY }),
  };
  const open = async (path: string, init: RequestInit = {}): Promise<Response> => {
    const headers = { ...keys, ...Object.fromEntries(new Headers(init.headers)) };
    let response: Response;
    try {
      response = await fetch(new URL(path, base), { ...init, headers });
    } catch (error) {
      if (init.signal?.aborted) throw error;
      const where = settings.APP_URL === undefined ? "HOST and PORT say" : "APP_URL says";
      throw new GatewayError(
        `Cannot ask ${base}: ${unreachable(error)}. Is the gateway running? ${where} where it is`,
      );
    }
    if (response.ok) return response;
    const reason = await reasonOf(response);
    const hint = hintFor(response.status, path, settings);
    throw new GatewayError(`Cannot ask ${base}: ${response.status}: ${reason}${hint}`, response.status);
  };
  return {
    base,
    open,
    async ask(path, body) {
      const response = await open(path, {
        method: body === undefined ? "GET" : "POST",
        headers: { "content-type": "application/json" },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      return await response.json();
    },
  };
}

/** Why a request got no answer: the runtime itself only says "fetch failed". */
export function unreachable(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  return /ECONNREFUSED|refused/i.test(messageOf(cause ?? error))
    ? "nothing listens there"
    : messageOf(cause ?? error);
}

async function reasonOf(response: Response): Promise<string> {
  const text = await response.text();
  try {
    return refusal.parse(JSON.parse(text)).message;
  } catch {
    return "the answer is not Kabar's"; // some other server, or a proxy in between
  }
}

function hintFor(status: number, path: string, { API_KEY, MASTER_KEY }: ClientSettings): string {
  if (status !== 401) return "";
  if (path.startsWith("/admin")) {
    return MASTER_KEY === undefined
      ? ". Set MASTER_KEY to the gateway's"
      : ". MASTER_KEY is not the gateway's";
  }
  return API_KEY === undefined
    ? ". Set API_KEY to the key that the gateway printed at its first start; `kabar key` makes a new one"
    : ". API_KEY is not a key of this gateway; `kabar key` makes a new one";
}
