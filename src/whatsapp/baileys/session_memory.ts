import { messageOf } from "../../errors.ts";
import type { Jid } from "../../events/person.ts";
import type { DeviceId } from "../../ids.ts";
import type { Credentials } from "../../store/credentials.ts";
import type { History } from "../../store/history.ts";
import type { Inbox } from "../../store/inbox.ts";
import { createIntake, type IntakeDeps, isWanted } from "./history_intake.ts";
import { createTelling } from "./history_telling.ts";
import { createContactChanges } from "./contact_changes.ts";
import { type Arrivals, createArrivals } from "./arrivals.ts";
import { type Awaiting, createAwaiting } from "./awaiting.ts";
import { type AuthState, type OnMappings, openAuthState } from "./auth_state.ts";
import { createDirectory, type Directory } from "./directory.ts";
import { plainJid } from "../jid.ts";
import { createJournal, type Journal } from "./journal.ts";
import { keepTrying, type Trying } from "../../async/keep_trying.ts";
import { createLedger, type Ledger } from "./ledger.ts";
import { createLidMigration, type LidMigration } from "./lid_migration.ts";
import type { Me } from "./normalise/people.ts";
import type { SessionDraft, SessionEvents } from "../session.ts";
import { createPolls } from "./polls.ts";
import { createTargets, type TargetsDeps } from "./targets.ts";
import { createTimers, type Timers } from "./timers.ts";

/** With more messages than this on their way to disk, the session takes no more from WhatsApp. */
const MOST_UNWRITTEN = 500;

export interface MemoryDeps {
  readonly deviceId: DeviceId;
  readonly credentials: Credentials;
  readonly inbox: Inbox;
  readonly history: History;
  readonly events: Pick<SessionEvents, "happened" | "pastCame">;
  readonly trying: Trying;
  /** The device was removed from the store. */
  readonly onGone: () => void;
  /** Publishes what is found out about people. */
  readonly report: (drafts: readonly SessionDraft[]) => Promise<void>;
  readonly rightsIn: TargetsDeps["rightsIn"];
  /** How long the content of a message that was announced without is waited for. */
  readonly contentMs: number;
  /** How many days of the past become events; undefined: none does. */
  readonly historyDays: number | undefined;
  readonly learn: IntakeDeps["learn"];
  readonly readPage: IntakeDeps["readPage"];
}

/** What a session knows and writes down, apart from its connection. */
export interface SessionMemory {
  readonly auth: AuthState;
  readonly ledger: Ledger;
  readonly directory: Directory;
  readonly arrivals: Arrivals;
  readonly awaiting: Awaiting;
  readonly timers: Timers;
  readonly lidMigration: LidMigration;
  readonly journal: Journal;
  /** Resolves when what a crash has left is published; fails when the session ends before. */
  readonly replayed: Promise<void>;
  /** Files the chats of people anew whose address has changed by these drafts. */
  readonly file: (drafts: readonly SessionDraft[]) => Promise<void>;
  /** Goes on with what the last session has left of the past. */
  readonly takeUpPast: () => void;
  /** Resolves when nothing of the past is on its way, for now. */
  readonly pastIdle: () => Promise<unknown>;
  readonly me: () => Me;
}

/**
 * Reads and writes keys as soon as the store is there. Baileys answers a message with an error when anything fails
 * before it is decrypted and noted, after which WhatsApp does not send it again (lib/Socket/messages-recv.js
 * `handleMessage`): it has to wait instead, until the store is back or the connection is over.
 */
function patientOf(credentials: Credentials, trying: Trying): Omit<Credentials, "save" | "forgetRatchets"> {
  return {
    load: (id) => credentials.load(id),
    clear: (id) => credentials.clear(id),
    keys: (...asked) => keepTrying("keys", () => credentials.keys(...asked), trying),
    setKeys: (...entries) => keepTrying("keys", () => credentials.setKeys(...entries), trying),
  };
}

