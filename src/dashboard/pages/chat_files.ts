import { Hono } from "@hono/hono";
import type { DeviceService } from "../../devices/devices.ts";
import { contentDisposition } from "../../http/content_disposition.ts";
import type { MediaCache } from "../../media/cache.ts";
import type { UiEnv } from "../http/env.ts";

/** What browsers draw or play and cannot run: by the bytes, never by what the sender says. */
const SHOWN: ReadonlySet<string> = new Set([
  "image/jpeg",
  "image/png",
  "image/webp",
  "image/gif",
  "audio/ogg",
  "audio/ogg; codecs=opus",
  "audio/mpeg",
  "audio/mp4",
  "audio/x-m4a",
  "video/mp4",
]);

export interface ChatFileDeps {
  readonly devices: Pick<DeviceService, "get">;
  readonly media: Pick<MediaCache, "get">;
}

/** Files that strangers sent, kept from doing anything. */
export function createChatFilePages({ devices, media }: ChatFileDeps): Hono<UiEnv> {
  const routes = new Hono<UiEnv>();

  routes.get("/media/:device/:message", async (c) => {
    const device = await devices.get(c.get("cx").visit.tenant.id, c.req.param("device"));
    const { bytes, sizeBytes, fileName } = await media.get(device, c.req.param("message"));
    const seen = await bytes.seenType();
    const isShown = seen !== undefined && SHOWN.has(seen);
    return c.body(bytes.body({ start: 0, end: sizeBytes - 1 }), 200, {
      "Content-Type": isShown ? seen : "application/octet-stream",
      "Content-Length": String(sizeBytes),
      "Content-Disposition": contentDisposition(isShown ? "inline" : "attachment", fileName),
      "Content-Security-Policy": "default-src 'none'; sandbox",
      "Cross-Origin-Resource-Policy": "same-origin",
      "X-Content-Type-Options": "nosniff",
      "Referrer-Policy": "same-origin",
      "Cache-Control": "private, max-age=3600",
    });
  });

  return routes;
}
