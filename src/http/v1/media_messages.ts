import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import type { Context } from "@hono/hono";
import type { DeviceService } from "../../devices/devices.ts";
import type { MediaKind } from "../../events/content.ts";
import type { OutgoingFiles, Upload } from "../../media/outgoing.ts";
import type { SendMessage } from "../../messages/request.ts";
import { TENANT_KEY } from "../answers.ts";
import { checkSend, type FenceDeps } from "../chat_fence.ts";
import type { HttpEnv } from "../context.ts";
import { refuseInvalid } from "../errors.ts";
import { urlOwnerOf } from "../key_access.ts";
import { readMediaRequest } from "../media_request.ts";
import { DeviceId } from "../shapes/device.ts";
import { BASE64_FIELDS, fieldsOfForm, MediaBody, MediaForm, mediaMessageOf } from "../shapes/media_bodies.ts";
import type { SendBody } from "../shapes/message_bodies.ts";
import { SEND_ANSWERS, sentAnswer, statusCodeOf } from "./messages.ts";
import { SendHeaders, SendQuery } from "../shapes/send_options.ts";

const KINDS: readonly { readonly path: string; readonly kind: MediaKind | null; readonly what: string }[] = [
  { path: "media", kind: null, what: "any file" },
  { path: "image", kind: "image", what: "an image" },
  { path: "video", kind: "video", what: "a video" },
  { path: "audio", kind: "audio", what: "audio" },
  { path: "voice", kind: "voice", what: "a voice note (OGG with Opus)" },
  { path: "document", kind: "document", what: "a document" },
  { path: "sticker", kind: "sticker", what: "a sticker (WebP)" },
];

/** These routes bound their bodies themselves: by the size of the file that they carry. */
export const STREAMED_MEDIA =
  /^\/v1\/devices\/[^/]+\/messages\/(media|image|video|audio|voice|document|sticker)\/?$/;

export interface MediaMessageRouteDeps extends FenceDeps {
  readonly devices: Pick<DeviceService, "get">;
  readonly sendMessage: SendMessage;
  readonly files: Pick<OutgoingFiles, "receive" | "discardUpload">;
}

/** Routes that send messages with files: from a URL, as base64, or in a form that is streamed to the disk. */
export function createMediaMessageRoutes(deps: MediaMessageRouteDeps): OpenAPIHono<HttpEnv> {
  const { devices, sendMessage } = deps;
  const routes = new OpenAPIHono<HttpEnv>();

  for (const { path, kind, what } of KINDS) {
    const send = createRoute({
      tags: ["Messages"],
      security: TENANT_KEY,
      method: "post",
      path: `/devices/{id}/messages/${path}`,
      summary: `Send ${what}`,
      request: {
        params: DeviceId,
        query: SendQuery,
        headers: SendHeaders,
        body: {
          required: true,
          content: {
            "application/json": { schema: MediaBody },
            "multipart/form-data": { schema: MediaForm },
          },
        },
      },
      responses: SEND_ANSWERS,
    });
    // Only described here: the validator of forms would hold the files in memory.
    routes.openAPIRegistry.registerPath(send);
    routes.post(send.getRoutingPath(), async (c) => {
      const tenantId = c.get("tenant").id;
      const device = await devices.get(tenantId, c.req.param("id") ?? "");
      const { wait = true } = valid(SendQuery, c.req.query(), "query", c);
      const key = { "idempotency-key": c.req.header("Idempotency-Key") };
      const headers = valid(SendHeaders, key, "header", c);
      const { message, upload } = await messageOf(kind, c, deps.files);
      try {
        const { idempotencyKey = headers["idempotency-key"], ...rest } = message;
        await checkSend(c.get("access"), { device, ...rest }, deps);
        const urlOwner = urlOwnerOf(tenantId, c.get("access"));
        const sent = await sendMessage({ tenantId, device, urlOwner, wait, idempotencyKey, ...rest });
        if (sent.replayed) c.header("Idempotency-Replayed", "true");
        return c.json(sentAnswer(sent), statusCodeOf(sent));
      } finally {
        if (upload !== undefined) await deps.files.discardUpload(upload);
      }
    });
  }
  return routes;
}

async function messageOf(
  kind: MediaKind | null,
  c: Context<HttpEnv>,
  files: MediaMessageRouteDeps["files"],
): Promise<{ readonly message: SendBody; readonly upload?: Upload }> {
  const { target, given, upload } = await readMediaRequest(c, files, {
    base64: BASE64_FIELDS,
    fieldsOf: fieldsOfForm,
  });
  try {
    return { message: mediaMessageOf(kind, valid(MediaBody, given, target, c), upload), upload };
  } catch (error) {
    if (upload !== undefined) await files.discardUpload(upload);
    throw error;
  }
}

function valid<S extends z.ZodType>(
  schema: S,
  data: unknown,
  target: "json" | "form" | "query" | "header",
  c: Context<HttpEnv>,
): z.output<S> {
  const parsed = schema.safeParse(data);
  if (parsed.success) return parsed.data;
  refuseInvalid(
    { success: false, error: parsed.error, target, data } as Parameters<typeof refuseInvalid>[0],
    c,
  );
  throw new TypeError("Cannot happen: what is not valid is refused");
}