export async function openSessionMemory(deps: MemoryDeps): Promise<SessionMemory> {
  const { deviceId, credentials, inbox, history, events, trying, onGone, report, rightsIn, contentMs } = deps;
  const { historyDays: days, learn, readPage } = deps;
  const patient = patientOf(credentials, trying);
  const contactChanges = createContactChanges(deviceId, patient);
  const ledger = createLedger({ deviceId, credentials, inbox, history, trying, onGone });
  const auth = await openAuthState(deviceId, patient, ledger, (mappings, before) => {
    unveil(mappings, before).catch((error) =>
      trying.log.warn("session.not_unveiled", { deviceId, error: messageOf(error) })
    );
  }, trying.log);
  /** People who were known by LID alone have a phone number now, or another one than before. */
  async function unveil(...[mappings, before]: Parameters<OnMappings>): Promise<void> {
    const drafts = await contactChanges.unveil(mappings, await before, trying.clock.now());
    if (drafts.length === 0) return;
    await report(drafts); // which files their chats anew, too
    await contactChanges.resolved(mappings.map(({ lid }) => lid));
  }

  /** One person has one chat: what was said under the former address is filed under the new one. */
  async function file(drafts: readonly SessionDraft[]): Promise<void> {
    await ledger.durable();
    for (const draft of drafts) {
      const moved = movedBy(draft);
      if (moved === undefined) continue;
      await keepTrying("chat", () => inbox.refile(deviceId, moved.from, moved.to), trying);
    }
  }

  const directory = createDirectory(auth.keys);
  const me = (): Me => {
    const { id = "", lid } = auth.creds.me ?? {};
    return { pn: plainJid(id), lid: lid ? plainJid(lid) : null };
  };
  const journaled = ledger.durable;
  const targets = createTargets({ deviceId, inbox, journaled, directory, me, rightsIn, log: trying.log });
  const timers = createTimers(deviceId, patient);
  const lidMigration = createLidMigration({ deviceId, credentials: patient, ledger });
  const arrivals = createArrivals({
    timers,
    polls: createPolls(deviceId, patient),
    deviceId,
    inbox,
    events,
    journaled,
    directory,
    contactChanges,
    targets,
    me,
    trying,
  });
  const awaiting = createAwaiting({
    deviceId,
    inbox,
    journaled,
    tell: arrivals.accept,
    trying,
    waitMs: contentMs,
  });
  const telling = createTelling({ deviceId, history, inbox, arrivals, isWanted: days !== undefined, trying });
  const intake = createIntake({
    deviceId,
    history,
    events,
    arrivals,
    learn,
    readPage,
    days,
    onFiled: telling.look,
    trying,
  });
  const journal = createJournal({
    prepare: arrivals.prepare,
    completed: arrivals.completed,
    write: ledger.journal,
    async arrived(arrival, row) {
      if (arrival.placeholder === undefined) {
        awaiting.came(row.messageId);
        await arrivals.accept(arrival, row);
      } else {
        await awaiting.take(arrival, row);
      }
      if (ledger.waiting > MOST_UNWRITTEN) await ledger.durable();
    },
    past(page) {
      if (!isWanted(page, days)) return;
      const { messageId, payload } = page;
      ledger.past({ deviceId, messageId, payload, cameAt: trying.clock.now() });
      void ledger.durable()?.then(intake.look, () => {}); // it stays announced: WhatsApp was told nothing
    },
    onMovedToLids: lidMigration.note,
    me: () => auth.creds.me,
    now: trying.clock.now,
  });
  const replayed = arrivals.replay();
  replayed.catch(() => {}); // those who wait hear of it
  const takeUpPast = () => {
    intake.look();
    telling.look();
  };
  const pastIdle = () => Promise.all([intake.idle(), telling.idle()]);
  return {
    takeUpPast,
    pastIdle,
    auth,
    ledger,
    directory,
    arrivals,
    awaiting,
    journal,
    replayed,
    file,
    timers,
    lidMigration,
    me,
  };
}

/** Under which address a chat was filed so far, and is to be. */
function movedBy(draft: SessionDraft): { readonly from: Jid; readonly to: Jid } | undefined {
  if (draft.type === "identity.resolved") return { from: draft.data.lid, to: draft.data.pn };
  if (draft.type !== "identity.changed") return undefined;
  const { previous, person } = draft.data;
  const [from, to] = [previous.pn ?? previous.lid, person.pn ?? person.lid];
  return from === null || to === null || from === to ? undefined : { from, to };
}
