import { type Clock, systemClock, type Timer } from "../../async/clock.ts";
import type { TenantId } from "../../ids.ts";
import { livePartsOf } from "../parts/live.tsx";
import type { UiContext } from "./env.ts";

/** Parts are drawn at most so often. */
const GAP_MS = 1_000;
/** Without news, what only time changes is looked at so often; it is also the stream's sign of life. */
const PULSE_MS = 15_000;

/** The page cannot be drawn now: what stands there stays, with what somebody types, until it can be drawn again. */
const UNDRAWN = ": not drawn\n\n";

export interface LiveDeps {
  /** Calls the listener when something of the tenant has changed. Returns what stops it. */
  readonly onNews: (tenantId: TenantId, listener: () => void) => () => void;
  readonly stopping: AbortSignal;
  /** Draws a page as its visitor sees it. */
  readonly page: (path: string) => Promise<Response>;
  readonly gapMs?: number;
  readonly pulseMs?: number;
  readonly clock?: Pick<Clock, "after">;
}

/** No pages: streams, files, and what ends the session. */
const NO_PAGE = /^\/ui\/(?:live|a|media|sign-in|sign-out)\b|\.(?:csv|jsonl)$/;

/** Whether a path is one that a stream may follow: a page, in whatever way it is written. */
export function isFollowed(path: string): boolean {
  if (path.length > 2_000 || /[\\\s]/.test(path) || !path.startsWith("/")) return false;
  const page = pathIn(path);
  return page !== undefined && /^\/ui(?:\/|$)/.test(page) &&
    !NO_PAGE.test(page);
}

/** The path that a request for it is routed by: dots resolved, signs decoded. */
function pathIn(path: string): string | undefined {
  const url = URL.parse(path, "http://localhost");
  if (url?.host !== "localhost") return undefined;
  try {
    return decodeURI(url.pathname);
  } catch {
    return undefined; // no page has such a path
  }
}

/**
 * The one stream of a page: the parts that changed since they were last sent, each as an `hx-partial`. It draws the
 * whole page again when there is news, at most once a second, and sends what differs, so that pages know nothing of
 * streams.
 */
export function streamParts(
  c: UiContext,
  { onNews, stopping, page, gapMs = GAP_MS, pulseMs = PULSE_MS, clock = systemClock }: LiveDeps,
  path: string,
): Response {
  const tenantId = c.get("visit").tenant.id;
  const sent = new Map<string, string>();
  const encoder = new TextEncoder();
  let end: () => void = () => {};

  const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
    start(controller) {
      let timer: Timer | undefined;
      let drawing = false;
      let again = false;
      let ended = false;
      const say = (text: string) => {
        if (!ended) controller.enqueue(encoder.encode(text));
      };
      const stop = onNews(tenantId, () => {
        if (drawing) again = true;
        else plan(gapMs);
      });
      let plannedAt = Infinity;
      const plan = (ms: number) => {
        const at = performance.now() + ms;
        if (ended || at >= plannedAt) return;
        timer?.cancel();
        plannedAt = at;
        timer = clock.after(ms, () => void draw());
      };
      const draw = async () => {
        plannedAt = Infinity;
        drawing = true;
        again = false;
        try {
          const response = await page(path);
          const html = await response.text();
          if (response.status === 200) say(messageOf(html, sent));
          else if (response.status === 401) say("event: signed-out\ndata: \n\n");
          else if (response.status >= 500) say(UNDRAWN);
          else say("event: moved\ndata: \n\n");
          if (response.status === 401) close(); // whoever looked on may not any more
        } catch {
          say(UNDRAWN); // the page's own failure was logged where it happened
        } finally {
          drawing = false;
          plan(again ? gapMs : pulseMs);
        }
      };
      end = () => {
        if (ended) return;
        ended = true;
        timer?.cancel();
        stop();
        stopping.removeEventListener("abort", close);
      };
      const close = () => {
        if (ended) return;
        end();
        controller.close();
      };
      stopping.addEventListener("abort", close);
      say(": open\n\n");
      plan(0);
    },
    cancel: () => end(),
  });
  return c.body(body, 200, { "Content-Type": "text/event-stream", "X-Accel-Buffering": "no" });
}

function messageOf(html: string, sent: Map<string, string>): string {
  const changed = [...livePartsOf(html)].filter(([id, part]) => sent.get(id) !== part);
  for (const [id, part] of changed) sent.set(id, part);
  if (changed.length === 0) return ": nothing new\n\n";
  const text = changed.map(([id, part]) =>
    `<hx-partial hx-target="#live-${id}" hx-swap="innerMorph">${part}</hx-partial>`
  ).join("");
  return text.split(/\r\n|\r|\n/).map((line) => `data: ${line}\n`).join("") + "\n";
}
