import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import type { Context } from "@hono/hono";
import type { DeviceService } from "../../devices/devices.ts";
import type { MediaKind } from "../../events/content.ts";
import type { OutgoingFiles, Upload } from "../../messages/outgoing_files.ts";
import type { SendMessage } from "../../messages/send.ts";
import { TENANT_KEY } from "../answers.ts";
import type { HttpEnv } from "../context.ts";
import { HttpError, refuseInvalid, tooLarge } from "../errors.ts";
import { readMultipart } from "../multipart.ts";
import { DeviceId } from "./device_shape.ts";
import { fieldsOfForm, MediaBody, MediaForm, mediaMessageOf } from "./media_bodies.ts";
import type { SendBody } from "./message_bodies.ts";
import { SEND_ANSWERS, sentAnswer, statusCodeOf } from "./messages.ts";
import { SendHeaders, SendQuery } from "./send_options.ts";

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

/** What a JSON body may hold besides its file. */
const BESIDES_BYTES = 1_048_576;

export interface MediaMessageRouteDeps {
  readonly devices: Pick<DeviceService, "get">;
  readonly sendMessage: SendMessage;
  readonly files: Pick<OutgoingFiles, "receive" | "discardUpload">;
  /** How large a file may be. */
  readonly maxBytes: number;
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
      const { message, upload } = await bodyOf(kind, c, deps);
      try {
        const { idempotencyKey = c.req.header("Idempotency-Key"), ...rest } = message;
        const sent = await sendMessage({ tenantId, device, wait, idempotencyKey, ...rest });
        if (sent.replayed) c.header("Idempotency-Replayed", "true");
        return c.json(sentAnswer(sent), statusCodeOf(sent));
      } finally {
        if (upload !== undefined) await deps.files.discardUpload(upload);
      }
    });
  }
  return routes;
}

interface MediaRequest {
  readonly message: SendBody;
  readonly upload?: Upload;
}

async function bodyOf(
  kind: MediaKind | null,
  c: Context<HttpEnv>,
  { files, maxBytes }: MediaMessageRouteDeps,
): Promise<MediaRequest> {
  const type = c.req.header("Content-Type") ?? "";
  if (/^multipart\/form-data\b/i.test(type)) return await formOf(kind, c, files);
  if (/^application\/([\w.-]+\+)?json\b/i.test(type)) {
    // base64 makes a file a third larger
    const json = await jsonOf(c.req.raw, Math.ceil(maxBytes * 4 / 3) + BESIDES_BYTES);
    return { message: mediaMessageOf(kind, valid(MediaBody, json, "json", c), undefined) };
  }
  const message = "Send JSON (Content-Type: application/json) or a form with a file (multipart/form-data)";
  throw new HttpError(415, "UNSUPPORTED_MEDIA_TYPE", message);
}

async function jsonOf(request: Request, maxBytes: number): Promise<unknown> {
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  for await (const chunk of request.body ?? []) {
    size += chunk.length;
    if (size > maxBytes) throw tooLarge(maxBytes);
    chunks.push(new Uint8Array(chunk));
  }
  try {
    return JSON.parse(await new Blob(chunks).text());
  } catch {
    throw new HttpError(400, "INVALID_JSON", "The body is not valid JSON");
  }
}

async function formOf(
  kind: MediaKind | null,
  c: Context<HttpEnv>,
  files: MediaMessageRouteDeps["files"],
): Promise<MediaRequest> {
  const uploads: Upload[] = [];
  try {
    const form = await readMultipart(c.req.raw, async (bytes, { fileName, mimeType }) => {
      if (uploads.length > 0) {
        throw new HttpError(400, "INVALID_MEDIA", "A message carries one file, not more");
      }
      uploads.push(await files.receive(bytes, { fileName, mimeType }));
    });
    const fields = valid(MediaBody, fieldsOfForm(form.fields), "form", c);
    return { message: mediaMessageOf(kind, fields, uploads[0]), upload: uploads[0] };
  } catch (error) {
    for (const upload of uploads) await files.discardUpload(upload);
    throw error;
  }
}

function valid<S extends z.ZodType>(
  schema: S,
  data: unknown,
  target: "json" | "form" | "query",
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
