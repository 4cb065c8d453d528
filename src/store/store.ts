import type { ApiKeys } from "./api_keys.ts";
import type { Blasts } from "./blasts.ts";
import type { Calls } from "./calls.ts";
import type { ChatReads } from "./chat_reads.ts";
import type { Credentials } from "./credentials.ts";
import type { Deliveries } from "./deliveries.ts";
import type { NotedDepartures } from "./departures.ts";
import type { DeviceProxies } from "./device_proxies.ts";
import type { Devices } from "./devices.ts";
import type { EarlyStatuses } from "./early_statuses.ts";
import type { EndpointAlerts } from "./endpoint_alerts.ts";
import type { Events } from "./events.ts";
import type { Files } from "./files.ts";
import type { ExternalSessions } from "./external_sessions.ts";
import type { Gateways } from "./gateways.ts";
import type { History } from "./history.ts";
import type { HistoryRequests } from "./history_requests.ts";
import type { Hours } from "./hours.ts";
import type { Inbox } from "./inbox.ts";
import type { HeldLease, Leases } from "./leases.ts";
import type { MessageHistory } from "./message_history.ts";
import type { MessageTexts } from "./message_texts.ts";
import type { Messages } from "./messages.ts";
import type { News } from "./news.ts";
import type { OptOuts } from "./opt_outs.ts";
import type { RateCounts } from "./rate_counts.ts";
import type { Receipts } from "./receipts.ts";
import type { Replays } from "./replays.ts";
import type { Settings } from "./settings.ts";
import type { ShortLived } from "./short_lived.ts";
import type { SignIns } from "./sign_ins.ts";
import type { SystemLog } from "./system_log.ts";
import type { Templates } from "./templates.ts";
import type { Tenants } from "./tenants.ts";
import type { Webhooks } from "./webhooks.ts";

/** Everything that lasts. Each part is a port; whatever a promise of one of them resolves to is durable. */
export interface Store {
  readonly tenants: Tenants;
  readonly apiKeys: ApiKeys;
  readonly deviceProxies: DeviceProxies;
  readonly optOuts: OptOuts;
  readonly devices: Devices;
  readonly credentials: Credentials;
  readonly inbox: Inbox;
  readonly chatReads: ChatReads;
  readonly history: History;
  readonly historyRequests: HistoryRequests;
  readonly messageTexts: MessageTexts;
  readonly events: Events;
  readonly webhooks: Webhooks;
  readonly endpointAlerts: EndpointAlerts;
  readonly deliveries: Deliveries;
  readonly messages: Messages;
  readonly receipts: Receipts;
  readonly messageHistory: MessageHistory;
  readonly earlyStatuses: EarlyStatuses;
  readonly blasts: Blasts;
  readonly departures: NotedDepartures;
  readonly templates: Templates;
  readonly externalSessions: ExternalSessions;
  readonly systemLog: SystemLog;
  readonly settings: Settings;
  readonly signIns: SignIns;
  readonly hours: Hours;
  readonly replays: Replays;
  readonly shortLived: ShortLived;
  readonly rateCounts: RateCounts;
  readonly gateways: Gateways;
  readonly leases: Leases;
  readonly calls: Calls;
  /** Files in the store itself; where gateways share a disk or are alone, files in a folder do. */
  readonly files: Files;
  readonly news: News;
  /** The parts that a device's session writes, for the holder of the device's lease. */
  fenced(lease: HeldLease): FencedStore;
  /** Other processes may have it open at the same time. */
  readonly isShared: boolean;
  /**
   * Runs something that only one of all openings of the store may do at a time, such as making what must exist once.
   * What the others did before is seen.
   */
  alone<T>(work: () => Promise<T>): Promise<T>;
  /** True when it can be read and written now. */
  healthy(): Promise<boolean>;
  /** Why the last writes were refused; undefined once `healthy` has seen that they are taken. */
  trouble(): string | undefined;
  /** Transactions of any program that began so long ago: what they may still see cannot be tidied up. */
  longTransactions(olderThanMs: number): Promise<readonly LongTransaction[]>;
  /** Commits what is queued and closes. */
  close(): Promise<void>;
}

export interface LongTransaction {
  /** As the program names its connection. */
  readonly program: string;
  readonly user: string;
  readonly ageMs: number;
}

/**
 * Parts of the store whose writes are refused with a `LeaseLostError` once their lease is lost. A write that was not
 * refused is seen by the next holder.
 */
export type FencedStore = Pick<
  Store,
  | "devices"
  | "credentials"
  | "departures"
  | "inbox"
  | "chatReads"
  | "history"
  | "events"
  | "messages"
  | "receipts"
>;
