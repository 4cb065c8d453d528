import founding from "./0001_founding.ts";
import signIns from "./0002_sign_ins.ts";
import placeholders from "./0003_placeholders.ts";
import errorReasons from "./0004_error_reasons.ts";
import hours from "./0005_hours.ts";
import replays from "./0006_replays.ts";
import apiKeys from "./0007_api_keys.ts";
import messageTexts from "./0008_message_texts.ts";
import scheduledMessages from "./0009_scheduled_messages.ts";
import pacing from "./0010_pacing.ts";
import removedWebhooks from "./0011_removed_webhooks.ts";
import answerHeaders from "./0012_answer_headers.ts";
import optOuts from "./0013_opt_outs.ts";
import recovering from "./0014_recovering.ts";
import shortLived from "./0015_short_lived.ts";
import deviceProxies from "./0016_device_proxies.ts";
import rateHits from "./0017_rate_hits.ts";
import departures from "./0018_departures.ts";
import history from "./0019_history.ts";
import keyChats from "./0020_key_chats.ts";
import endpointAlerts from "./0021_endpoint_alerts.ts";
import fewerMessageIndexes from "./0022_fewer_message_indexes.ts";
import listRows from "./0023_list_rows.ts";
import devicesByStatus from "./0024_devices_by_status.ts";
import logOfTenants from "./0025_log_of_tenants.ts";
import chatReads from "./0026_chat_reads.ts";
import blastTurns from "./0027_blast_turns.ts";
import leaseLost from "./0028_lease_lost.ts";
import eventNumbers from "./0029_event_numbers.ts";
import pendingIndex from "./0030_pending_index.ts";

/**
 * Every step of the schema, oldest first. A new one goes to the end and only adds: gateways of the version
 * before work on while the first of the new one migrates. A released one never changes.
 */
export const MIGRATIONS: readonly string[] = [
  founding,
  signIns,
  placeholders,
  errorReasons,
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
  leaseLost,
  eventNumbers,
  pendingIndex,
];
