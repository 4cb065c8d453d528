import { MINUTE_MS } from "../../spans.ts";
import type { Context } from "@hono/hono";
import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import type { CounterOf } from "../../async/hit_counter.ts";
import { logOf } from "../../log.ts";
import { FROM_HEADER, passedGateways } from "../../net/passed_gateways.ts";
import type { TakeIn } from "../../providers/intake.ts";
import type { Provider } from "../../providers/provider.ts";
import { json, NO_KEY } from "../answers.ts";
import { type ClientAddressOf, isWithin } from "../client_address.ts";
import type { HttpEnv } from "../context.ts";
import type { ThisMachine } from "../this_machine.ts";
import { createDoor } from "./door.ts";
import { readBody } from "./inbound.ts";
import { createWindowLimit } from "./window_limit.ts";

const log = logOf("receivers");

export interface ReceiverDeps {
  readonly takeIn: TakeIn;
  readonly thisMachine: Pick<ThisMachine, "strangerOf">;
  /** `RECEIVERS_OPEN`. */
  readonly open: boolean;
  readonly clientAddressOf: ClientAddressOf;
  /** Where requests are counted; left out: here alone. */
  readonly counterOf?: CounterOf;
  readonly now: () => number;
}

const Received = z.object({ success: z.literal(true), message: z.string() }).openapi("WebhookReceived");
const Refused = z.object({ success: z.literal(false), message: z.string(), error: z.string().optional() })
  .openapi("WebhookRefused");
const Ready = z.object({ success: z.literal(true), message: z.string() }).catchall(z.unknown());
/** Described only: each system has bodies of its own, and `Provider.read` judges them. */
const Body = z.object({}).catchall(z.unknown());

const ANSWERS = {
  200: json("It is stored: as events, or kept whole in the system log", Received),
  400: json("The body is not one of the forms that are accepted", Refused),
  401: json(
    "The signature is missing or wrong, or nothing protects this receiver and the caller is elsewhere",
    Refused,
  ),
  403: json("The address is not one of those that may post, or a web page sent it", Refused),
  409: json("The gateway runs a device of this name itself", Refused),
  413: json("The body is too large", Refused),
  415: json("The body is packed in a way that is not known", Refused),
  429: json("Too many requests", Refused),
  503: json("The store cannot accept anything now; send it again", Refused),
};

/**
 * The routes that another system posts to. They need no key: an address list, a signature, or being on this machine
 * lets a request in, in this order and before its body is read as far as that is possible.
 */
export function createReceiver(provider: Provider, deps: ReceiverDeps): OpenAPIHono<HttpEnv> {
  const { takeIn, clientAddressOf, now } = deps;
  const { source, title, proof, words } = provider;
  const routes = new OpenAPIHono<HttpEnv>();
  const door = createDoor({ ...deps, source, remedy: provider.remedy });
  const waitOf = provider.perMinute === undefined ? () => 0 : createWindowLimit({
    limit: provider.perMinute,
    windowMs: MINUTE_MS,
    hits: deps.counterOf?.(`receiver ${source}`, MINUTE_MS),
    now,
  });

  function refuse(c: Context<HttpEnv>, status: 401 | 403 | 429, message: string) {
    return c.json(
      { success: false as const, message, ...(provider.errorField && { error: message }) },
      status,
    );
  }

  /** Requests that are rightly signed do not count. */
  function tooHasty(c: Context<HttpEnv>): Response | undefined {
    const waitMs = waitOf(clientAddressOf(c));
    if (waitMs === 0) return undefined;
    c.header("Retry-After", String(Math.ceil(waitMs / 1000)));
    return refuse(c, 429, words.tooMany);
  }

  async function receive(c: Context<HttpEnv>) {
    const { secret, allowedIps } = proof;
    if (allowedIps !== undefined) {
      const address = clientAddressOf(c);
      if (address === undefined || !isWithin(address, allowedIps)) {
        log.warn("webhook.refused", { source, address, why: "address not allowed" });
        return refuse(c, 403, "Forbidden");
      }
    }
    const signature = proof.headers.map((name) => c.req.header(name)).find((value) => value !== undefined);
    if (secret === undefined || signature === undefined) {
      const hasty = tooHasty(c);
      if (hasty !== undefined) return hasty;
      if (secret !== undefined && proof.required) return refuse(c, 401, words.unsigned);
      const isKnown = allowedIps !== undefined || (secret === undefined && proof.unsignedByNature === true);
      if (!isKnown) await door(c);
    }
    const { packed, inbound } = await readBody(c, provider.maxBytes);
    if (secret !== undefined && signature !== undefined) {
      const isGenuine = proof.isGenuine(signature, packed, secret) ||
        (packed !== inbound.raw && proof.isGenuine(signature, inbound.raw, secret));
      if (!isGenuine) {
        log.warn("webhook.refused", { source, why: "signature" });
        return tooHasty(c) ?? refuse(c, 401, words.signature);
      }
    }
    const message = await takeIn(provider, {
      ...inbound,
      session: sessionIn(c),
      passed: passedGateways(c.req.header(FROM_HEADER)),
    });
    return c.json({ success: true as const, message }, 200);
  }

  for (const path of provider.paths) {
    const params = path.includes("{sessionId}")
      ? {
        params: z.object({
          sessionId: z.string().openapi({
            param: { name: "sessionId", in: "path" },
            example: "test-session",
          }),
        }),
      }
      : {};
    const route = { tags: ["Receivers"], security: NO_KEY, path, request: params };
    const { example, ...doc } = provider.doc;
    const content = { "application/json": { schema: Body, example } };
    const request = { ...params, body: { required: true, content } };
    const post = createRoute({ ...route, ...doc, request, method: "post", responses: ANSWERS });
    const get = createRoute({
      ...route,
      method: "get",
      summary: `See that webhooks of ${title === "Qiscus" ? title : `a ${title}`} can be sent here`,
      responses: { 200: json("Ready", Ready) },
    });
    routes.openAPIRegistry.registerPath(get);
    routes.get(
      get.getRoutingPath(),
      (c) => c.json({ success: true, ...provider.about(path, sessionIn(c)) }, 200),
    );
    routes.openAPIRegistry.registerPath(post);
    routes.post(post.getRoutingPath(), receive);
  }
  return routes;
}

function sessionIn(c: Context<HttpEnv>): string | undefined {
  return c.req.param("sessionId");
}

/** Paths whose bodies the receiver of a provider bounds itself. */
export function receiverPaths({ paths }: Pick<Provider, "paths">): readonly RegExp[] {
  return paths.map((path) => new RegExp(`^${path.replace(/\{\w+\}/g, "[^/]+")}/?$`));
}
