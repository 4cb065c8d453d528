import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import type { DefaultDevice } from "../../devices/default_device.ts";
import { InvalidError } from "../../errors.ts";
import type { MediaKind } from "../../events/content.ts";
import type { OutgoingFiles } from "../../media/outgoing.ts";
import type { SendMessage } from "../../messages/request.ts";
import { API_KEY, apiRefusals } from "../answers.ts";
import type { HttpEnv } from "../context.ts";
import { apiQuery } from "../fields.ts";
import { faultOf } from "../issues.ts";
import { readMediaRequest, withFlags } from "../media_request.ts";
import { Caption, idempotencyKeyOf } from "../shapes/message_bodies.ts";
import { guessShown } from "../shapes/message.ts";
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
            viewOnce: z.enum(["true", "false"]).optional().openapi({
              description: "The recipient can open it only once: images, videos, audio and voice notes",
            }),
            gifPlayback: z.enum(["true", "false"]).optional().openapi({
              description: "A video plays by itself, over and over, without sound",
            }),
          }),
        },
      },
    },
  },
  responses: { 200: WhatsAppSent, ...apiRefusals(404, 409, 413, 415, 422, 502, 503) },
});

/** This route bounds its body itself: by the size of the file that it carries. */
export const STREAMED_SEND_MEDIA = /^\/api\/whatsapp\/send-media\/?$/;

const FLAGS: ReadonlySet<string> = new Set(["viewOnce", "gifPlayback"]);
const NO_FIELDS: ReadonlySet<string> = new Set();
/** Clients of this route must send a caption with everything; these show none. */
const WITHOUT_CAPTION: ReadonlySet<string> = new Set(["audio", "voice", "sticker"]);

const Fields = z.object({
  to: z.string().min(1).max(100),
  mediaType: z.string().optional(),
  caption: Caption.optional(),
  fileName: z.string().max(255).optional(),
  viewOnce: z.boolean().optional(),
  gifPlayback: z.boolean().optional(),
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
    const { given, upload } = await readMediaRequest(c, files, {
      base64: NO_FIELDS,
      fieldsOf: (fields) => withFlags(fields, FLAGS),
    });
    try {
      const { to, caption, fileName, mediaType, viewOnce, gifPlayback } = fieldsOf(given);
      if (upload === undefined) {
        throw new InvalidError("media", "Field `media` is required: it must be a file");
      }
      const kind = kindOf(mediaType);
      const tenantId = c.get("tenant").id;
      const { message, normalizedFrom } = await sendMessage({
        tenantId,
        device: await defaultDevice(tenantId),
        to,
        content: {
          kind,
          file: { from: "upload", upload },
          ...(caption && !WITHOUT_CAPTION.has(kind) ? { caption } : {}),
          ...(fileName ? { fileName } : {}),
          ...(viewOnce ? { viewOnce } : {}),
          ...(gifPlayback ? { gifPlayback } : {}),
        },
        idempotencyKey: idempotencyKeyOf(c.req.header("Idempotency-Key")),
        wait: true,
      });
      const messageId = message.waMessageId ?? message.id;
      const said = { messageId, message: "Media sent successfully", ...guessShown(normalizedFrom) };
      return c.json({ success: true as const, ...said }, 200);
    } finally {
      if (upload !== undefined) await files.discardUpload(upload);
    }
  });

  return routes;
}

function fieldsOf(given: unknown): z.output<typeof Fields> {
  const parsed = Fields.safeParse(given);
  if (parsed.success) return parsed.data;
  const { field, message } = faultOf(parsed.error.issues[0], "form", given);
  throw new InvalidError(field, message);
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
