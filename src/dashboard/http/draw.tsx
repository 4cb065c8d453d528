import type { Child } from "@hono/hono/jsx";
import { Frame, type Place } from "../frame.tsx";
import { setFlash, type Undo } from "./cookies.ts";
import type { UiContext } from "./env.ts";

/** A page of its own: what stands in the frame. */
export interface Page {
  readonly title: string;
  readonly at?: Place;
  readonly main: Child;
  readonly status?: 200 | 403 | 404 | 409 | 413 | 422 | 429 | 500 | 502 | 503;
  /** The path that the stream of its `Live` parts follows; true: the page's own. */
  readonly live?: true | string;
  /** Seconds after which it is loaded again where no script runs. */
  readonly refresh?: number;
}

/** Answers with a page in the frame. */
export async function draw(c: UiContext, page: Page): Promise<Response> {
  const cx = c.get("cx");
  const stream = page.live === true ? cx.here : page.live;
  const document = (
    <Frame cx={cx} title={page.title} at={page.at} stream={stream} refresh={page.refresh}>{page.main}</Frame>
  );
  return await sendHtml(c, document, page.status);
}

/** Answers with a whole document. */
export async function sendHtml(
  c: UiContext,
  document: Child,
  status: Page["status"] = 200,
): Promise<Response> {
  const html = String(await document);
  return c.body(`<!doctype html>${html}`, status, { "Content-Type": "text/html; charset=utf-8" });
}

/** After something was done: goes to a page and says there what it was, with a way to take it back if there is one. */
export function goTo(c: UiContext, to: string, done?: string, undo?: Undo): Response {
  if (done !== undefined) setFlash(c, { says: done, undo }, c.get("cx").csrf);
  return c.redirect(to, 303);
}
