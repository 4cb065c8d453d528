// A small HTTP API that plays everybody on the simulated network: phones that scan, contacts that write, groups.
import { Hono } from "@hono/hono";
import { GroupRefusal } from "../people/group.ts";
import { contactRoutes } from "./contacts.ts";
import { faultRoutes } from "./faults.ts";
import { groupRoutes } from "./groups.ts";
import { phoneRoutes } from "./phones.ts";
import { ControlError } from "./request.ts";
import type { WhatsAppSimulator } from "../server/server.ts";

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
  "POST /phones":
    "{phone, name?, history?: [{with, messages: [{fromMe?, by?, status?, …message}], unread?, isArchived?, …}] or {chats, messagesEach}}",
  "POST /phones/:phone/receipts": "{chat, id, kind}: read or played on the phone itself",
  "POST /phones/:phone/read":
    "{chat, kind?: read|read-self}: the owner opens the chat on the phone and reads what is new",
  "POST /phones/:phone/marks":
    "{chat, read}: the owner marks the chat as read or unread in the list of chats",
  "POST /phones/:phone/lid-migration": "{contacts}: tells devices whose number belongs to which lid",
  "PATCH /phones/:phone":
    "{name?, placeholders?: {times?, delayMs?, together?, participant?, content?: content|empty|nothing}, historyAnswers?: {times?, delayMs?}}",
  "POST /phones/:phone/contacts": "{contact, fullName, firstName?}: saved in the address book of the phone",
  "POST /phones/:phone/settings": "{collection, index, value, apiVersion?, isRemoved?}: any chat setting",
  "POST /phones/:phone/devices/:id/history":
    "{kind?, chats? (as history), pushNames?, chunkOrder?, progress?, requestId?, asFile?}: a page of the past",
  "POST /phones/:phone/scan": "{qr}",
  "POST /phones/:phone/code": "{code}",
  "POST /phones/:phone/messages": "{to, …message}: the owner types on the phone",
  "POST /phones/:phone/devices/:id/stanzas":
    "{stanza: {tag, attrs?, children?|text?|base64?}, live?}: any stanza, kept for the next login unless live",
  "POST /phones/:phone/devices/:id/stream-error": "{attrs?, children?}",
  "POST /phones/:phone/devices/:id/(drop|replace|remove|restart|blackhole)": "{code?} for restart",
  "GET /contacts, GET /contacts/:phone": "people, and how they behave",
  "POST /contacts, PATCH /contacts/:phone":
    "{phone, name?, addressing?, pictureUrl?, isNumberHidden?, hasDevices?, refusesGroups?, alsoFoundAs?, autoReceipts?, autoReply?}",
  "POST /contacts/:phone/devices, DELETE /contacts/:phone/devices/:id":
    "{id, hosted?}: a device beside the phone, of which clients are told",
  "POST /contacts/:phone/number": "{phone, lid?}: another number, and usually the same lid",
  "POST /contacts/:phone/messages": "{to, …message}",
  "GET /contacts/:phone/messages?wait=&after=": "what they got; waits up to 60 s for something new",
  "GET /contacts/:phone/receipts": "what clients said about messages of this contact",
  "POST /contacts/:phone/receipts":
    "{to, id, kind: delivered|read|played|inactive|sender|read-self|played-self|server-error|peer_msg|hist_sync, chat?, device?}",
  "POST /contacts/:phone/reactions": "{to, id, emoji}",
  "POST /contacts/:phone/edits": "{to, id, text, by?}",
  "POST /contacts/:phone/revokes": "{to, id, by?}: what somebody else wrote, as admins may",
  "POST /contacts/:phone/votes": "{to, id, options}",
  "POST /contacts/:phone/status": "{to, …message}",
  "POST /contacts/:phone/calls":
    "{to, callId?, step?: offer|offer_notice|preaccept|accept|reject|transport|relaylatency|terminate|timeout, reason?, video?, group?}",
  "GET /contacts/:phone/calls": "what clients did with calls of this contact",
  "PUT /contacts/:phone/disappearing, PUT /phones/:phone/disappearing": "{to, seconds}: the timer of a chat",
  "POST /contacts/:phone/presence": "{to, state, lastSeen?, group?}",
  "POST /contacts/:phone/reinstall": "a new identity",
  "GET /groups, POST /groups": "{subject, members, addressing?, description?, isParent?}",
  "POST /groups/:jid/messages":
    "{from, …message}: 403 for who is no member, or no admin where only those write",
  "POST /groups/:jid/members": "{by, change, who}",
  "POST /groups/:jid/(join|leave)": "{who}",
  "PUT /groups/:jid/(subject|description|setting)": "{by, …}",
  "PUT /groups/:jid/disappearing": "{by, seconds}",
  "PUT /groups/:jid/(approval|add-mode)": "{by, on} or {by, mode: admin_add|all_member_add}",
  "POST /groups/:jid/requests, PUT /groups/:jid/requests":
    "{who, by?, method?}: asks to join; {by, who, approve}: answers that",
  "PUT /groups/:jid/parent, DELETE /groups/:jid/parent": "{by, parent} or {by, reason?}: a community",
  "POST /groups/:jid/announcement":
    "{by, to?, type?: new, reason?}: the whole group, as newcomers are told it",
  "POST /groups/:jid/receipts": "{id, kind, readers, t?}: of many members at once",
  "POST /groups/:jid/notifications": "{by?, children, attrs?}: any notification about the group",
  "DELETE /groups/:jid, DELETE /groups/:jid/invite": "{by, reason?}",
  "GET /faults, PUT /faults":
    "{refuse?, dropAck?, ackDelayMs?, ignoreQueries?, queryErrors?, upgradeStatus?, loginFailure?: code or {reason, code?, expire?, message?, url?, logoutMessage?, times?}, delayOutMs?, refreshOnScan?, askPasskey?}",
  "GET /media/faults, PUT /media/faults":
    "[{on?: download|upload, path? or messageId?, status?, delayMs?, bytesPerSecond?, cutAfterBytes?, times?}]",
  "GET /complaints, DELETE /complaints": "what clients did wrong",
  "GET /queries": "how often each query came",
  "…message":
    "one of text, image, video, audio, document, sticker, location, contacts, poll, message, plaintext; and id?, quotedId?, mentions?, viewOnce?, disappearAfterS?, corrupt?; on the wire t?, addressing?: lid|pn, bothAddresses?, broadcast?, fromDevice?: {id, hosted?}, attrs?, enc?, nodes?, unavailable?: {type?, hosted?}, unknownFields?: [{field, base64}]",
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
    if (error instanceof GroupRefusal) {
      return c.json({ error: error.message }, error.code === 404 ? 404 : 403);
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
