import type { DeviceActions } from "../devices/session_for.ts";
import type { DeviceId } from "../ids.ts";
import type { Files } from "../store/files.ts";
import type { Actions, Downloaded } from "../whatsapp/actions.ts";
import type { Session } from "../whatsapp/session.ts";
import type { DeviceCalls } from "./calls.ts";
import { saveFile, storeFile } from "../media/file_pieces.ts";

/** The actions that are asked for as they are: plain data in and out. */
const PLAIN = [
  "onWhatsApp",
  "markRead",
  "setOnline",
  "setTyping",
  "subscribePresence",
  "rejectCall",
  "groups",
  "group",
  "createGroup",
  "changeMembers",
  "setSubject",
  "inviteCode",
  "leaveGroup",
  "askHistory",
  "archive",
  "mute",
  "pictureUrl",
] as const satisfies readonly (keyof Actions)[];

/** What the ids of files begin with that one gateway lends another. */
export const LENT = "lent-";

const PREFIX = "session.";
const DOWNLOAD = `${PREFIX}download`;
/** How long a large file may take. */
const DOWNLOAD_MS = 10 * 60_000;
/** How much longer an answer is waited for than the holder waits for WhatsApp. */
const SPARE_MS = 10_000;

type PlainAction = (typeof PLAIN)[number];

/** A session that another gateway holds. */
export function createRemoteSession(
  deviceId: DeviceId,
  { ask, files }: { readonly ask: DeviceCalls["ask"]; readonly files: Pick<Files, "read" | "remove"> },
): DeviceActions {
  const plain = Object.fromEntries(
    PLAIN.map((name) => [name, (...args: readonly unknown[]) => ask(deviceId, PREFIX + name, args)]),
  ) as unknown as Pick<Actions, PlainAction>; // `performOnSession` answers as the session does
  return {
    ...plain,
    deviceId,
    async send(message, options) {
      const answerWithinMs = options.timeoutMs + SPARE_MS;
      const answer = await ask(deviceId, `${PREFIX}send`, [message, options], { answerWithinMs });
      return answer as Awaited<ReturnType<Session["send"]>>;
    },
    async download(mediaId, { path, maxBytes }) {
      const answer = await ask(deviceId, DOWNLOAD, [mediaId, maxBytes], { answerWithinMs: DOWNLOAD_MS });
      const { fileId, about } = answer as { readonly fileId: string; readonly about: Downloaded };
      try {
        await saveFile(files, fileId, path);
      } finally {
        await files.remove(fileId);
      }
      return about;
    },
  };
}

/**
 * Does with a session that is held here what another gateway asks; undefined when `kind` is nothing of a session.
 * @param folder Where a file may lie on its way.
 */
export function performOnSession(
  kind: string,
  args: readonly unknown[],
  { session, files, folder, now }: {
    /** @throws If the device is not connected. */
    readonly session: () => Promise<DeviceActions>;
    readonly files: Pick<Files, "create" | "append" | "finish">;
    readonly folder: string;
    readonly now: () => number;
  },
): Promise<unknown> | undefined {
  if (!kind.startsWith(PREFIX)) return undefined;
  if (kind === DOWNLOAD) return session().then((found) => download(found, args, { files, folder, now }));
  const name = [...PLAIN, "send" as const].find((each) => PREFIX + each === kind);
  if (name === undefined) return undefined;
  return session().then((found) =>
    (found[name] as (...args: readonly unknown[]) => Promise<unknown>)(...args)
  );
}

async function download(
  session: DeviceActions,
  [mediaId, maxBytes]: readonly unknown[],
  { files, folder, now }: {
    readonly files: Pick<Files, "create" | "append" | "finish">;
    readonly folder: string;
    readonly now: () => number;
  },
): Promise<{ readonly fileId: string; readonly about: Downloaded }> {
  const fileId = LENT + crypto.randomUUID();
  const path = `${folder}/${fileId}`;
  try {
    const about = await session.download(String(mediaId), { path, maxBytes: Number(maxBytes) });
    await storeFile(files, fileId, { path, now: now() });
    return { fileId, about };
  } finally {
    await Deno.remove(path).catch((error) => {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    });
  }
}
