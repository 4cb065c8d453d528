import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import type { DeviceService } from "../../devices/devices.ts";
import type { CachedFile, MediaCache } from "../../messages/media_cache.ts";
import { refusals, TENANT_KEY } from "../answers.ts";
import { partOf, readRange } from "../byte_range.ts";
import type { HttpEnv } from "../context.ts";
import { HttpError } from "../errors.ts";
import { DeviceId } from "./device_shape.ts";

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

export interface MediaRouteDeps {
  readonly devices: Pick<DeviceService, "get">;
  readonly media: Pick<MediaCache, "get">;
}

/** The route that hands out files of messages, streamed from the disk. */
export function createMediaRoutes({ devices, media }: MediaRouteDeps): OpenAPIHono<HttpEnv> {
  const routes = new OpenAPIHono<HttpEnv>();

  routes.openapi(download, async (c) => {
    const { id, mediaId } = c.req.valid("param");
    const device = await devices.get(c.get("tenant").id, id);
    const found = await media.get(device, mediaId);
    const { path, sizeBytes } = found;
    const asked = c.req.header("Range");
    const range = readRange(asked, sizeBytes);
    if (range === null) throw beyond(asked, sizeBytes);
    const headers = {
      "Content-Type": found.mimeType,
      "Content-Disposition": dispositionOf(found),
      "Cache-Control": "private, max-age=3600",
      "Accept-Ranges": "bytes",
    };
    const file = await Deno.open(path);
    if (range === undefined) {
      return c.body(file.readable, 200, { ...headers, "Content-Length": String(sizeBytes) });
    }
    return c.body(await partOf(file, range), 206, {
      ...headers,
      "Content-Length": String(range.end - range.start + 1),
      "Content-Range": `bytes ${range.start}-${range.end}/${sizeBytes}`,
    });
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
  if (fileName === null) return how;
  const plain = fileName.replace(/[^\x20-\x7e]|["\\]/g, "_");
  return `${how}; filename="${plain}"; filename*=UTF-8''${
    encodeURIComponent(fileName).replace(/['()*]/g, escape)
  }`;
}

/** @see RFC 8187, "value-chars" */
function escape(sign: string): string {
  return `%${sign.charCodeAt(0).toString(16).toUpperCase()}`;
}
