import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import type { AddressBook } from "../../devices/address_book.ts";
import type { DeviceService } from "../../devices/devices.ts";
import type { SessionFor } from "../../devices/session_for.ts";
import { InvalidError, NotFoundError } from "../../errors.ts";
import { type HistoryAsking, MOST_CHATS } from "../../history/requests.ts";
import { recipientOf } from "../../messages/recipient.ts";
import type { HistoryQuestion, HistoryRequest, HistoryRequests } from "../../store/history_requests.ts";
import type { Device } from "../../store/devices.ts";
import type { KeyAccess } from "../../tenants/keyring.ts";
import { mayIn } from "../chat_fence.ts";
import { dataOf, jsonBody, refusals, TENANT_KEY } from "../answers.ts";
import type { HttpEnv } from "../context.ts";
import { body, query, wholeNumber } from "../fields.ts";
import { secondsOf } from "../../spans.ts";
import { DeviceId } from "../shapes/device.ts";

const route = { tags: ["Chats"], security: TENANT_KEY };
const PAGE = 50;
/** Of each conversation, when nothing else is said. */
const COUNT = 50;
const MOST_COUNT = 1_000;
const LATEST_S = 100_000_000_000;

const InPath = DeviceId.extend({
  request: z.string().max(100).openapi({
    param: { name: "request", in: "path" },
    description: "The request's id",
    example: "hist_01k8zq4v7n2m5x9c3b6f8h0j1d",
  }),
});

const RequestShape = z.object({
  id: z.string().openapi({ example: "hist_01k8zq4v7n2m5x9c3b6f8h0j1d" }),
  device_id: z.string(),
  chat: z.string().nullable().openapi({ description: "Null: all chats" }),
  before: z.int().nullable().openapi({ description: "Unix seconds" }),
  count: z.int().nullable().openapi({ description: "Messages of each chat; null: as many as `since` takes" }),
  since: z.int().nullable().openapi({ description: "Unix seconds" }),
  status: z.enum(["asked", "answering", "done", "exhausted", "silent", "failed", "cancelled"]).openapi({
    description:
      "`asked`: nothing has come yet. `answering`: some has, and more is asked for. `done`: what was asked for is " +
      "there. `exhausted`: the phone has nothing more. `silent`: the phone did not answer within a minute; what it " +
      "hands over later is taken all the same. `failed`: given up, see `error`. `cancelled`: by `DELETE`.",
  }),
  chats: z.int().openapi({ description: "How many chats are asked for" }),
  chats_done: z.int(),
  chats_exhausted: z.int().openapi({ description: "Of how many the phone has nothing more" }),
  chats_unanswered: z.int(),
  answers: z.int().openapi({ description: "How often the phone has answered" }),
  messages: z.int().openapi({ description: "Messages in these answers" }),
  added: z.int().openapi({
    description: "Those that were not known: with reactions, which count as messages here",
  }),
  error: z.string().nullable(),
  created_at: z.int(),
  updated_at: z.int(),
  finished_at: z.int().nullable(),
}).openapi("HistoryRequest");

const time = z.int().min(0).max(LATEST_S);

const ask = createRoute({
  ...route,
  method: "post",
  path: "/devices/{id}/history",
  summary: "Ask the phone for messages that are older than those that are known",
  description:
    "The phone hands them over in pages of up to 50, if it is on. They are kept like messages that came by " +
    "themselves: read them with `GET …/chats/{chat}/messages`, find them with `GET …/search`. With the setting " +
    "`HISTORY_EVENTS` they are events as well, marked `backfilled`. A request that repeats one under way is that one.",
  request: {
    params: DeviceId,
    body: jsonBody(
      body({
        chat: z.string().min(1).max(100).optional().openapi({
          description:
            `The chat's jid, or a phone number; left out: the ${MOST_CHATS} chats with the newest messages, one after ` +
            "the other",
          example: "628000000142@s.whatsapp.net",
        }),
        before: time.optional().openapi({
          description:
            "Unix seconds: messages older than this; left out: older than the oldest that is known",
        }),
        count: z.int().min(1).max(MOST_COUNT).optional().openapi({
          description: `So many messages of each chat; ${COUNT} when neither this nor \`since\` is given`,
        }),
        since: time.optional().openapi({
          description:
            "Unix seconds: asks on, page by page, until this time is reached or the phone has no more",
        }),
      }),
      { required: false },
    ),
  },
  responses: {
    202: dataOf("The phone is asked", RequestShape),
    ...refusals(404, 409, 413, 415, 422, 429, 503),
  },
});

const get = createRoute({
  ...route,
  method: "get",
  path: "/devices/{id}/history/{request}",
  summary: "See what a phone has handed over for a request",
  request: { params: InPath },
  responses: { 200: dataOf("The request", RequestShape), ...refusals(404, 429) },
});

const list = createRoute({
  ...route,
  method: "get",
  path: "/devices/{id}/history",
  summary: "List the requests to a device's phone for older messages, newest first",
  request: { params: DeviceId, query: query({ limit: wholeNumber({ min: 1, max: 200 }).optional() }) },
  responses: {
    200: dataOf("The requests", z.object({ requests: z.array(RequestShape), count: z.int() })),
    ...refusals(404, 429),
  },
});

