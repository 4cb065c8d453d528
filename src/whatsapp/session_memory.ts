import { messageOf } from "../errors.ts";
import type { DeviceId } from "../ids.ts";
import type { Credentials } from "../store/credentials.ts";
import type { Inbox } from "../store/inbox.ts";
import { type Acquaintances, createAcquaintances, type Mapping } from "./acquaintances.ts";
import { type Arrivals, createArrivals } from "./arrivals.ts";
import { type AuthState, openAuthState } from "./auth_state.ts";
import { createDirectory, type Directory } from "./directory.ts";
import { plainJid } from "./jid.ts";
import { createJournal, type Journal } from "./journal.ts";
import type { Trying } from "./keep_trying.ts";
import { createLedger, type Ledger } from "./ledger.ts";
import type { Me } from "./normalise/people.ts";
import type { SessionDraft, SessionEvents } from "./session.ts";

/** With more messages than this on their way to disk, the session takes no more from WhatsApp. */
const MOST_UNWRITTEN = 500;

export interface MemoryDeps {
  readonly deviceId: DeviceId;
  readonly credentials: Credentials;
  readonly inbox: Inbox;
  readonly events: Pick<SessionEvents, "happened">;
  readonly trying: Trying;
  /** The device was removed from the store. */
  readonly onGone: () => void;
  /** Publishes what is found out about people. */
  readonly report: (drafts: readonly SessionDraft[]) => Promise<void>;
}

/** What a session knows and writes down, apart from its connection. */
export interface SessionMemory {
  readonly auth: AuthState;
  readonly ledger: Ledger;
  readonly directory: Directory;
  readonly arrivals: Arrivals;
  readonly journal: Journal;
  readonly me: () => Me;
}

export async function openSessionMemory(deps: MemoryDeps): Promise<SessionMemory> {
  const { deviceId, credentials, inbox, events, trying, onGone, report } = deps;
  const acquaintances = createAcquaintances(deviceId, credentials);
  const ledger = createLedger({ deviceId, credentials, inbox, trying, onGone });
  const auth = await openAuthState(deviceId, credentials, ledger, (mappings) => {
    unveil(acquaintances, mappings, report).catch((error) =>
      trying.log.warn("session.not_unveiled", { deviceId, error: messageOf(error) })
    );
  });
  const directory = createDirectory(auth.keys);
  const me = (): Me => {
    const { id = "", lid } = auth.creds.me ?? {};
    return { pn: plainJid(id), lid: lid ? plainJid(lid) : null };
  };
  const journaled = ledger.durable;
  const arrivals = createArrivals({
    deviceId,
    inbox,
    events,
    journaled,
    directory,
    acquaintances,
    me,
    trying,
  });
  const journal = createJournal({
    prepare: arrivals.prepare,
    write: ledger.journal,
    async arrived(arrival, row) {
      await arrivals.accept(arrival, row);
      if (ledger.waiting > MOST_UNWRITTEN) await ledger.durable();
    },
    me: () => auth.creds.me,
  });
  return { auth, ledger, directory, arrivals, journal, me };
}

/** People who were known by LID alone have a phone number now. */
async function unveil(
  acquaintances: Acquaintances,
  mappings: readonly Mapping[],
  report: MemoryDeps["report"],
): Promise<void> {
  const drafts = await acquaintances.unveil(mappings);
  if (drafts.length === 0) return;
  await report(drafts);
  await acquaintances.resolved(mappings.map(({ lid }) => lid));
}
