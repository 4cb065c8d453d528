// The receivers over a real store, with what they publish recorded.
import { lastingRights } from "./rights.ts";
import type { OpenAPIHono } from "@hono/zod-openapi";
import { createProviders } from "../../src/app/providers.ts";
import { parseSettings } from "../../src/config.ts";
import { createSystemLogRoutes } from "../../src/http/blasts/system_logs.ts";
import { ensureDefaultTenant } from "../../src/tenants/default_tenant.ts";
import { withOrigin } from "../../src/events/origin.ts";
import type { EventDraft, KabarEvent } from "../../src/events/event.ts";
import type { HttpEnv } from "../../src/http/context.ts";
import { createHttp } from "../../src/http/server.ts";
import { createThisMachine } from "../../src/http/this_machine.ts";
import { createQiscusStatuses, type QiscusStatuses } from "../../src/providers/qiscus/statuses.ts";
import type { Publish } from "../../src/publish.ts";
import { createExternalDevices, type ExternalDevices } from "../../src/providers/universal/line.ts";
import { createQiscusLine } from "../../src/providers/qiscus/line.ts";
import type { OutgoingMessage } from "../../src/store/messages.ts";
import type { Store } from "../../src/store/store.ts";
import { aMessage } from "./messaging.ts";
import { temporaryStore } from "./temporary_store.ts";

export interface ReceivingOptions {
  readonly secret?: string;
  readonly allowedIps?: readonly string[];
  readonly perMinute?: number;
  /** `WHATSAPP_WEBHOOK_RATE_LIMIT`. */
  readonly universalPerMinute?: string;
  readonly maxAttachmentSize?: string;
  readonly trustProxy?: readonly string[];
  readonly appUrl?: string;
  /** `RECEIVERS_OPEN`. */
  readonly open?: boolean;
  /** Whether the settings of Qiscus are complete. */
  readonly configured?: boolean;
  readonly isSending?: () => boolean;
  readonly unconfirmedTo?: (recipient: string) => OutgoingMessage | undefined;
  readonly now?: () => number;
}

export interface Receiving extends AsyncDisposable {
  readonly store: Store;
  readonly path: string;
  readonly app: OpenAPIHono<HttpEnv>;
  readonly statuses: QiscusStatuses;
  readonly externalDevices: ExternalDevices;
  readonly published: EventDraft[];
  /** What became of each webhook, as metrics count it. */
  readonly counted: readonly string[];
  /** Posts a body (text as it is, anything else as JSON) and reads the answer. */
  post(path: string, body: unknown, options?: {
    readonly headers?: Readonly<Record<string, string>>;
    readonly from?: string;
  }): Promise<{ readonly status: number; readonly json: Record<string, unknown> }>;
  get(path: string): Promise<{ readonly status: number; readonly json: Record<string, unknown> }>;
  /** Stores a message that Qiscus has under this id. */
  accepted(waMessageId: string, other?: Partial<OutgoingMessage>): Promise<OutgoingMessage>;
  events(): Promise<readonly KabarEvent[]>;
}

export async function setUpReceiving(options: ReceivingOptions = {}): Promise<Receiving> {
  const now = options.now ?? Date.now;
  const kept = await temporaryStore(now);
  const { store } = kept;
  const published: EventDraft[] = [];
  const publish: Publish = async (reported) => {
    const draft = withOrigin(reported);
    const result = await store.events.append(draft, [], now());
    if (!result.duplicate) published.push(draft);
    return result;
  };
  const device = createQiscusLine({ ...store, channelId: "4711", now });
  const statuses = createQiscusStatuses({
    ...store,
    publish,
    device,
    isSending: options.isSending ?? (() => false),
    unconfirmedTo: options.unconfirmedTo ?? (() => undefined),
    now,
  });
  const externalDevices = createExternalDevices({ ...store, publish, now });
  const counted: string[] = [];
  const parsed = parseSettings({
    APP_URL: options.appUrl,
    TRUST_PROXY: options.trustProxy?.join(","),
    RECEIVERS_OPEN: String(options.open ?? false),
    QISCUS_WEBHOOK_SECRET: options.secret,
    WHATSAPP_WEBHOOK_SECRET: options.secret,
    QISCUS_ALLOWED_IPS: options.allowedIps?.join(","),
    QISCUS_RATE_LIMIT: options.perMinute === undefined ? undefined : String(options.perMinute),
    WHATSAPP_WEBHOOK_RATE_LIMIT: options.universalPerMinute,
    MAX_ATTACHMENT_SIZE: options.maxAttachmentSize,
  });
  if (!parsed.ok) throw new Error(parsed.problems.join("; "));
  const { settings } = parsed;
  const providers = createProviders({
    store,
    settings,
    qiscus: { statuses, publish, device, configured: options.configured ?? false },
    externalDevices,
    thisMachine: createThisMachine({ appUrl: options.appUrl, trustProxy: options.trustProxy, ...store }),
    counted: (source, outcome) => counted.push(`${source} ${outcome}`),
    now,
  });
  await ensureDefaultTenant({ ...store, apiKey: "key", apiAuth: "off", now });
  const app = createHttp({
    auth: {
      ...store,
      apiAuth: "off",
      masterKey: undefined,
      rightsOf: lastingRights,
    },
    health: { readiness: () => Promise.resolve({ ready: true, checks: {} }), startedAt: now(), now },
    open: providers.open.map((routes) => ({ at: "/", routes })),
    keyed: [{ at: "/api", routes: createSystemLogRoutes({ ...store, replay: providers.replay }) }],
    streamedBodies: providers.streamedBodies,
    now,
  });

  const read = async (response: Response) => ({ status: response.status, json: await response.json() });
  return {
    store,
    path: kept.path,
    app,
    statuses,
    externalDevices,
    published,
    counted,
    async post(path, body, { headers = {}, from = "127.0.0.1" } = {}) {
      const sent = typeof body === "string" ? body : JSON.stringify(body);
      const request = {
        method: "POST",
        headers: { "Content-Type": "application/json", ...headers },
        body: sent as BodyInit,
      };
      return await read(await app.request(path, request, { remoteAddr: { hostname: from } }));
    },
    get: async (path) => await read(await app.request(path, {}, { remoteAddr: { hostname: "127.0.0.1" } })),
    async accepted(waMessageId, other = {}) {
      const message = aMessage({
        channel: "qiscus",
        deviceId: null,
        status: "processing",
        waMessageId,
        ...other,
      });
      await store.messages.create(message);
      return message;
    },
    events: () => store.events.list({ tenantId: "tenant_default", limit: 1_000, order: "oldest" }),
    [Symbol.asyncDispose]: () => kept[Symbol.asyncDispose](),
  };
}
