import type { Settings } from "../config.ts";
import type { Clock } from "../async/clock.ts";
import type { AddressBook } from "../devices/address_book.ts";
import { messageOf } from "../errors.ts";
import type { LineStore } from "../fleet/session_store.ts";
import { logOf } from "../log.ts";
import type { ReadInbox, ReadRaw } from "../whatsapp/read_inbox.ts";
import type { Sessions } from "../whatsapp/session.ts";
import type { WhatsAppSettings } from "../whatsapp/settings.ts";
import { logAsWorker, spawnSessionWorker } from "./spawn_session_worker.ts";
import { workersFor } from "../whatsapp/workers/worker_count.ts";

/** The authority of a simulator's media hosts, as PEM. */
export function mediaCaOf({ WHATSAPP_MEDIA_CA: path }: Settings): string | undefined {
  if (path === undefined) return undefined;
  try {
    return Deno.readTextFileSync(path);
  } catch (error) {
    throw new Error(`Cannot read WHATSAPP_MEDIA_CA: ${messageOf(error)}`);
  }
}

export function wireRecordOf({ WIRE_RECORD: folder, WIRE_RECORD_TEXTS: texts }: Settings) {
  return folder === undefined ? undefined : { folder, texts };
}

/** WhatsApp's encodings are loaded with the first message that is read. */
export function lazyReadInbox({ people }: Pick<AddressBook, "people">): ReadInbox {
  let loaded: Promise<ReadInbox> | undefined;
  const load = async () => (await import("../whatsapp/baileys/inbox_reader.ts")).createReadInbox(people);
  return async (rows, device) => rows.length === 0 ? [] : await (await (loaded ??= load()))(rows, device);
}

export const readRaw: ReadRaw = async (row) => {
  const reader = await import("../whatsapp/baileys/inbox_reader.ts");
  return await reader.readRaw(row);
};

/** Baileys takes a while to load and 100 MB of memory: it is loaded when the first device starts. */
export function lazySessions(
  { store, settings, clock }: {
    readonly store: LineStore;
    readonly settings: Settings;
    readonly clock: Clock;
  },
  whatsapp: WhatsAppSettings,
): Sessions {
  const { credentials, inbox, history } = store;
  const reached = { url: settings.WHATSAPP_WS_URL, rootKey: settings.WHATSAPP_ROOT_KEY, ...whatsapp };
  const log = logOf("whatsapp");
  let loaded: Promise<Sessions> | undefined;
  const load = async () => {
    const { SESSION_WORKERS: asked } = settings;
    const most = asked === "auto" ? workersFor(navigator.hardwareConcurrency) : asked;
    if (most > 0) {
      const { createWorkerSessions } = await import("../whatsapp/workers/worker_sessions.ts");
      return createWorkerSessions({
        most,
        spawn: spawnSessionWorker,
        start: { settings: reached, level: settings.LOG_LEVEL },
        credentials,
        inbox,
        history,
        log,
        logged: logAsWorker,
        clock,
      });
    }
    const { createSessions } = await import("../whatsapp/baileys/session.ts");
    return createSessions({ credentials, inbox, history, settings: reached, log, clock });
  };
  return {
    async open(...args) {
      return await (await (loaded ??= load())).open(...args);
    },
  };
}
