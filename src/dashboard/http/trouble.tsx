import { refusalOf } from "../../http/errors.ts";
import { loggedPath } from "../../listener/logged_path.ts";
import { logOf } from "../../log.ts";
import { InvalidError, messageOf, NotFoundError } from "../../errors.ts";
import type { Look } from "../cx.ts";
import { Trouble, TroubleAlone, type TroubleFacts } from "../pages/trouble.tsx";
import { Foreign } from "../parts/foreign.tsx";
import { draw, type Page, sendHtml } from "./draw.tsx";
import type { UiContext } from "./env.ts";
import { ForgedFormError } from "./forms.ts";
import { invalidSays, refusalSays } from "../words/refusals.ts";

const log = logOf("dashboard");

/** Answers a failed request with a page that says what happened and what to do. */
export async function answerTrouble(error: unknown, c: UiContext, look: Look): Promise<Response> {
  const [status, facts] = factsOf(error, c, look);
  // a page inside the frame, when there is a visitor to draw it for
  return c.get("cx") === undefined
    ? await sendHtml(c, <TroubleAlone look={look} facts={facts} />, status)
    : await draw(c, { title: facts.title, status, main: <Trouble look={look} facts={facts} /> });
}

/** Answers a path that does not exist. */
export function answerNoPage(c: UiContext, look: Look): Promise<Response> {
  return answerTrouble(new NotFoundError("page", c.req.path), c, look);
}

function factsOf(
  error: unknown,
  c: UiContext,
  { t, lang }: Look,
): readonly [NonNullable<Page["status"]>, TroubleFacts] {
  const requestId = c.get("requestId");
  if (error instanceof NotFoundError) {
    const why = t.door.notFoundWhy(`${t.door.thing(error.what)} ${error.id.slice(0, 100)}`);
    const facts = { title: t.door.notFound, why: <Foreign text={why} />, what: t.door.notFoundDo };
    return [404, { ...facts, icon: "search", tone: "idle", requestId }];
  }
  if (error instanceof ForgedFormError) {
    const facts = { title: t.door.forged, why: t.door.forgedWhy, what: t.door.forgedDo };
    return [403, { ...facts, icon: "shield-off", tone: "warn", requestId }];
  }
  const refusal = refusalOf(error);
  if (refusal === undefined || refusal.status >= 500) {
    if (refusal?.status === 503) {
      return [503, {
        title: t.door.away,
        why: <Foreign text={refusal.message} />,
        what: t.door.awayDo,
        icon: "clock",
        tone: "warn",
        requestId,
      }];
    }
    if (refusal === undefined) {
      const stack = error instanceof Error ? error.stack : undefined;
      const path = loggedPath(c.req.path);
      log.error("page.failed", { requestId, path, error: messageOf(error), stack });
      return [500, {
        title: t.door.broken,
        why: t.door.brokenWhy,
        icon: "octagon-x",
        tone: "bad",
        requestId,
      }];
    }
  }
  const why = <Foreign text={refusal.message} />;
  const says = error instanceof InvalidError ? invalidSays(error, lang) : refusalSays(error, lang);
  const status = refusal.status === 404 || refusal.status === 413 || refusal.status === 429
    ? refusal.status
    : refusal.status >= 500
    ? 502
    : 409;
  if (says !== undefined && says !== refusal.message) {
    // the words of the gateway stand below: they name what the sentence does not
    return [status, {
      title: t.door.cannot,
      why: <Foreign text={says} />,
      what: <small class="faint" lang="en">{why}</small>,
      icon: "triangle-alert",
      tone: "warn",
      requestId,
    }];
  }
  return [status, { title: t.door.cannot, why, icon: "triangle-alert", tone: "warn", requestId }];
}
