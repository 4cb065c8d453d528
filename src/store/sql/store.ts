import { messageOf, StoreUnavailableError } from "../../errors.ts";
import { logOf } from "../../log.ts";
import type { Database } from "../database.ts";
import type { Store } from "../store.ts";
import { openVault, type Vault } from "../vault.ts";
import { createBlasts } from "./blasts.ts";
import { createCredentials } from "./credentials.ts";
import { createDeliveries } from "./deliveries.ts";
import { createDevices } from "./devices.ts";
import { createEvents } from "./events.ts";
import { createExternalSessions } from "./external_sessions.ts";
import { createInbox } from "./inbox.ts";
import { createMessageHistory } from "./message_history.ts";
import { createMessages } from "./messages.ts";
import { RecentDeliveries } from "./recent_deliveries.ts";
import { createReceipts } from "./receipts.ts";
import { rememberTenants } from "./remembered_tenants.ts";
import { createOrphans } from "./orphans.ts";
import { createSettings } from "./settings.ts";
import { createSystemLog } from "./system_log.ts";
import { createTemplates } from "./templates.ts";
import { createTenants } from "./tenants.ts";
import { createWebhooks } from "./webhooks.ts";

const log = logOf("store");

/** The store on a database of any engine. */
export function createStore(db: Database, now: () => number, vault: Vault = openVault): Store {
  const settings = createSettings(db);
  const recent = new RecentDeliveries();
  return {
    tenants: rememberTenants(createTenants(db)),
    devices: createDevices(db),
    credentials: createCredentials(db, vault),
    inbox: createInbox(db),
    events: createEvents(db, recent),
    webhooks: createWebhooks(db, vault),
    deliveries: createDeliveries(db, recent),
    messages: createMessages(db),
    receipts: createReceipts(db),
    messageHistory: createMessageHistory(db),
    orphans: createOrphans(db),
    blasts: createBlasts(db),
    templates: createTemplates(db),
    externalSessions: createExternalSessions(db),
    systemLog: createSystemLog(db),
    settings,
    async healthy() {
      try {
        await settings.set("store.checked_at", String(now()));
        return true;
      } catch (error) {
        if (!(error instanceof StoreUnavailableError)) throw error;
        log.warn("store.unhealthy", { error: messageOf(error) });
        return false;
      }
    },
    close: () => db.close(),
  };
}
