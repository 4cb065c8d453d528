import type { DeviceId } from "../ids.ts";
import type { Store } from "../store/store.ts";
import type { Holding } from "./fleet.ts";

/** What devices' lines and sessions read and write. */
export type LineStore = Pick<Store, "devices" | "credentials" | "inbox" | "history">;

/**
 * The store as it is for devices' sessions: what one writes is written under the lease of its device, and refused with
 * a `LeaseLostError` once that is lost.
 */
export function sessionStore(store: LineStore, { storeOf }: Pick<Holding, "storeOf">): LineStore {
  const inboxOf = (id: DeviceId) => storeOf(id).inbox;
  const credentialsOf = (id: DeviceId) => storeOf(id).credentials;
  return {
    devices: {
      ...store.devices,
      update: async (id, ...change) => await storeOf(id).devices.update(id, ...change),
      remove: async (id) => await storeOf(id).devices.remove(id),
    },
    credentials: {
      ...store.credentials,
      save: async (id, creds) => await credentialsOf(id).save(id, creds),
      setKeys: async (id, entries) => await credentialsOf(id).setKeys(id, entries),
      clear: async (id) => await credentialsOf(id).clear(id),
    },
    inbox: {
      ...store.inbox,
      async journal(messages) {
        if (messages.length > 0) await inboxOf(messages[0].deviceId).journal(messages);
      },
      async keep(messages) {
        if (messages.length > 0) await inboxOf(messages[0].deviceId).keep(messages); // one session keeps its own
      },
      published: async (id, messages) => await inboxOf(id).published(id, messages),
      told: async (id, messages) => await inboxOf(id).told(id, messages),
      forget: async (id, messages) => await inboxOf(id).forget(id, messages),
      refile: async (id, from, to) => await inboxOf(id).refile(id, from, to),
    },
    history: {
      ...store.history,
      async addPages(pages) {
        if (pages.length > 0) await storeOf(pages[0].deviceId).history.addPages(pages);
      },
      removePage: async (id, messageId) => await storeOf(id).history.removePage(id, messageId),
      file: async (messages, filing) =>
        messages.length === 0 ? 0 : await storeOf(messages[0].deviceId).history.file(messages, filing),
      told: async (id, messages) => await storeOf(id).history.told(id, messages),
    },
  };
}
