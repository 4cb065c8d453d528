import { messageOf, StoreUnavailableError } from "../../errors.ts";
import { logOf } from "../../log.ts";
import type { Database } from "./database.ts";
import { createLocalNews } from "../local_news.ts";
import type { News } from "../news.ts";
import type { Store } from "../store.ts";
import { openVault, type Vault } from "../vault.ts";
import { createBlasts } from "./blasts.ts";
import { createCalls } from "./calls.ts";
import { createChatReads } from "./chat_reads.ts";
import { createCredentials } from "./credentials.ts";
import { createDeliveries } from "./deliveries.ts";
import { createDepartures } from "./departures.ts";
import { createDeviceProxies } from "./device_proxies.ts";
import { createDevices } from "./devices.ts";
import { createEarlyStatuses } from "./early_statuses.ts";
import { createEndpointAlerts } from "./endpoint_alerts.ts";
import { createEvents } from "./events.ts";
import { createExternalSessions } from "./external_sessions.ts";
import { fencedDatabase } from "./fenced.ts";
import { createDatabaseFiles } from "./files.ts";
import { createGateways } from "./gateways.ts";
import { createHistory } from "./history.ts";
import { createHistoryRequests } from "./history_requests.ts";
import { createHours } from "./hours.ts";
import { createInbox } from "./inbox.ts";
import { createLeases } from "./leases.ts";
import { createMessageHistory } from "./message_history.ts";
import { createMessageTexts } from "./message_texts.ts";
import { createMessages } from "./messages.ts";
import { RecentDeliveries } from "./recent_deliveries.ts";
import { createOptOuts } from "./opt_outs.ts";
import { createReplays } from "./replays.ts";
import { createShortLived } from "./short_lived.ts";
import { createRateCounts } from "./rate_counts.ts";
import { createReceipts } from "./receipts.ts";
import { rememberDevices } from "./remembered_devices.ts";
import { rememberTenants } from "./remembered_tenants.ts";
import { createSettings } from "./settings.ts";
import { createApiKeys } from "./api_keys.ts";
import { createSignIns } from "./sign_ins.ts";
import { createSystemLog } from "./system_log.ts";
import { createTemplates } from "./templates.ts";
import { createTenants } from "./tenants.ts";
import { watchTrouble } from "./trouble.ts";
import { createWebhooks } from "./webhooks.ts";

const PROBE_BYTES = 262_144;
const log = logOf("store");

export interface StoreParts {
  readonly db: Database;
  readonly now: () => number;
  /** Hides secrets. */
  readonly vault?: Vault;
  /** How openings of the store wake each other. */
  readonly news?: News;
  /** How long a tenant that was looked up is believed without news of it; left out: for ever. */
  readonly tenantsMaxAgeMs?: number;
}

/** The store on a database of any engine. */
export function createStore(
  { db: plain, now, vault = openVault, news = createLocalNews(), tenantsMaxAgeMs }: StoreParts,
): Store {
  const { db, trouble } = watchTrouble(plain);
  const settings = createSettings(db);
  const recent = new RecentDeliveries();
  const isShared = db.lockNames !== undefined;
  const devices = createDevices(db);
  return {
    tenants: rememberTenants(createTenants(db), { news, maxAgeMs: tenantsMaxAgeMs }),
    devices: isShared ? devices : rememberDevices(devices, news),
    credentials: createCredentials(db, vault),
    inbox: createInbox(db),
    chatReads: createChatReads(db),
    history: createHistory(db),
    historyRequests: createHistoryRequests(db),
    messageTexts: createMessageTexts(db),
    events: createEvents(db, recent),
    webhooks: createWebhooks(db, vault, news),
    endpointAlerts: createEndpointAlerts(db),
    deliveries: createDeliveries(db, recent),
    messages: createMessages(db),
    receipts: createReceipts(db),
    messageHistory: createMessageHistory(db),
    earlyStatuses: createEarlyStatuses(db),
    blasts: createBlasts(db),
    departures: createDepartures(db),
    templates: createTemplates(db),
    externalSessions: createExternalSessions(db),
    systemLog: createSystemLog(db),
    settings,
    signIns: createSignIns(db),
    apiKeys: createApiKeys(db, news),
    deviceProxies: createDeviceProxies(db, vault),
    optOuts: createOptOuts(db, news),
    hours: createHours(db),
    replays: createReplays(db),
    shortLived: createShortLived(db),
    rateCounts: createRateCounts(db),
    gateways: createGateways(db),
    leases: createLeases(db),
    calls: createCalls(db),
    files: createDatabaseFiles(db),
    news,
    fenced(lease) {
      const fenced = fencedDatabase(db, lease);
      return {
        devices: createDevices(fenced),
        credentials: createCredentials(fenced, vault),
        departures: createDepartures(fenced),
        inbox: createInbox(fenced),
        chatReads: createChatReads(fenced),
        history: createHistory(fenced),
        events: createEvents(fenced, recent),
        messages: createMessages(fenced),
        receipts: createReceipts(fenced),
      };
    },
    isShared,
    alone: (work) => plain.alone === undefined ? work() : plain.alone(work),
    async healthy() {
      try {
        // A full disk may still take a few bytes: after a refusal only a large write shows that there is room again.
        if (trouble.reason() !== undefined) await settings.set("store.checked_at", " ".repeat(PROBE_BYTES));
        if (db.check === undefined) await settings.set("store.checked_at", String(now()));
        else await db.check();
        trouble.over();
        return true;
      } catch (error) {
        if (!(error instanceof StoreUnavailableError)) throw error;
        log.warn("store.unhealthy", { error: messageOf(error) });
        return false;
      }
    },
    trouble: trouble.reason,
    longTransactions: (olderThanMs) => plain.longTransactions?.(olderThanMs) ?? Promise.resolve([]),
    close: () => db.close(),
  };
}
