import { OpenAPIHono } from "@hono/zod-openapi";
import { cleanMimeType, UNKNOWN_TYPE } from "../../events/mime_type.ts";
import type { OutgoingFiles, Upload } from "../../media/outgoing.ts";
import type { Uploads } from "../../media/uploads.ts";
import type { HttpEnv } from "../context.ts";
import { GraphError } from "../graph_errors.ts";
import { readMultipart } from "../multipart.ts";
import { missing } from "./fields.ts";
import type { CloudFile, CloudFiles } from "./files.ts";
import type { Identity } from "./identity.ts";
import type { Links } from "./links.ts";

export interface CloudMediaDeps {
  readonly identity: Identity;
  readonly uploads: Pick<Uploads, "keep">;
  readonly files: Pick<OutgoingFiles, "receive" | "discardUpload">;
  readonly cloudFiles: CloudFiles;
}

/** These routes bound their bodies themselves. */
export const STREAMED_CLOUD_MEDIA = /^\/(?:graph\/)?(?:v\d+\.\d+\/)?[^/]+\/media\/?$/;

/** `POST /{phone number id}/media` and `DELETE /{media id}`; the file is streamed to the disk. */
export function createCloudMediaRoutes({ identity, uploads, files, cloudFiles }: CloudMediaDeps) {
  const routes = new OpenAPIHono<HttpEnv>();

  routes.post("/:id/media", async (c) => {
    const tenantId = c.get("tenant").id;
    await identity.device(tenantId, c.req.param("id"));
    if (!/^multipart\/form-data\b/i.test(c.req.header("Content-Type") ?? "")) {
      throw new GraphError(100, "The body must be multipart/form-data with the part `file`");
    }
    const received: Upload[] = [];
    const leave = async (upload: Upload) => await files.discardUpload(upload);
    try {
      const form = await readMultipart(c.req.raw, async (bytes, { fileName, mimeType }) => {
        const about = {
          ...(fileName !== undefined && { fileName }),
          ...(mimeType !== undefined && { mimeType }),
        };
        received.push(await files.receive(bytes, about));
      });
      const [file, ...others] = received;
      if (file === undefined) throw missing("file");
      if (others.length > 0) throw new GraphError(100, "One file can be uploaded at a time");
      // Some clients give the kind of message as `type` (`image`): then the file's own part says more.
      const told = [form.fields.type, file.mimeType].find((type) => type?.includes("/"));
      const mimeType = cleanMimeType(told ?? UNKNOWN_TYPE);
      const kept = await uploads.keep(tenantId, file, mimeType);
      received.length = 0;
      return c.json({ id: kept.id });
    } finally {
      for (const upload of received) await leave(upload);
    }
  });

  routes.delete("/:id", async (c) => {
    await cloudFiles.remove(c.get("tenant").id, c.req.param("id"));
    return c.json({ success: true });
  });

  return routes;
}

/** `GET …/download/{media id}`: without a key, by a link that is signed. */
export function createCloudDownloadRoutes({ links, cloudFiles }: {
  readonly links: Links;
  readonly cloudFiles: CloudFiles;
}): OpenAPIHono<HttpEnv> {
  const routes = new OpenAPIHono<HttpEnv>();
  routes.get("/download/:id", async (c) => {
    const id = c.req.param("id");
    const tenantId = await links.tenantOf(id, c.req.query());
    if (tenantId === undefined) {
      throw new GraphError(190, "The link is not valid any more; ask for a new one", 401);
    }
    const { bytes, sizeBytes, mimeType, fileName } = await cloudFiles.get(tenantId, id);
    const name = (fileName ?? id).replace(/[^\x20-\x7e]|["\\%/]/g, "_");
    return c.body(bytes.body({ start: 0, end: sizeBytes - 1 }), 200, {
      "Content-Type": mimeType,
      "Content-Length": String(sizeBytes),
      "Content-Disposition": `attachment; filename="${name}"`,
    });
  });
  return routes;
}

/** A file as `GET /{media id}` tells of it. */
export function mediaShown({ id, mimeType, sha256, sizeBytes }: CloudFile, url: string) {
  return {
    messaging_product: "whatsapp",
    url,
    mime_type: mimeType,
    sha256: sha256 ?? "",
    file_size: sizeBytes,
    id,
  };
}
