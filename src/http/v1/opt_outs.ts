import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import { InvalidError, NotFoundError } from "../../errors.ts";
import type { TenantId } from "../../ids.ts";
import { personIn } from "../../messages/person.ts";
import type { OptOutWords } from "../../opt_outs/settings.ts";
import { LONGEST_WORD, plainWord, wordOfBoth } from "../../opt_outs/words.ts";
import type { OptOut, OptOuts, OptOutSettings } from "../../store/opt_outs.ts";
import { phoneOf } from "../../whatsapp/jid.ts";
import { dataOf, jsonBody, refusals, TENANT_KEY } from "../answers.ts";
import type { HttpEnv } from "../context.ts";
import { body, query, wholeNumber } from "../fields.ts";
import { secondsOf } from "../../spans.ts";

const route = { tags: ["Opt-outs"], security: TENANT_KEY };
const PAGE = 100;

const OptOutShape = z.object({
  phone: z.string().nullable().openapi({ example: "628000000142" }),
  lid: z.string().nullable().openapi({ description: "The hidden identity, where it is known" }),
  reason: z.string().nullable().openapi({ description: "The word that they wrote, or what you entered" }),
  source: z.enum(["message", "api"]).openapi({ description: "Whether they wrote it themselves" }),
  opted_out_at: z.int(),
}).openapi("OptOut");

const Word = z.string().trim().min(1).max(LONGEST_WORD)
  .refine((word) => plainWord(word) !== "", "must have a letter or a digit");
const Answer = z.string().trim().min(1).max(4_096).nullable();
const SettingsShape = z.object({
  stop_words: z.array(Word).max(50),
  start_words: z.array(Word).max(50),
  stop_answer: Answer,
  start_answer: Answer,
}).openapi("OptOutSettings");

const person = z.string().min(1).max(100).openapi({
  description: "A phone number in any usual spelling, or a jid",
  example: "628000000142",
});
const InPath = z.object({ person: person.openapi({ param: { name: "person", in: "path" } }) });

const list = createRoute({
  ...route,
  method: "get",
  path: "/opt-outs",
  summary: "List who wants no more blasts of yours, newest first",
  request: {
    query: query({
      limit: wholeNumber({ min: 1, max: 500 }).optional(),
      cursor: wholeNumber({ min: 1, max: Number.MAX_SAFE_INTEGER }).optional().openapi({
        description: "`next_cursor` of the page before",
      }),
    }),
  },
  responses: {
    200: dataOf(
      "A page of them; `next_cursor` is null on the last one",
      z.object({ opt_outs: z.array(OptOutShape), next_cursor: z.int().nullable() }),
    ),
    ...refusals(429),
  },
});

const add = createRoute({
  ...route,
  method: "post",
  path: "/opt-outs",
  summary: "Enter somebody who wants no more blasts",
  request: { body: jsonBody(body({ person, reason: z.string().trim().min(1).max(200).optional() })) },
  responses: {
    200: dataOf("They were on the list already", OptOutShape),
    201: dataOf("They are on the list", OptOutShape),
    ...refusals(413, 415, 429, 503),
  },
});

const get = createRoute({
  ...route,
  method: "get",
  path: "/opt-outs/{person}",
  summary: "See whether somebody wants no more blasts",
  request: { params: InPath },
  responses: { 200: dataOf("They are on the list", OptOutShape), ...refusals(404, 429) },
});

const remove = createRoute({
  ...route,
  method: "delete",
  path: "/opt-outs/{person}",
  summary: "Take somebody off the list: blasts reach them again",
  request: { params: InPath },
  responses: { 200: dataOf("They were on the list", OptOutShape), ...refusals(404, 429, 503) },
});

const settings = createRoute({
  ...route,
  method: "get",
  path: "/opt-out-settings",
  summary: "See which words opt out and in, and what they are answered",
  responses: { 200: dataOf("The settings", SettingsShape), ...refusals(429) },
});

