import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import { InvalidError, RefusedError } from "../../errors.ts";
import type { MediaKind } from "../../events/content.ts";
import type { OutgoingFiles } from "../../media/outgoing.ts";
import { apiQuery, body } from "../fields.ts";
import type { HttpEnv } from "../context.ts";
import { faultOf } from "../issues.ts";
import { readMediaRequest, withFlags } from "../media_request.ts";
import { Caption } from "../shapes/message_bodies.ts";
import {
  INSTANCE_FIELDS,
  INSTANCE_ROUTE,
  INSTANCE_SENT,
  type InstanceSendingDeps,
  sendThrough,
} from "./sending.ts";

/** These routes bound their bodies themselves: by the size of the file that they carry. */
export const STREAMED_INSTANCE_FILES = /^\/api\/message\/send\/(image|video|file|voice)\/?$/;

const Url = z.string().min(1).max(8_192);
const Base64 = z.string().min(1);
const Name = z.string().min(1).max(255);

const viewOnce = z.boolean().optional().openapi({ description: "The recipient can open it only once" });
const FLAGS: ReadonlySet<string> = new Set(["ptt", "viewOnce", "gifPlayback"]);

const Image = body({
  ...INSTANCE_FIELDS,
  viewOnce,
  imageUrl: Url.optional(),
  imageBase64: Base64.optional(),
  caption: Caption.optional(),
});
const Video = body({
  ...INSTANCE_FIELDS,
  viewOnce,
  gifPlayback: z.boolean().optional().openapi({
    description: "It plays by itself, over and over, without sound",
  }),
  videoUrl: Url.optional(),
  videoBase64: Base64.optional(),
  caption: Caption.optional(),
});
const File = body({
  ...INSTANCE_FIELDS,
  fileUrl: Url.optional(),
  fileBase64: Base64.optional(),
  fileName: Name.optional(),
  mimetype: z.string().min(3).max(100).optional(),
  caption: Caption.optional(),
});
const Voice = body({
  ...INSTANCE_FIELDS,
  viewOnce,
  audioUrl: Url.optional(),
  audioBase64: Base64.optional(),
  ptt: z.boolean().optional().openapi({ description: "False: as audio instead of as a voice note" }),
});

/** The fields of them all. */
interface Fields extends z.output<z.ZodObject<typeof INSTANCE_FIELDS>> {
  readonly caption?: string;
  readonly fileName?: string;
  readonly mimetype?: string;
  readonly ptt?: boolean;
  readonly viewOnce?: boolean;
  readonly gifPlayback?: boolean;
}

const KINDS: readonly {
  readonly path: string;
  readonly kind: MediaKind;
  readonly what: string;
  readonly schema: z.ZodType<Fields>;
  /** The fields of the file: where it is, and what it is. */
  readonly url: string;
  readonly base64: string;
}[] = [
  { path: "image", kind: "image", what: "an image", schema: Image, url: "imageUrl", base64: "imageBase64" },
  { path: "video", kind: "video", what: "a video", schema: Video, url: "videoUrl", base64: "videoBase64" },
  { path: "file", kind: "document", what: "a document", schema: File, url: "fileUrl", base64: "fileBase64" },
  {
    path: "voice",
    kind: "voice",
    what: "a voice note",
    schema: Voice,
    url: "audioUrl",
    base64: "audioBase64",
  },
];

export interface InstanceFileRouteDeps extends InstanceSendingDeps {
  readonly files: Pick<OutgoingFiles, "receive" | "discardUpload">;
}

/** Sending files, for those who call devices instances: from a URL, as base64, or in a form. */
export function createInstanceFileRoutes(deps: InstanceFileRouteDeps): OpenAPIHono<HttpEnv> {
  const { files } = deps;
  const routes = new OpenAPIHono<HttpEnv>();

  for (const { path, kind, what, schema, url, base64 } of KINDS) {
    const send = createRoute({
      ...INSTANCE_ROUTE,
      path: `/message/send/${path}`,
      summary: `Send ${what} through an instance`,
      request: {
        query: apiQuery({}),
        body: { required: true, content: { "application/json": { schema } } },
      },
      responses: INSTANCE_SENT,
    });
    // Only described here: the validator would hold the file in memory.
    routes.openAPIRegistry.registerPath(send);
    routes.post(send.getRoutingPath(), async (c) => {
      const { target, given, upload } = await readMediaRequest(c, files, {
        base64: new Set([base64]),
        fieldsOf: (fields) => withFlags(fields, FLAGS),
      });
      try {
        const parsed = schema.safeParse(given);
        if (!parsed.success) {
          const faults = parsed.error.issues.map((issue) => faultOf(issue, target, given));
          throw new InvalidError(
            faults[0].field,
            faults.slice(0, 5).map(({ message }) => message).join("; "),
          );
        }
        const { caption, fileName, mimetype, ptt = true, viewOnce, gifPlayback, ...fields } = parsed.data;
        const from = (given as Readonly<Record<string, string | undefined>>)[url]; // it passed the schema
        if ((from === undefined) === (upload === undefined)) {
          const message = `Cannot send this: give one of \`${url}\`, \`${base64}\`, or a file in a form`;
          throw new RefusedError("INVALID_MEDIA", message);
        }
        const said = mimetype === undefined ? {} : { mimeType: mimetype };
        const file = upload === undefined
          ? { from: "url" as const, url: from ?? "", field: url, ...said }
          : { from: "upload" as const, upload, ...said };
        const answer = await sendThrough(deps, c, fields, {
          kind: ptt ? kind : "audio",
          file,
          ...(caption ? { caption } : {}),
          ...(fileName === undefined ? {} : { fileName }),
          ...(viewOnce ? { viewOnce } : {}),
          ...(gifPlayback ? { gifPlayback } : {}),
        });
        return c.json(answer, 200);
      } finally {
        if (upload !== undefined) await files.discardUpload(upload);
      }
    });
  }
  return routes;
}
