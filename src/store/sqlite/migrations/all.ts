import founding from "./0001_founding.ts";
import blasts from "./0002_blasts.ts";
import undoneCounts from "./0003_undone_counts.ts";
import blastRequests from "./0004_blast_requests.ts";
import messageRequests from "./0005_message_requests.ts";
import stragglers from "./0006_stragglers.ts";
import fleet from "./0007_fleet.ts";
import signIns from "./0008_sign_ins.ts";
import errorReasons from "./0009_error_reasons.ts";
import placeholders from "./0010_placeholders.ts";
import hours from "./0011_hours.ts";
import replays from "./0012_replays.ts";
import apiKeys from "./0013_api_keys.ts";
import messageTexts from "./0014_message_texts.ts";
import scheduledMessages from "./0015_scheduled_messages.ts";
import pacing from "./0016_pacing.ts";
import removedWebhooks from "./0017_removed_webhooks.ts";
import answerHeaders from "./0018_answer_headers.ts";
import optOuts from "./0019_opt_outs.ts";
import recovering from "./0020_recovering.ts";
import shortLived from "./0021_short_lived.ts";
import deviceProxies from "./0022_device_proxies.ts";
import rateHits from "./0023_rate_hits.ts";
import departures from "./0024_departures.ts";
import history from "./0025_history.ts";
import keyChats from "./0026_key_chats.ts";
import endpointAlerts from "./0027_endpoint_alerts.ts";
import fewerMessageIndexes from "./0028_fewer_message_indexes.ts";
import listRows from "./0029_list_rows.ts";
import devicesByStatus from "./0030_devices_by_status.ts";
import logOfTenants from "./0031_log_of_tenants.ts";
import chatReads from "./0032_chat_reads.ts";
import blastTurns from "./0033_blast_turns.ts";

/** Every step of the schema, oldest first. A new one goes to the end; a released one never changes. */
export const MIGRATIONS: readonly string[] = [
  founding,
  blasts,
  undoneCounts,
  blastRequests,
  messageRequests,
  stragglers,
  fleet,
  signIns,
  errorReasons,
  placeholders,
  hours,
  replays,
  apiKeys,
  messageTexts,
  scheduledMessages,
  pacing,
  removedWebhooks,
  answerHeaders,
  optOuts,
  recovering,
  shortLived,
  deviceProxies,
  rateHits,
  departures,
  history,
  keyChats,
  endpointAlerts,
  fewerMessageIndexes,
  listRows,
  devicesByStatus,
  logOfTenants,
  chatReads,
  blastTurns,
];
