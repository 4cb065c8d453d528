// The parts of a real store that sessions use, and what was asked of them.
import { DatabaseSync } from "node:sqlite";
import { DEFAULT_TENANT } from "../../src/ids.ts";
import type { Credentials } from "../../src/store/credentials.ts";
import type { Device, Devices } from "../../src/store/devices.ts";
import type { History } from "../../src/store/history.ts";
import type { Inbox, InboxMessage } from "../../src/store/inbox.ts";
import { fileStore } from "./temporary_store.ts";

/** Tests put methods of their own in the place of some. */
type Replaceable<T> = { -readonly [K in keyof T]: T[K] };

export interface KeptCredentials extends Replaceable<Credentials> {
  /** How often keys were read from the store. */
  reads: number;
}

export interface KeptInbox extends Replaceable<Inbox> {
  /** What was asked to be kept, by device, chat and id, in the order of the asking. */
  readonly rows: Map<string, { readonly message: InboxMessage; published: boolean }>;
}

export interface KeptStore {
  readonly credentials: KeptCredentials;
  readonly inbox: KeptInbox;
  readonly history: Replaceable<History>;
  readonly devices: Devices;
  /** What a crash between an event and its mark leaves: no message is marked as published. */
  loseMarks(): void;
}

/** Opens a store of its own, which goes with the process. A device that it is asked about first is made. */
export function keptStore({ makesDevices = true } = {}): KeptStore {
  const { store, path } = fileStore();
  const made = new Map<string, Promise<void>>();
  const ready = (deviceId: string): Promise<void> => {
    if (!makesDevices) return Promise.resolve();
    let making = made.get(deviceId);
    if (making === undefined) {
      making = store.devices.create({ ...aDevice(deviceId), alias: null }).catch(() => {}); // the test made it
      made.set(deviceId, making);
    }
    return making;
  };
  const credentials: KeptCredentials = {
    ...store.credentials,
    reads: 0,
    save: (deviceId, creds) => ready(deviceId).then(() => store.credentials.save(deviceId, creds)),
    setKeys: (deviceId, entries) => ready(deviceId).then(() => store.credentials.setKeys(deviceId, entries)),
    keys(...asked) {
      credentials.reads++;
      return store.credentials.keys(...asked);
    },
  };
  return {
    credentials,
    inbox: keptInbox(store.inbox, ready),
    history: { ...store.history },
    devices: store.devices,
    loseMarks() {
      const database = new DatabaseSync(path);
      database.exec("UPDATE inbox SET published = 0 WHERE published = 1");
      database.close();
    },
  };
}

function keptInbox(inbox: Inbox, ready: (deviceId: string) => Promise<void>): KeptInbox {
  const rows: KeptInbox["rows"] = new Map();
  const keyOf = ({ deviceId, chat, messageId }: Pick<InboxMessage, "deviceId" | "chat" | "messageId">) =>
    `${deviceId}|${chat}|${messageId}`;
  const note = (message: InboxMessage, published: boolean) => {
    if (!rows.has(keyOf(message))) rows.set(keyOf(message), { message, published });
  };
  return {
    ...inbox,
    rows,
    journal(messages) {
      for (const message of messages) note(message, false);
      return Promise.all(messages.map(({ deviceId }) => ready(deviceId))).then(() => inbox.journal(messages));
    },
    keep(messages) {
      for (const message of messages) note(message, true);
      return Promise.all(messages.map(({ deviceId }) => ready(deviceId))).then(() => inbox.keep(messages));
    },
    async published(deviceId, messages) {
      await inbox.published(deviceId, messages);
      for (const message of messages) {
        const row = rows.get(keyOf({ deviceId, ...message }));
        if (row !== undefined) row.published = true;
      }
    },
    async forget(deviceId, messages) {
      await inbox.forget(deviceId, messages);
      for (const message of messages) rows.delete(keyOf({ deviceId, ...message }));
    },
  };
}

export function aDevice(id: string): Device {
  return {
    id,
    tenantId: DEFAULT_TENANT,
    kind: "whatsapp",
    label: "Kasir",
    alias: "kasir",
    status: "needs_pairing",
    phoneNumber: null,
    jid: null,
    lid: null,
    pushName: null,
    pacing: null,
    wanted: false,
    lastError: null,
    connectedAt: null,
    disconnectedAt: null,
    createdAt: 0,
    updatedAt: 0,
  };
}
