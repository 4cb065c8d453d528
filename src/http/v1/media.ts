import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import type { DeviceService } from "../../devices/devices.ts";
import type { CachedFile, MediaCache } from "../../media/cache.ts";
import { cleanMimeType } from "../../events/mime_type.ts";
import { refusals, TENANT_KEY } from "../answers.ts";
import { readRange } from "../byte_range.ts";
import { messageIdIn, unknownFile } from "../../media/cache.ts";
import { checkMessage, type FenceDeps } from "../chat_fence.ts";
import type { HttpEnv } from "../context.ts";
import { HttpError } from "../errors.ts";
import { contentDisposition } from "../content_disposition.ts";
import { DeviceId } from "../shapes/device.ts";

const FILE = { "application/octet-stream": { schema: z.string().openapi({ format: "binary" }) } };

const download = createRoute({
  tags: ["Messages"],
  security: TENANT_KEY,
  method: "get",
  path: "/devices/{id}/media/{mediaId}",
  summary: "Get the file of a message that came in",
  request: {
    params: DeviceId.extend({
      mediaId: z.string().openapi({
        param: { name: "mediaId", in: "path" },
        description: "As the event tells it: WhatsApp's id of the message",
      }),
    }),
  },
  responses: {
    200: { description: "The file", content: FILE },
    206: { description: "The part of the file that the header Range asks for", content: FILE },
    ...refusals(404, 409, 410, 413, 416, 429, 502, 504),
  },
});

export interface MediaRouteDeps extends Omit<FenceDeps, "countryCode"> {
  readonly devices: Pick<DeviceService, "get">;
  readonly media: Pick<MediaCache, "get">;
}

/** The route that hands out files of messages, streamed from where they lie. */
export function createMediaRoutes(deps: MediaRouteDeps): OpenAPIHono<HttpEnv> {
  const { devices, media } = deps;
  const routes = new OpenAPIHono<HttpEnv>();

  routes.openapi(download, async (c) => {
    const { id, mediaId } = c.req.valid("param");
    const device = await devices.get(c.get("tenant").id, id);
    const messageId = messageIdIn(mediaId);
    if (!await checkMessage(c.get("access"), "read", { device, messageId, ...deps })) {
      throw unknownFile(mediaId); // as a file that came without its message: nobody knows in which chat
    }
    const found = await media.get(device, mediaId);
    const { bytes, sizeBytes } = found;
    const asked = c.req.header("Range");
    const range = readRange(asked, sizeBytes);
    if (range === null) throw beyond(asked, sizeBytes);
    const headers = {
      "Content-Type": cleanMimeType(found.mimeType),
      "Content-Disposition": dispositionOf(found),
      "Cache-Control": "private, max-age=3600",
      "Accept-Ranges": "bytes",
    };
    const { start, end } = range ?? { start: 0, end: sizeBytes - 1 };
    const body = bytes.body({ start, end }); // opened only when somebody reads it
    const length = { "Content-Length": String(end - start + 1) };
    if (range === undefined) return c.body(body, 200, { ...headers, ...length });
    const part = { "Content-Range": `bytes ${start}-${end}/${sizeBytes}` };
    return c.body(body, 206, { ...headers, ...length, ...part });
  });

  return routes;
}

function beyond(asked: string | undefined, sizeBytes: number): HttpError {
  const message = `Cannot give "${asked}" of the file: it has ${sizeBytes} bytes`;
  return new HttpError(416, "RANGE_NOT_SATISFIABLE", message, {
    headers: { "Content-Range": `bytes */${sizeBytes}` },
  });
}

/** Only what browsers play or draw is shown in place; a document of anybody's making is never run here. */
function dispositionOf({ kind, fileName, mimeType }: CachedFile): string {
  const inline = kind !== "document" && /^(image\/(?!svg)|audio\/|video\/)/.test(mimeType);
  const how = inline ? "inline" : "attachment";
  return contentDisposition(how, fileName);
}
