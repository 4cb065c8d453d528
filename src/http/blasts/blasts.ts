import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import type { Context } from "@hono/hono";
import type { BlastControl, BlastProgress } from "../../blasts/control.ts";
import { BlastTooLargeError, isLater } from "../../blasts/intake.ts";
import type { SubmitBlast } from "../../blasts/submit.ts";
import type { AcceptedBlast } from "../../blasts/requests.ts";
import { JsonFieldsError } from "../../json/fields.ts";
import type { Blast, Blasts } from "../../store/blasts.ts";
import { API_KEY, apiRefusals, json, jsonBody } from "../answers.ts";
import type { HttpEnv } from "../context.ts";
import { HttpError, tooLarge, unauthorized } from "../errors.ts";
import { apiQuery, idParam, wholeNumber } from "../fields.ts";
import { idempotencyKeyOf } from "../shapes/message_bodies.ts";
import { SendHeaders } from "../shapes/send_options.ts";
import { BlastFields, type BlastRequestDeps, planRequest } from "./request.ts";

/** A blast's body is read as a stream and bounded by who reads it, not by the limit of other bodies. */
export const BLAST_PATH = /^\/api\/messages\/blast\/?$/;

export interface BlastRouteDeps extends BlastRequestDeps {
  readonly submit: SubmitBlast;
  readonly blasts: Pick<Blasts, "list">;
  readonly control: BlastControl;
}

const Recipient = z.object({
  name: z.string().optional(),
  phone: z.string().openapi({ example: "628000000142" }),
  email: z.string().optional(),
  row: z.int().optional().openapi({
    description: "The row in your own table, to find it again; else its place in `recipients`, from 1",
  }),
  variables: z.record(z.string(), z.union([z.string(), z.number()])).optional(),
});

const Accepted = z.object({
  success: z.literal(true),
  message: z.string(),
  blast_id: z.string().openapi({ example: "blast_01k8zq4v7n2m5x9c3b6f8h0j1d" }),
  scheduledAt: z.iso.datetime().nullable().openapi({ description: "When it begins; null: at once" }),
  totalMessages: z.int(),
  totalRecipients: z.int(),
  channels: z.array(z.string()),
  template: z.object({ id: z.string(), name: z.string(), qiscusEnabled: z.boolean() }).nullable(),
  jobIds: z.array(z.string()).openapi({ description: "The messages' ids, the first 10,000 of them" }),
  duplicates: z.int().openapi({ description: "Recipients that were in the list more than once" }),
  duplicateRecipients: z.array(z.string()).openapi({ description: "The first 100 of them" }),
  normalizedRecipients: z.array(z.object({
    row: z.int().openapi({ description: "Place in `recipients`, from 1" }),
    normalized_from: z.string(),
    to: z.string(),
  })).optional().openapi({ description: "Recipients whose number is a guess, the first 100: check them" }),
});

const Shown = z.object({
  id: z.string(),
  blast_id: z.string(),
  status: z.enum(["accepting", "scheduled", "running", "paused", "completed", "cancelled"]),
  reason: z.string().nullable().openapi({ description: "Why it is paused or cancelled" }),
  via: z.enum(["qiscus", "devices"]),
  devices: z.array(z.string()),
  stoppedDevices: z.record(z.string(), z.string()).openapi({ description: "Devices taken out, and why" }),
  template: z.object({ id: z.string(), name: z.string() }).nullable(),
  total: z.int(),
  duplicates: z.int(),
  createdAt: z.iso.datetime(),
  scheduledAt: z.iso.datetime().nullable().openapi({
    description: "When it was told to begin; null: at once",
  }),
  startedAt: z.iso.datetime().nullable(),
  finishedAt: z.iso.datetime().nullable(),
}).openapi("Blast");

const Used = z.object({ sent: z.int(), most: z.int() }).nullable();

const Progress = Shown.extend({
  counts: z.object({
    queued: z.int(),
    processing: z.int().openapi({ description: "Handed over, or on the way" }),
    unconfirmed: z.int().openapi({ description: "Of these, nobody confirmed taking them over (yet)" }),
    sent: z.int(),
    delivered: z.int().openapi({ description: "Of these, on the recipient's phone" }),
    read: z.int(),
    failed: z.int(),
    notOnWhatsApp: z.int().openapi({ description: "Of `failed`, numbers without WhatsApp" }),
  }),
  failures: z.array(z.object({ reason: z.string(), count: z.int() })),
  devicePaces: z.array(z.object({
    device: z.string(),
    ratePerMinute: z.number().nullable().openapi({
      description: "Over the last minute; null: it sends none",
    }),
    allowedPerMinute: z.number().nullable().openapi({
      description: "What the pauses of the blast's pace and of its own come to; null: there are none",
    }),
    lastHour: Used.openapi({ description: "Of all blasts; null: there is no limit" }),
    lastDay: Used,
  })).openapi({ description: "How fast each of its devices sends" }),
  turns: z.array(z.object({
    at: z.iso.datetime(),
    what: z.enum(["paused", "resumed", "cancelled", "device_stopped", "again"]),
    cause: z.enum(["person", "device", "whatsapp", "provider", "suspension"]),
    by: z.string().nullable().openapi({
      description: "The id of a key, `own_key`, `dashboard` or `operator`; null: the gateway",
    }),
    device: z.string().nullable(),
    reason: z.string().nullable(),
  })).openapi({
    description:
      "When and why it was paused and went on, oldest first: the latest 100. `device_stopped`: it " +
      "goes on without that device; `again`: it was completed, and sends again to those who failed",
  }),
  percent: z.number(),
  ratePerMinute: z.number().nullable(),
  estimatedEndAt: z.iso.datetime().nullable(),
}).openapi("BlastProgress");

