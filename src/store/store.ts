import type { Blasts } from "./blasts.ts";
import type { Credentials } from "./credentials.ts";
import type { Deliveries } from "./deliveries.ts";
import type { Devices } from "./devices.ts";
import type { Events } from "./events.ts";
import type { ExternalSessions } from "./external_sessions.ts";
import type { Inbox } from "./inbox.ts";
import type { MessageHistory } from "./message_history.ts";
import type { Messages } from "./messages.ts";
import type { Receipts } from "./receipts.ts";
import type { Orphans } from "./orphans.ts";
import type { Settings } from "./settings.ts";
import type { SystemLog } from "./system_log.ts";
import type { Templates } from "./templates.ts";
import type { Tenants } from "./tenants.ts";
import type { Webhooks } from "./webhooks.ts";

/** Everything that lasts. Each part is a port; whatever a promise of one of them resolves to is durable. */
export interface Store {
  readonly tenants: Tenants;
  readonly devices: Devices;
  readonly credentials: Credentials;
  readonly inbox: Inbox;
  readonly events: Events;
  readonly webhooks: Webhooks;
  readonly deliveries: Deliveries;
  readonly messages: Messages;
  readonly receipts: Receipts;
  readonly messageHistory: MessageHistory;
  readonly orphans: Orphans;
  readonly blasts: Blasts;
  readonly templates: Templates;
  readonly externalSessions: ExternalSessions;
  readonly systemLog: SystemLog;
  readonly settings: Settings;
  /** True when it can be read and written now. */
  healthy(): Promise<boolean>;
  /** Commits what is queued and closes. */
  close(): Promise<void>;
}
