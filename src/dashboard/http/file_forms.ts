import type { OutgoingFiles, Upload } from "../../media/outgoing.ts";
import { RefusedError } from "../../errors.ts";
import { HttpError } from "../../http/errors.ts";
import { readMultipart } from "../../http/multipart.ts";
import { sameText } from "../../tenants/known_keys.ts";
import type { UiContext } from "./env.ts";
import { ForgedFormError } from "./forms.ts";

/**
 * Forms that may carry a file of any size: their handlers read them, with `readFileForm`, and so check their tokens;
 * every other form is read and checked before its handler.
 */
export const FILE_FORMS = /^\/ui\/chats\/send\/?$/;

/** A form with at most one file, which lies on the disk. Whoever asked discards it. */
export interface FileForm {
  readonly fields: Readonly<Record<string, string>>;
  readonly upload: Upload | undefined;
  /** Why the file that came is not taken. */
  readonly refused: RefusedError | undefined;
}

/**
 * Reads a form piece by piece, its file straight to the disk. A file that is not taken is read to its end all the same:
 * browsers show no answer that comes before they are done.
 * @throws {ForgedFormError | HttpError}
 */
export async function readFileForm(
  c: UiContext,
  files: Pick<OutgoingFiles, "receive" | "discardUpload">,
): Promise<FileForm> {
  if (!/^multipart\/form-data\b/i.test(c.req.header("Content-Type") ?? "")) {
    throw new ForgedFormError("No page of ours sends this form so");
  }
  const uploads: Upload[] = [];
  let refused: RefusedError | undefined;
  try {
    const { fields } = await readMultipart(c.req.raw, async (bytes, { fileName, mimeType }) => {
      if (uploads.length > 0) {
        throw new HttpError(400, "INVALID_MEDIA", "A message carries one file, not more");
      }
      const pieces = bytes[Symbol.asyncIterator]();
      try {
        // no `return`: who stops reading does not end the body
        const unended = { [Symbol.asyncIterator]: () => ({ next: () => pieces.next() }) };
        uploads.push(await files.receive(unended, { fileName, mimeType }));
      } catch (error) {
        if (!(error instanceof RefusedError)) throw error;
        refused = error;
        while (!(await pieces.next()).done);
      }
    });
    if (!sameText(fields.csrf ?? "", c.get("cx").csrf)) {
      throw new ForgedFormError("The form does not carry the session's token");
    }
    return { fields, upload: uploads[0], refused };
  } catch (error) {
    for (const upload of uploads) await files.discardUpload(upload);
    throw error;
  }
}
