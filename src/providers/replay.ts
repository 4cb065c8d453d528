import { ConflictError, NotFoundError } from "../errors.ts";
import type { SystemLog, SystemLogLine } from "../store/system_log.ts";
import { bodyIn } from "./kept_body.ts";
import type { Provider, Report } from "./provider.ts";

/** What reading a kept webhook again came to. */
export interface Replayed {
  readonly line: SystemLogLine;
  readonly events: number;
  /** Why parts of it are still not understood. */
  readonly unread: readonly string[];
}

/**
 * Reads a webhook that is kept in the system log once more, as after an upgrade that understands it.
 * @throws {NotFoundError} If there is no such line.
 * @throws {ConflictError} If the line keeps no webhook.
 */
export type ReplayKept = (lineId: number) => Promise<Replayed>;

export function createReplayKept({ providers, systemLog, now }: {
  readonly providers: readonly Provider[];
  readonly systemLog: Pick<SystemLog, "get" | "amend">;
  readonly now: () => number;
}): ReplayKept {
  return async (lineId) => {
    const line = await systemLog.get(lineId);
    if (line === undefined) throw new NotFoundError("line of the system log", String(lineId));
    const metadata = line.metadata ?? {};
    const provider = providers.find(({ source }) => source === metadata.source);
    const inbound = bodyIn(metadata);
    if (provider === undefined || inbound === undefined) {
      throw new ConflictError(`Cannot replay line ${lineId}: it keeps no webhook`);
    }
    const report = await provider.read(inbound);
    await report.store();
    const after = { ...metadata, ...resultOf(report), replayedAt: new Date(now()).toISOString() };
    await systemLog.amend(lineId, after);
    return { line: { ...line, metadata: after }, events: report.events, unread: report.unread };
  };
}

function resultOf({ events, unread, nothing }: Report) {
  return {
    events,
    unread,
    nothing,
    outcome: unread.length > 0 ? "unread" : events > 0 ? "event" : "nothing",
  };
}
