import { Buffer } from "node:buffer";
import { SessionRecord } from "libsignal";
import { copyOfSession, type SessionEntry } from "./session_entry.ts";

interface StoredRecord {
  sessions: Record<string, SessionEntry>;
  serialize(): unknown;
  getSession(key: Buffer): SessionEntry | undefined;
  getSessions(): SessionEntry[];
  getOpenSession(): SessionEntry | undefined;
  haveOpenSession(): boolean;
}

interface Records {
  new (): StoredRecord;
  readonly prototype: StoredRecord;
  deserialize(data: unknown): StoredRecord;
}

/** Makes the plain data of a record. */
type Serialise = (sessions: SessionsByKey) => unknown;
type SessionsByKey = Readonly<Record<string, SessionEntry>>;

const CHANGED = "Cannot keep Signal sessions in memory: libsignal works otherwise by now";
/** What Node hands out small pieces of. */
const POOL_BYTES = 8_192;

let installed = false;

/**
 * Spares libsignal the text of sessions. It turns all keys of a record into base64 when it stores the record, and back
 * when it loads it, for each message. Here, what it stores is a snapshot, which becomes the same plain data as ever
 * when it is made JSON. Once per process.
 * @see libsignal src/session_record.js, `serialize` and `deserialize`
 */
export function snapshotSessions(): void {
  if (installed) return;
  installed = true;
  const records: unknown = SessionRecord;
  if (!isRecords(records)) throw new TypeError(CHANGED);
  const { serialize, getSession, getSessions, getOpenSession } = records.prototype;
  const deserialize = records.deserialize.bind(records);
  const serialise: Serialise = (sessions) => serialize.call(Object.assign(new records(), { sessions }));

  records.prototype.serialize = function () {
    return new SessionSnapshot(this.sessions, serialise);
  };
  records.deserialize = (data) =>
    data instanceof SessionSnapshot
      ? Object.assign(new records(), { sessions: data.sessions() })
      : deserialize(data);
  // whoever asks for sessions is going to change them
  records.prototype.getSession = function (key) {
    makeOwn(this.sessions);
    return getSession.call(this, key);
  };
  records.prototype.getSessions = function () {
    makeOwn(this.sessions);
    return getSessions.call(this);
  };
  records.prototype.getOpenSession = function () {
    const open = getOpenSession.call(this);
    if (open === undefined || !shared.has(open)) return open;
    makeOwn(this.sessions, open);
    return getOpenSession.call(this);
  };
  records.prototype.haveOpenSession = function () {
    return typeof getOpenSession.call(this)?.registrationId === "number";
  };
}

/** Sessions of snapshots, which nobody may change. */
const shared = new WeakSet<SessionEntry>();

/** Puts copies into the places of shared sessions: of all, or of one. */
function makeOwn(sessions: Record<string, SessionEntry>, one?: SessionEntry): void {
  for (const key in sessions) {
    const session = sessions[key];
    if (shared.has(session) && (one === undefined || one === session)) sessions[key] = copyOfSession(session);
  }
}

/** The sessions with one contact's device, as they were when they were stored. */
export class SessionSnapshot {
  readonly #sessions: SessionsByKey;
  readonly #serialise: Serialise;

  constructor(sessions: SessionsByKey, serialise: Serialise) {
    const own: Record<string, SessionEntry> = {};
    for (const key in sessions) own[key] = kept(sessions[key]);
    this.#sessions = own;
    this.#serialise = serialise;
  }

  /**
   * The sessions for a record, which copies those that it is asked for: to see whether there is one takes none, and to
   * write takes the open one. A contact may have left up to 40 closed ones behind.
   */
  sessions(): Record<string, SessionEntry> {
    return { ...this.#sessions };
  }

  /** What libsignal would have stored. */
  toJSON(): unknown {
    return this.#serialise(this.#sessions);
  }
}

/** A copy that is kept for long: keys that came in a message have memory of their own, instead of the message's. */
function kept(session: SessionEntry): SessionEntry {
  if (shared.has(session)) return session;
  const copy = copyOfSession(session);
  shared.add(copy);
  const { currentRatchet, indexInfo } = copy;
  return Object.assign(copy, {
    currentRatchet: {
      ...currentRatchet,
      lastRemoteEphemeralKey: unpinned(currentRatchet.lastRemoteEphemeralKey),
    },
    indexInfo: {
      ...indexInfo,
      baseKey: unpinned(indexInfo.baseKey),
      remoteIdentityKey: unpinned(indexInfo.remoteIdentityKey),
    },
  });
}

function unpinned(key: Buffer): Buffer {
  return key.buffer.byteLength > POOL_BYTES ? Buffer.from(key) : key;
}

const METHODS = ["serialize", "getSession", "getSessions", "getOpenSession", "haveOpenSession"];

function isRecords(value: unknown): value is Records {
  return typeof value === "function" && "deserialize" in value && typeof value.deserialize === "function" &&
    "prototype" in value && typeof value.prototype === "object" && value.prototype !== null &&
    METHODS.every((name) => typeof Reflect.get(value.prototype as object, name) === "function");
}