const OneBlast = json("How it does", z.object({ success: z.literal(true), blast: Progress }));
const Id = idParam("The blast's id", "blast_01k8zq4v7n2m5x9c3b6f8h0j1d");
const route = { tags: ["Blasts"], security: API_KEY };

/** Described only: its body is read as it comes in. */
const post = createRoute({
  ...route,
  method: "post",
  path: "/messages/blast",
  summary: "Send one message to many recipients",
  request: {
    query: apiQuery({}),
    headers: SendHeaders,
    body: jsonBody(BlastFields.extend({ recipients: z.array(Recipient).min(1) })),
  },
  responses: {
    200: json("It is queued, or scheduled", Accepted),
    ...apiRefusals(404, 409, 413, 422, 429, 503),
  },
});

const list = createRoute({
  ...route,
  method: "get",
  path: "/messages/blast",
  summary: "List blasts, newest first",
  request: {
    query: apiQuery({
      limit: wholeNumber({ min: 1, max: 100 }).optional(),
      offset: wholeNumber({ min: 0, max: 1_000_000 }).optional(),
    }),
  },
  responses: {
    200: json("A page", z.object({ success: z.literal(true), count: z.int(), blasts: z.array(Shown) })),
    ...apiRefusals(),
  },
});

const progress = createRoute({
  ...route,
  method: "get",
  path: "/messages/blast/{id}",
  summary: "Tell how a blast does",
  request: { query: apiQuery({}), params: Id },
  responses: { 200: OneBlast, ...apiRefusals(404) },
});

const VERBS = {
  pause: "Send no more of a blast until it is resumed",
  resume: "Go on with a paused blast, also through devices that were taken out",
  cancel: "End a blast, also before it begins; what is not sent yet never is",
} as const;

const changes = (["pause", "resume", "cancel"] as const).map((verb) => ({
  verb,
  change: createRoute({
    ...route,
    method: "post",
    path: `/messages/blast/{id}/${verb}`,
    summary: VERBS[verb],
    request: { query: apiQuery({}), params: Id },
    responses: { 200: OneBlast, ...apiRefusals(404, 409, 503) },
  }),
}));

const again = createRoute({
  ...route,
  method: "post",
  path: "/messages/blast/{id}/again",
  summary: "Send again to those who failed and are known to have got nothing",
  description:
    "Numbers without WhatsApp, and what WhatsApp refused for good: nobody is written to twice. Each keeps " +
    "its message's id, and is told of anew by `message.status`, also when it fails again. A completed blast " +
    "runs again.",
  request: {
    query: apiQuery({
      jobId: z.string().max(100).optional().openapi({ description: "Only this message of the blast" }),
    }),
    params: Id,
  },
  responses: {
    200: json(
      "How it does",
      z.object({
        success: z.literal(true),
        queuedAgain: z.int().openapi({ description: "Messages that are sent again" }),
        blast: Progress,
      }),
    ),
    ...apiRefusals(404, 409, 503),
  },
});

