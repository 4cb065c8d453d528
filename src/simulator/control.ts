// A small HTTP API that plays everybody on the simulated network: phones that scan, contacts that write, groups.
import { Hono } from "@hono/hono";
import { contactRoutes } from "./control_contacts.ts";
import { faultRoutes } from "./control_faults.ts";
import { groupRoutes } from "./control_groups.ts";
import { phoneRoutes } from "./control_phones.ts";
import { ControlError } from "./control_request.ts";
import type { WhatsAppSimulator } from "./server.ts";

/** Where the control API listens; it has no authentication, so keep it on loopback. */
export interface ControlSettings {
  readonly simulator: WhatsAppSimulator;
  readonly hostname?: string;
  /** 0, the default, takes any free port. */
  readonly port?: number;
}

export interface ControlServer {
  readonly url: string;
  stop(): Promise<void>;
}

const ROUTES = {
  "GET /phones, GET /phones/:phone": "phones and their linked devices",
  "POST /phones": "{phone, name?, history?}",
  "POST /phones/:phone/scan": "{qr}",
  "POST /phones/:phone/code": "{code}",
  "POST /phones/:phone/messages": "{to, …message}: the owner types on the phone",
  "POST /phones/:phone/devices/:id/(drop|replace|remove|restart|blackhole)": "{code?} for restart",
  "GET /contacts, GET /contacts/:phone": "people, and how they behave",
  "POST /contacts, PATCH /contacts/:phone":
    "{phone, name?, addressing?, pictureUrl?, autoReceipts?, autoReply?}",
  "POST /contacts/:phone/messages": "{to, …message}",
  "GET /contacts/:phone/messages?wait=&after=": "what they got; waits up to 60 s for something new",
  "GET /contacts/:phone/receipts": "what clients said about messages of this contact",
  "POST /contacts/:phone/receipts": "{to, id, kind}",
  "POST /contacts/:phone/reactions": "{to, id, emoji}",
  "POST /contacts/:phone/edits": "{to, id, text}",
  "POST /contacts/:phone/revokes": "{to, id}",
  "POST /contacts/:phone/votes": "{to, id, options}",
  "POST /contacts/:phone/status": "{to, …message}",
  "POST /contacts/:phone/calls": "{to, callId?, step?, video?, group?}",
  "POST /contacts/:phone/presence": "{to, state, lastSeen?, group?}",
  "POST /contacts/:phone/reinstall": "a new identity",
  "GET /groups, POST /groups": "{subject, members, addressing?, description?}",
  "POST /groups/:jid/messages": "{from, …message}",
  "POST /groups/:jid/members": "{by, change, who}",
  "POST /groups/:jid/(join|leave)": "{who}",
  "PUT /groups/:jid/(subject|description|setting)": "{by, …}",
  "GET /faults, PUT /faults":
    "{refuse?, dropAck?, ackDelayMs?, ignoreQueries?, queryErrors?, upgradeStatus?, loginFailure?, delayOutMs?, refreshOnScan?}",
  "GET /complaints, DELETE /complaints": "what clients did wrong",
  "GET /queries": "how often each query came",
  "…message":
    "one of text, image, video, audio, document, sticker, location, contacts, poll, message; and id?, quotedId?, mentions?, viewOnce?, disappearAfterS?, corrupt?",
} as const;

/** The control API as an application; `stopping` ends requests that wait. */
export function createControl(simulator: WhatsAppSimulator, stopping: AbortSignal): Hono {
  const app = new Hono();
  app.get("/", (c) =>
    c.json({
      what: "A WhatsApp network for tests: this API plays its people",
      url: simulator.url,
      rootKey: simulator.rootKey.toString("hex"),
      tlsCaPem: simulator.tlsCaPem,
      routes: ROUTES,
    }));
  app.route("/phones", phoneRoutes(simulator));
  app.route("/contacts", contactRoutes(simulator, stopping));
  app.route("/groups", groupRoutes(simulator));
  app.route("/", faultRoutes(simulator));
  app.notFound((c) => c.json({ error: `No route ${c.req.method} ${c.req.path}: see GET /` }, 404));
  app.onError((error, c) => {
    if (error instanceof ControlError) {
      return c.json({ error: error.message, field: error.field }, error.status);
    }
    return c.json({ error: String(error) }, 500);
  });
  return app;
}

export function startControlServer(
  { simulator, hostname = "127.0.0.1", port = 0 }: ControlSettings,
): ControlServer {
  const stopping = new AbortController();
  const app = createControl(simulator, stopping.signal);
  const server = Deno.serve({ hostname, port, onListen: () => {} }, app.fetch);
  return {
    url: `http://${hostname.includes(":") ? `[${hostname}]` : hostname}:${server.addr.port}`,
    stop: async () => {
      stopping.abort();
      simulator.network.touch();
      await server.shutdown();
    },
  };
}
