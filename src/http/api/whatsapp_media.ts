import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import type { DefaultDevice } from "../../devices/default_device.ts";
import { InvalidError } from "../../errors.ts";
import type { MediaKind } from "../../events/content.ts";
import type { OutgoingFiles, Upload } from "../../messages/outgoing_files.ts";
import type { SendMessage } from "../../messages/send.ts";
import { API_KEY, apiRefusals } from "../answers.ts";
import type { HttpEnv } from "../context.ts";
import { HttpError } from "../errors.ts";
import { apiQuery } from "../fields.ts";
import { readMultipart } from "../multipart.ts";
import { WhatsAppSent } from "./whatsapp.ts";

const KINDS: readonly MediaKind[] = ["image", "video", "audio", "voice", "document", "sticker"];

const sendMedia = createRoute({
  tags: ["WhatsApp (device `default`)"],
  security: API_KEY,
  method: "post",
  path: "/whatsapp/send-media",
  summary: "Send a file",
  request: {
    query: apiQuery({}),
    body: {
      required: true,
      content: {
        "multipart/form-data": {
          schema: z.object({
            to: z.string(),
            media: z.string().openapi({ format: "binary" }),
            mediaType: z.enum(["image", "video", "audio", "voice", "document", "sticker"]).optional(),
            caption: z.string().optional(),
            fileName: z.string().optional(),
          }),
        },
      },
    },
  },
  responses: { 200: WhatsAppSent, ...apiRefusals(404, 409, 413, 415, 422, 502, 503) },
});

export interface WhatsAppMediaRouteDeps {
  readonly defaultDevice: DefaultDevice;
  readonly sendMessage: SendMessage;
  readonly files: Pick<OutgoingFiles, "receive" | "discardUpload">;
}

/** Sending files for those who know one account only, from a form that is streamed to the disk. */
export function createWhatsAppMediaRoutes(
  { defaultDevice, sendMessage, files }: WhatsAppMediaRouteDeps,
): OpenAPIHono<HttpEnv> {
  const routes = new OpenAPIHono<HttpEnv>();
  // Only described here: the validator of forms would hold the file in memory.
  routes.openAPIRegistry.registerPath(sendMedia);

  routes.post(sendMedia.getRoutingPath(), async (c) => {
    const uploads: Upload[] = [];
    try {
      const { fields } = await readMultipart(c.req.raw, async (bytes, { fileName, mimeType }) => {
        if (uploads.length > 0) {
          throw new HttpError(400, "INVALID_MEDIA", "A message carries one file, not more");
        }
        uploads.push(await files.receive(bytes, { fileName, mimeType }));
      });
      const { to = "", caption, fileName } = fields;
      const kind = kindOf(fields.mediaType);
      const [upload] = uploads;
      if (upload === undefined) {
        throw new InvalidError("media", "Field `media` is required: it must be a file");
      }
      const tenantId = c.get("tenant").id;
      const { message } = await sendMessage({
        tenantId,
        device: await defaultDevice(tenantId),
        to,
        content: {
          kind,
          file: { from: "upload", upload },
          ...(caption ? { caption } : {}),
          ...(fileName ? { fileName } : {}),
        },
        wait: true,
      });
      const messageId = message.waMessageId ?? message.id;
      return c.json({ success: true as const, messageId, message: "Media sent successfully" }, 200);
    } finally {
      for (const upload of uploads) await files.discardUpload(upload);
    }
  });

  return routes;
}

function kindOf(given: string | undefined): MediaKind | "any" {
  if (given === undefined || given === "") return "any";
  const kind = KINDS.find((known) => known === given);
  if (kind !== undefined) return kind;
  throw new InvalidError(
    "mediaType",
    `Field \`mediaType\` must be one of ${KINDS.join(", ")}, got "${given}"`,
  );
}
