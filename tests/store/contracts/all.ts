import type { Open } from "./contract.ts";
import { credentialsContract } from "./credentials.ts";
import { deliveriesContract } from "./deliveries.ts";
import { devicesContract } from "./devices.ts";
import { eventsContract } from "./events.ts";
import { inboxContract } from "./inbox.ts";
import { messagesContract } from "./messages.ts";
import { settingsContract } from "./settings.ts";
import { systemLogContract } from "./system_log.ts";
import { tenantsContract } from "./tenants.ts";
import { webhooksContract } from "./webhooks.ts";

/** What every store promises. */
export function storeContract(name: string, open: Open): void {
  tenantsContract(name, open);
  devicesContract(name, open);
  credentialsContract(name, open);
  inboxContract(name, open);
  eventsContract(name, open);
  webhooksContract(name, open);
  deliveriesContract(name, open);
  messagesContract(name, open);
  systemLogContract(name, open);
  settingsContract(name, open);
}