const save = createRoute({
  ...route,
  method: "put",
  path: "/opt-out-settings",
  summary: "Set the words that opt out and in, and what they are answered",
  description:
    "A message counts when it is one of the words and nothing else; case, punctuation and blanks " +
    "around it do not matter. What is left out stays as it is; an empty list listens to nothing, an answer of " +
    "null says nothing.",
  request: {
    body: jsonBody(body({
      stop_words: SettingsShape.shape.stop_words.optional().openapi({ example: ["STOP", "BERHENTI"] }),
      start_words: SettingsShape.shape.start_words.optional().openapi({ example: ["START", "MULAI"] }),
      stop_answer: Answer.optional().openapi({
        example: "You get no more news. Write START to get them again.",
      }),
      start_answer: Answer.optional(),
    })),
  },
  responses: { 200: dataOf("The settings", SettingsShape), ...refusals(413, 415, 429, 503) },
});

export interface OptOutRouteDeps {
  readonly optOuts: Pick<OptOuts, "add" | "find" | "list" | "remove">;
  readonly words: Pick<OptOutWords, "of" | "save">;
  /** What a leading 0 of a phone number stands for: digits. */
  readonly countryCode: string;
  readonly now: () => number;
}

/** Routes over those who want no more blasts of a tenant. */
export function createOptOutRoutes(
  { optOuts, words, countryCode, now }: OptOutRouteDeps,
): OpenAPIHono<HttpEnv> {
  const routes = new OpenAPIHono<HttpEnv>();

  async function shownOf(tenantId: TenantId): Promise<z.output<typeof SettingsShape>> {
    const { settings: { stopWords, startWords, stopAnswer, startAnswer } } = await words.of(tenantId);
    return {
      stop_words: [...stopWords],
      start_words: [...startWords],
      stop_answer: stopAnswer,
      start_answer: startAnswer,
    };
  }

  routes.openapi(list, async (c) => {
    const { limit = PAGE, cursor } = c.req.valid("query");
    const page = await optOuts.list(c.get("tenant").id, { limit: limit + 1, before: cursor });
    const some = page.slice(0, limit);
    const next_cursor = page.length > limit ? some[some.length - 1].number : null;
    return c.json({ success: true as const, data: { opt_outs: some.map(shown), next_cursor } }, 200);
  });

  routes.openapi(add, async (c) => {
    const { person, reason = null } = c.req.valid("json");
    const { optOut, added } = await optOuts.add(c.get("tenant").id, {
      ...personIn(person, "person", countryCode),
      reason,
      source: "api",
      at: now(),
    });
    return c.json({ success: true as const, data: shown(optOut) }, added ? 201 : 200);
  });

  routes.openapi(get, async (c) => {
    const { person } = c.req.valid("param");
    const found = await optOuts.find(c.get("tenant").id, personIn(person, "person", countryCode));
    if (found === undefined) throw new NotFoundError("opt-out", person);
    return c.json({ success: true as const, data: shown(found) }, 200);
  });

  routes.openapi(remove, async (c) => {
    const { person } = c.req.valid("param");
    const removed = await optOuts.remove(c.get("tenant").id, personIn(person, "person", countryCode));
    if (removed === undefined) throw new NotFoundError("opt-out", person);
    return c.json({ success: true as const, data: shown(removed) }, 200);
  });

  routes.openapi(settings, async (c) => {
    return c.json({ success: true as const, data: await shownOf(c.get("tenant").id) }, 200);
  });

  routes.openapi(save, async (c) => {
    const tenantId = c.get("tenant").id;
    const before = (await words.of(tenantId)).settings;
    const { stop_words, start_words, stop_answer, start_answer } = c.req.valid("json");
    const after: OptOutSettings = {
      stopWords: stop_words ?? before.stopWords,
      startWords: start_words ?? before.startWords,
      stopAnswer: stop_answer === undefined ? before.stopAnswer : stop_answer,
      startAnswer: start_answer === undefined ? before.startAnswer : start_answer,
    };
    const both = wordOfBoth(after);
    if (both !== undefined) {
      const message = `Field \`start_words\` must name other words than \`stop_words\`, got ${
        JSON.stringify(both)
      }`;
      throw new InvalidError("start_words", message);
    }
    await words.save(tenantId, after);
    return c.json({ success: true as const, data: await shownOf(tenantId) }, 200);
  });

  return routes;
}

function shown({ pn, lid, reason, source, at }: OptOut): z.output<typeof OptOutShape> {
  return { phone: pn === null ? null : phoneOf(pn), lid, reason, source, opted_out_at: secondsOf(at) };
}
