// The receivers over a real store, with what they publish recorded.
import type { OpenAPIHono } from "@hono/zod-openapi";
import type { EventDraft, KabarEvent } from "../../src/events/event.ts";
import { createClientAddress } from "../../src/http/client_address.ts";
import type { HttpEnv } from "../../src/http/context.ts";
import { createQiscusReceiver } from "../../src/http/receivers/qiscus.ts";
import { createUniversalReceiver } from "../../src/http/receivers/universal.ts";
import { createHttp } from "../../src/http/server.ts";
import { createQiscusStatuses, type QiscusStatuses } from "../../src/messages/qiscus_statuses.ts";
import type { Publish } from "../../src/publish.ts";
import { createExternalDevices, type ExternalDevices } from "../../src/receivers/external_devices.ts";
import { createQiscusLine } from "../../src/receivers/qiscus_line.ts";
import type { OutgoingMessage } from "../../src/store/messages.ts";
import type { Store } from "../../src/store/store.ts";
import { aMessage } from "./messaging.ts";
import { temporaryStore } from "./temporary_store.ts";

export interface ReceivingOptions {
  readonly secret?: string;
  readonly allowedIps?: readonly string[];
  readonly perMinute?: number;
  readonly trustProxy?: readonly string[];
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
  const publish: Publish = async (draft) => {
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
  const shared = {
    ...store,
    clientAddressOf: createClientAddress(options.trustProxy),
    secret: options.secret,
    now,
  };
  const { allowedIps, perMinute } = options;
  const app = createHttp({
    auth: { ...store, apiAuth: "on", masterKey: undefined },
    health: { readiness: () => Promise.resolve({ ready: true, checks: {} }), startedAt: now(), now },
    rateLimitPerMinute: 0,
    open: [
      {
        at: "/",
        routes: createQiscusReceiver({ ...shared, statuses, publish, device, allowedIps, perMinute }),
      },
      { at: "/", routes: createUniversalReceiver({ ...shared, externalDevices }) },
    ],
    keyed: [],
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
    async post(path, body, { headers = {}, from = "127.0.0.1" } = {}) {
      const sent = typeof body === "string" ? body : JSON.stringify(body);
      const request = {
        method: "POST",
        headers: { "Content-Type": "application/json", ...headers },
        body: sent,
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
