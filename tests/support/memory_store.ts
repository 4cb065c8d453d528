// The parts of the store that sessions use, in memory. Values are kept as given, so they survive what a file would.
import { ConflictError } from "../../src/errors.ts";
import type { Credentials } from "../../src/store/credentials.ts";
import type { Device, Devices } from "../../src/store/devices.ts";
import type { Inbox, InboxMessage } from "../../src/store/inbox.ts";

export class MemoryCredentials implements Credentials {
  readonly creds = new Map<string, string>();
  readonly values = new Map<string, string>();
  reads = 0;
  writes = 0;

  load(deviceId: string) {
    return Promise.resolve(this.creds.get(deviceId));
  }

  save(deviceId: string, creds: string) {
    this.creds.set(deviceId, creds);
    return Promise.resolve();
  }

  keys(deviceId: string, type: string, ids: readonly string[]) {
    this.reads++;
    const found = new Map<string, string>();
    for (const id of ids) {
      const value = this.values.get(`${deviceId}|${type}|${id}`);
      if (value !== undefined) found.set(id, value);
    }
    return Promise.resolve(found);
  }

  setKeys(deviceId: string, entries: Parameters<Credentials["setKeys"]>[1]) {
    this.writes++;
    for (const { type, id, value } of entries) {
      const key = `${deviceId}|${type}|${id}`;
      if (value === null) this.values.delete(key);
      else this.values.set(key, value);
    }
    return Promise.resolve();
  }

  clear(deviceId: string) {
    this.creds.delete(deviceId);
    for (const key of this.values.keys()) {
      if (key.startsWith(`${deviceId}|`)) this.values.delete(key);
    }
    return Promise.resolve();
  }
}

interface Filed {
  readonly message: InboxMessage;
  published: boolean;
}

export class MemoryInbox implements Inbox {
  readonly rows = new Map<string, Filed>();

  journal(message: InboxMessage) {
    this.#file(message, false);
    return Promise.resolve();
  }

  keep(messages: readonly InboxMessage[]) {
    for (const message of messages) this.#file(message, true);
    return Promise.resolve();
  }

  published(deviceId: string, messages: readonly { chat: string; messageId: string }[]) {
    for (const { chat, messageId } of messages) {
      const row = this.rows.get(`${deviceId}|${chat}|${messageId}`);
      if (row !== undefined) row.published = true;
    }
    return Promise.resolve();
  }

  unpublished(deviceId: string, limit: number) {
    const rows = [...this.rows.values()].filter((row) => !row.published && row.message.deviceId === deviceId);
    return Promise.resolve(rows.slice(0, limit).map(({ message }) => message));
  }

  get(deviceId: string, messageId: string, chat?: string) {
    const row = [...this.rows.values()].find(({ message }) =>
      message.deviceId === deviceId && message.messageId === messageId &&
      (chat === undefined || message.chat === chat)
    );
    return Promise.resolve(row?.message);
  }

  history(deviceId: string, chat: string, { limit, before = Infinity }: { limit: number; before?: number }) {
    const rows = [...this.rows.values()].map(({ message }) => message).filter((message) =>
      message.deviceId === deviceId && message.chat === chat && message.sentAt < before
    );
    return Promise.resolve(rows.toSorted((a, b) => b.sentAt - a.sentAt).slice(0, limit));
  }

  chats(deviceId: string, { limit, offset }: { limit: number; offset: number }) {
    const lastAt = new Map<string, number>();
    for (const { message } of this.rows.values()) {
      if (message.deviceId !== deviceId) continue;
      lastAt.set(message.chat, Math.max(lastAt.get(message.chat) ?? 0, message.sentAt));
    }
    const chats = [...lastAt].map(([chat, lastAt]) => ({ chat, lastAt }));
    return Promise.resolve(chats.toSorted((a, b) => b.lastAt - a.lastAt).slice(offset, offset + limit));
  }

  prune() {
    return Promise.resolve(0);
  }

  #file(message: InboxMessage, published: boolean) {
    const key = `${message.deviceId}|${message.chat}|${message.messageId}`;
    if (!this.rows.has(key)) this.rows.set(key, { message, published });
  }
}

export class MemoryDevices implements Devices {
  readonly rows = new Map<string, Device>();

  create(device: Device) {
    if (this.rows.has(device.id)) throw new ConflictError(`Cannot create device "${device.id}": it exists`);
    this.rows.set(device.id, device);
    return Promise.resolve();
  }

  get(id: string) {
    return Promise.resolve(this.rows.get(id));
  }

  find(tenantId: string, idOrAlias: string) {
    const found = [...this.rows.values()].find((device) =>
      device.tenantId === tenantId && (device.id === idOrAlias || device.alias === idOrAlias)
    );
    return Promise.resolve(found);
  }

  list(filter: Parameters<Devices["list"]>[0]) {
    const found = [...this.rows.values()].filter((device) =>
      (filter.tenantId === undefined || device.tenantId === filter.tenantId) &&
      (filter.kind === undefined || device.kind === filter.kind) &&
      (filter.wanted === undefined || device.wanted === filter.wanted)
    );
    return Promise.resolve(found);
  }

  count() {
    return Promise.resolve(this.rows.size);
  }

  update(id: string, change: Parameters<Devices["update"]>[1], now: number) {
    const device = this.rows.get(id);
    if (device === undefined) return Promise.resolve(undefined);
    const changed = { ...device, ...change, updatedAt: now };
    this.rows.set(id, changed);
    return Promise.resolve(changed);
  }

  remove(id: string) {
    return Promise.resolve(this.rows.delete(id));
  }
}
