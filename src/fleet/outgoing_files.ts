import { ConflictError, NotFoundError } from "../errors.ts";
import type { OutgoingFiles } from "../media/outgoing.ts";
import type { Files } from "../store/files.ts";
import { saveFile, storeFile } from "../media/file_pieces.ts";

/**
 * Files of messages that wait to be sent, for whichever gateway will hold their device then: in the store as well as
 * on the disk of who took them.
 */
export function createSharedFiles(
  { local, shared, now }: {
    readonly local: OutgoingFiles;
    readonly shared: Pick<Files, "create" | "append" | "finish" | "info" | "read" | "remove">;
    readonly now: () => number;
  },
): OutgoingFiles {
  async function share(mediaId: string): Promise<void> {
    const put = () => storeFile(shared, mediaId, { path: local.pathOf(mediaId), now: now() });
    await put().catch(async (error) => {
      if (!(error instanceof ConflictError)) throw error;
      await shared.remove(mediaId); // what the same request left when it was made before, whole or in part
      await put();
    });
  }

  return {
    ...local,
    async bring(file, message) {
      const brought = await local.bring(file, message);
      try {
        await share(message.mediaId);
      } catch (error) {
        await local.discard(message.mediaId);
        throw error;
      }
      return brought;
    },
    async fetch(mediaId) {
      const path = local.pathOf(mediaId);
      if (await exists(path)) return;
      if (!(await shared.info(mediaId))?.complete) throw new NotFoundError("file", mediaId);
      const part = `${path}.part`;
      await saveFile(shared, mediaId, part);
      await Deno.rename(part, path);
    },
    async discard(mediaId) {
      await local.discard(mediaId);
      await shared.remove(mediaId);
    },
  };
}

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, (error) => {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  });
}
