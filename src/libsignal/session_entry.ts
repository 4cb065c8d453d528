import type { Buffer } from "node:buffer";

interface Chain {
  readonly chainType: number;
  readonly chainKey: object;
  readonly messageKeys: object;
}

/**
 * One of several sessions that a contact may be using, as libsignal holds it.
 * @see libsignal src/session_record.js
 */
export interface SessionEntry {
  readonly registrationId: number;
  readonly currentRatchet: { readonly lastRemoteEphemeralKey: Buffer };
  readonly indexInfo: { readonly baseKey: Buffer; readonly remoteIdentityKey: Buffer };
  readonly _chains: Readonly<Record<string, Chain>>;
  /** There until the contact has answered. */
  readonly pendingPreKey?: object;
}

/** A session that can be changed without changing this one. Keys are shared: libsignal changes none in place. */
export function copyOfSession<S extends SessionEntry>(session: S): S {
  const chains: Record<string, Chain> = {};
  for (const key in session._chains) {
    const { chainType, chainKey, messageKeys } = session._chains[key];
    chains[key] = { chainKey: { ...chainKey }, chainType, messageKeys: { ...messageKeys } };
  }
  const copy = Object.create(Object.getPrototypeOf(session));
  copy.registrationId = session.registrationId;
  copy.currentRatchet = { ...session.currentRatchet };
  copy.indexInfo = { ...session.indexInfo };
  copy._chains = chains;
  if (session.pendingPreKey !== undefined) copy.pendingPreKey = { ...session.pendingPreKey };
  return copy;
}
