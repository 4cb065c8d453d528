import { Buffer } from "node:buffer";
import { SessionRecord } from "libsignal";
import { copyOfSession, type SessionEntry } from "./session_entry.ts";

interface StoredRecord {
  sessions: Record<string, SessionEntry>;
  serialize(): unknown;
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
  const { serialize } = records.prototype;
  const deserialize = records.deserialize.bind(records);
  const serialise: Serialise = (sessions) => serialize.call(Object.assign(new records(), { sessions }));

  records.prototype.serialize = function () {
    return new SessionSnapshot(this.sessions, serialise);
  };
  records.deserialize = (data) =>
    data instanceof SessionSnapshot
      ? Object.assign(new records(), { sessions: data.sessions() })
      : deserialize(data);
}

/** The sessions with one contact's device, as they were when they were stored. */
export class SessionSnapshot {
  readonly #sessions: SessionsByKey;
  readonly #serialise: Serialise;

  constructor(sessions: SessionsByKey, serialise: Serialise) {
    this.#sessions = copyOfAll(sessions, kept);
    this.#serialise = serialise;
  }

  /** The sessions for somebody who is going to change them. */
  sessions(): Record<string, SessionEntry> {
    return copyOfAll(this.#sessions, copyOfSession);
  }

  /** What libsignal would have stored. */
  toJSON(): unknown {
    return this.#serialise(this.#sessions);
  }
}

function copyOfAll(sessions: SessionsByKey, copyOf: (session: SessionEntry) => SessionEntry) {
  const copies: Record<string, SessionEntry> = {};
  for (const key in sessions) copies[key] = copyOf(sessions[key]);
  return copies;
}

/** A copy that is kept for long: keys that came in a message have memory of their own, instead of the message's. */
function kept(session: SessionEntry): SessionEntry {
  const copy = copyOfSession(session);
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

function isRecords(value: unknown): value is Records {
  return typeof value === "function" && "deserialize" in value && typeof value.deserialize === "function" &&
    "prototype" in value && typeof value.prototype === "object" && value.prototype !== null &&
    "serialize" in value.prototype && typeof value.prototype.serialize === "function";
}
