import type { Context } from "@hono/hono";
import { decodeBase64 } from "../media/base64.ts";
import type { OutgoingFiles, Upload } from "../media/outgoing.ts";
import type { HttpEnv } from "./context.ts";
import { HttpError } from "./errors.ts";
import { readJsonWithFiles } from "./json_files.ts";
import { readMultipart } from "./multipart.ts";

/** A request that may carry a file: as base64 in JSON, or in a form. */
export interface MediaRequest {
  readonly target: "json" | "form";
  /** What it says besides; where a file was in JSON, there is only a word in its place. */
  readonly given: unknown;
  readonly upload?: Upload;
}

/**
 * Reads such a request, its file straight to the disk. Whoever asked discards the file.
 * @param options.base64 Fields that carry a file as base64.
 * @param options.fieldsOf A form's fields, all text, as the JSON that they stand for.
 * @throws {HttpError | RefusedError} If it cannot be read, or carries more than one file.
 */
export async function readMediaRequest(
  c: Context<HttpEnv>,
  files: Pick<OutgoingFiles, "receive" | "discardUpload">,
  { base64, fieldsOf = (fields) => fields }: {
    readonly base64: ReadonlySet<string>;
    readonly fieldsOf?: (fields: Readonly<Record<string, string>>) => Readonly<Record<string, unknown>>;
  },
): Promise<MediaRequest> {
  const uploads: Upload[] = [];
  const one = () => {
    if (uploads.length > 0) throw new HttpError(400, "INVALID_MEDIA", "A message carries one file, not more");
  };
  const decode = async (text: AsyncIterable<Uint8Array>, field: string) => {
    one();
    const { bytes, mimeType } = decodeBase64(text, field);
    const upload = await files.receive(bytes, {});
    uploads.push({ ...upload, mimeType: mimeType() });
  };
  const read = async (): Promise<Omit<MediaRequest, "upload">> => {
    const type = c.req.header("Content-Type") ?? "";
    if (/^application\/([\w.-]+\+)?json\b/i.test(type)) {
      const { json } = await readJsonWithFiles(c.req.raw.body, base64, decode);
      return { target: "json", given: json };
    }
    if (!/^multipart\/form-data\b/i.test(type)) throw notTaken();
    const form = await readMultipart(c.req.raw, async (bytes, { fileName, mimeType }) => {
      one();
      uploads.push(await files.receive(bytes, { fileName, mimeType }));
    });
    const fields = { ...form.fields };
    for (const field of base64) {
      if (!fields[field]) continue;
      await decode(pieceOf(fields[field]), field);
      fields[field] = "file";
    }
    return { target: "form", given: fieldsOf(fields) };
  };
  try {
    return { ...await read(), upload: uploads[0] };
  } catch (error) {
    for (const upload of uploads) await files.discardUpload(upload);
    throw error;
  }
}

/**
 * A form's fields with those that say yes or no as JSON says it; empty ones say nothing, what is neither stays text.
 */
export function withFlags(
  fields: Readonly<Record<string, string>>,
  names: ReadonlySet<string>,
): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(fields).flatMap(([name, value]) => {
      if (!names.has(name)) return [[name, value]];
      if (value === "") return [];
      return [[name, value === "true" ? true : value === "false" ? false : value]];
    }),
  );
}

async function* pieceOf(text: string): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(new TextEncoder().encode(text));
}

function notTaken(): HttpError {
  const message = "Send JSON (Content-Type: application/json) or a form with a file (multipart/form-data)";
  return new HttpError(415, "UNSUPPORTED_MEDIA_TYPE", message);
}