/** Routes of blasts, under `/api`. `BLAST_PATH` has to be exempt from the limit of other bodies. */
export function createBlastRoutes(deps: BlastRouteDeps): OpenAPIHono<HttpEnv> {
  const { submit, blasts, control } = deps;
  const routes = new OpenAPIHono<HttpEnv>();

  routes.openAPIRegistry.registerPath(post);
  routes.post("/messages/blast", async (c) => {
    if (!/^application\/(?:[\w.+-]+\+)?json\b/i.test(c.req.header("Content-Type") ?? "")) {
      const message =
        "The body is not in a form that this takes: send JSON with Content-Type: application/json";
      throw new HttpError(415, "UNSUPPORTED_MEDIA_TYPE", message);
    }
    const idempotencyKey = idempotencyKeyOf(c.req.header("Idempotency-Key"));
    const { body } = c.req.raw;
    if (body === null) {
      throw new HttpError(400, "INVALID_JSON", "The body is missing: it takes a JSON object");
    }
    const tenantId = c.get("tenant").id;
    const rights = c.get("rights");
    const plan = (fields: Readonly<Record<string, unknown>>) => {
      if (rights.aborted) {
        throw unauthorized("INVALID_API_KEY", "The API key stopped to count while the body came in");
      }
      return planRequest(fields, tenantId, deps);
    };
    const accepted = await submit({ tenantId, body, idempotencyKey, plan }).catch(inHttp);
    if (accepted.replayed) c.header("Idempotency-Replayed", "true");
    return c.json(answerOf(accepted), 200);
  });

  routes.openapi(list, async (c) => {
    const { limit = 50, offset = 0 } = c.req.valid("query");
    const found = await blasts.list(c.get("tenant").id, { limit, offset });
    return c.json({ success: true as const, count: found.length, blasts: found.map(shown) }, 200);
  });

  routes.openapi(progress, async (c) => {
    const { id } = c.req.valid("param");
    const blast = shownProgress(await control.progress(c.get("tenant").id, id));
    return c.json({ success: true as const, blast }, 200);
  });

  for (const { verb, change } of changes) {
    routes.openapi(change, async (c) => {
      const { id } = c.req.valid("param");
      const blast = shownProgress(await control[verb](c.get("tenant").id, id, whoAsks(c)));
      return c.json({ success: true as const, blast }, 200);
    });
  }

  routes.openapi(again, async (c) => {
    const { id } = c.req.valid("param");
    const { jobId } = c.req.valid("query");
    const { queuedAgain, ...blast } = await control.again(c.get("tenant").id, id, whoAsks(c), jobId);
    return c.json({ success: true as const, queuedAgain, blast: shownProgress(blast) }, 200);
  });

  return routes;
}

/** Who asks for a turn of a blast. */
function whoAsks(c: Context<HttpEnv>): string {
  return c.get("access").keyId ?? "own_key";
}

function inHttp(error: unknown): never {
  if (error instanceof JsonFieldsError) throw new HttpError(400, "INVALID_JSON", error.message);
  if (error instanceof BlastTooLargeError) throw tooLarge(error.maxBytes);
  throw error;
}

/** The same for a blast at any time: what it was at first. */
function answerOf(
  { blast, messageIds, duplicates, qiscusEnabled, normalized }: AcceptedBlast,
): z.input<typeof Accepted> {
  return {
    success: true,
    message: `Message blast ${isLater(blast) ? "scheduled" : "queued"} successfully`,
    blast_id: blast.id,
    scheduledAt: iso(blast.scheduledAt),
    totalMessages: blast.total,
    totalRecipients: blast.total + blast.duplicates,
    channels: ["whatsapp"],
    template: templateOf(blast, { qiscusEnabled }),
    jobIds: [...messageIds],
    duplicates: blast.duplicates,
    duplicateRecipients: [...duplicates],
    ...(normalized !== undefined && {
      normalizedRecipients: normalized.map(({ index, from, to }) => ({
        row: index + 1,
        normalized_from: from,
        to,
      })),
    }),
  };
}

function iso(atMs: number): string;
function iso(atMs: number | null): string | null;
function iso(atMs: number | null): string | null {
  return atMs === null ? null : new Date(atMs).toISOString();
}

function templateOf<T extends object>({ templateId, templateName }: Blast, more: T) {
  return templateId === null ? null : { id: templateId, name: templateName ?? templateId, ...more };
}

function shown(blast: Blast) {
  return {
    id: blast.id,
    blast_id: blast.id,
    status: blast.status,
    reason: blast.reason,
    via: blast.via,
    devices: [...blast.deviceIds],
    stoppedDevices: { ...blast.stopped },
    template: templateOf(blast, {}),
    total: blast.total,
    duplicates: blast.duplicates,
    createdAt: iso(blast.createdAt),
    scheduledAt: iso(blast.scheduledAt),
    startedAt: iso(blast.startedAt),
    finishedAt: iso(blast.finishedAt),
  };
}

function perMinute(rate: number | null): number | null {
  return rate === null ? null : Math.round(rate * 10) / 10;
}

function shownProgress({ blast, counts, perSecond, estimatedEndAt, paces, turns }: BlastProgress) {
  const { receipts, failures, ...numbers } = counts;
  const absent = failures.find(({ word }) => word === "not_on_whatsapp");
  return {
    ...shown(blast),
    counts: {
      ...numbers,
      delivered: receipts.delivered + receipts.read + receipts.played,
      read: receipts.read + receipts.played,
      notOnWhatsApp: absent?.count ?? 0,
    },
    failures: failures.map(({ reason, count }) => ({ reason, count })),
    percent: blast.total === 0 ? 100 : Math.round((blast.total - numbers.queued) / blast.total * 1000) / 10,
    ratePerMinute: perMinute(perSecond === null ? null : perSecond * 60),
    estimatedEndAt: iso(estimatedEndAt),
    devicePaces: paces.map(({ deviceId, hour, day, ...pace }) => ({
      device: deviceId,
      ratePerMinute: perMinute(pace.perMinute),
      allowedPerMinute: pace.allowedPerMinute === null ? null : Number(pace.allowedPerMinute.toPrecision(3)),
      lastHour: hour,
      lastDay: day,
    })),
    turns: turns.map(({ at, deviceId, ...turn }) => ({ ...turn, at: iso(at), device: deviceId })),
  };
}