const cancel = createRoute({
  ...route,
  method: "delete",
  path: "/devices/{id}/history/{request}",
  summary: "Ask a phone no more for a request",
  description:
    "What the phone has handed over stays, and the page that it was asked for last is still taken. Cancelling what is " +
    "cancelled is fine; a request that has ended otherwise is refused.",
  request: { params: InPath },
  responses: { 200: dataOf("It is cancelled", RequestShape), ...refusals(404, 409, 429, 503) },
});

export interface HistoryRouteDeps {
  readonly devices: Pick<DeviceService, "get">;
  readonly historyAsking: Pick<HistoryAsking, "ask" | "cancel">;
  readonly historyRequests: Pick<HistoryRequests, "get" | "list">;
  readonly sessionFor: SessionFor;
  readonly addresses: Pick<AddressBook, "chat">;
  readonly countryCode: string;
  readonly now: () => number;
}

/** Routes over what phones are asked for of the past. */
export function createHistoryRoutes(deps: HistoryRouteDeps): OpenAPIHono<HttpEnv> {
  const { devices, historyAsking, historyRequests, sessionFor, addresses, countryCode, now } = deps;
  const routes = new OpenAPIHono<HttpEnv>();
  /** A key for some chats sees what was asked of one of them. */
  const mayRead = async (access: KeyAccess, device: Device, { chat }: HistoryRequest) =>
    access.readChats === null || (chat !== null && await mayIn(access, "read", { device, chat, addresses }));

  routes.openapi(ask, async (c) => {
    const device = await devices.get(c.get("tenant").id, c.req.valid("param").id);
    const { chat, ...times } = c.req.valid("json") ?? {};
    const about = questionOf(times, now());
    const jid = chat === undefined ? null : recipientOf(chat, "chat", countryCode);
    sessionFor(device); // it has to be connected
    const question = { ...about, chat: jid && (await addresses.chat(device.id, jid)).jid };
    const request = await historyAsking.ask(device, question);
    return c.json({ success: true as const, data: requestShown(request) }, 202);
  });

  routes.openapi(list, async (c) => {
    const device = await devices.get(c.get("tenant").id, c.req.valid("param").id);
    const found = await historyRequests.list(device.id, c.req.valid("query").limit ?? PAGE);
    const own = await Promise.all(found.map((request) => mayRead(c.get("access"), device, request)));
    const requests = found.filter((_, place) => own[place]).map(requestShown);
    const data = { requests, count: requests.length };
    return c.json({ success: true as const, data }, 200);
  });

  routes.openapi(get, async (c) => {
    const { id, request } = c.req.valid("param");
    const device = await devices.get(c.get("tenant").id, id);
    const found = await historyRequests.get(device.id, request);
    if (found === undefined || !await mayRead(c.get("access"), device, found)) {
      throw new NotFoundError("request", request);
    }
    return c.json({ success: true as const, data: requestShown(found) }, 200);
  });

  routes.openapi(cancel, async (c) => {
    const { id, request } = c.req.valid("param");
    const device = await devices.get(c.get("tenant").id, id);
    const found = await historyAsking.cancel(device.id, request);
    if (found === undefined) throw new NotFoundError("request", request);
    return c.json({ success: true as const, data: requestShown(found) }, 200);
  });

  return routes;
}

/** @throws {InvalidError} If the times cannot be meant. */
function questionOf(
  { before, count, since }: { readonly before?: number; readonly count?: number; readonly since?: number },
  now: number,
): Omit<HistoryQuestion, "chat"> {
  const nowS = secondsOf(now);
  if (before !== undefined && before > nowS) {
    throw new InvalidError(
      "before",
      `Field \`before\` must not be in the future: got ${before}, now is ${nowS}`,
    );
  }
  if (count !== undefined && since !== undefined) {
    const message =
      `Field \`since\` cannot go with \`count\`: got ${since} and ${count}; one says how far to go`;
    throw new InvalidError("since", message);
  }
  const latest = before ?? nowS;
  if (since !== undefined && since >= latest) {
    const what = before === undefined ? "now" : "`before`";
    throw new InvalidError(
      "since",
      `Field \`since\` must be earlier than ${what}: got ${since}, ${what} is ${latest}`,
    );
  }
  return {
    before: before === undefined ? null : before * 1_000,
    count: count ?? (since === undefined ? COUNT : null),
    since: since === undefined ? null : since * 1_000,
  };
}

function requestShown(request: HistoryRequest): z.infer<typeof RequestShape> {
  const seconds = (ms: number | null) => ms === null ? null : secondsOf(ms);
  return {
    id: request.id,
    device_id: request.deviceId,
    chat: request.chat,
    before: seconds(request.before),
    count: request.count,
    since: seconds(request.since),
    status: request.status,
    chats: request.chats.length,
    chats_done: Math.min(request.position, request.chats.length),
    chats_exhausted: request.exhausted,
    chats_unanswered: request.unanswered,
    answers: request.pages,
    messages: request.messages,
    added: request.added,
    error: request.error,
    created_at: secondsOf(request.createdAt),
    updated_at: secondsOf(request.updatedAt),
    finished_at: seconds(request.finishedAt),
  };
}
