import type { Generated } from "kysely";

/**
 * The tables as the queries see them. Every table has an increasing number where order of arrival matters; times are
 * epoch milliseconds, truth values 0 and 1, structures JSON text.
 */
export interface Tables {
  readonly settings: { name: string; value: string };
  /** The last number given to an event and to a delivery. */
  readonly sequences: { name: string; last: number };
  readonly tenants: TenantRow;
  readonly devices: DeviceRow;
  readonly credentials: { device_id: string; value: string };
  readonly signal_keys: { device_id: string; type: string; id: string; value: string };
  readonly inbox: InboxRow;
  readonly chat_reads: ChatReadRow;
  readonly history_pages: HistoryPageRow;
  readonly history_requests: HistoryRequestRow;
  readonly message_texts: { number: number; device_id: string; words: string | null };
  readonly contact_names: ContactNameRow;
  readonly webhooks: WebhookRow;
  readonly removed_webhooks: RemovedWebhookRow;
  readonly events: EventRow;
  readonly deliveries: DeliveryRow;
  readonly attempts: AttemptRow;
  readonly delivery_counts: DeliveryCountRow;
  readonly message_logs: MessageRow;
  readonly system_logs: SystemLogRow;
  readonly templates: TemplateRow;
  readonly blasts: BlastRow;
  readonly blast_requests: BlastRequestRow;
  readonly blast_turns: BlastTurnRow;
  readonly blast_claims: { device_id: string; slot: number; count: number };
  readonly orphans: OrphanRow;
  readonly external_sessions: ExternalSessionRow;
  readonly message_counts: MessageCountRow;
  readonly gateways: GatewayTableRow;
  readonly leases: LeaseRow;
  readonly device_calls: DeviceCallRow;
  readonly files: FileRow;
  readonly file_chunks: { file_id: string; position: number; bytes: Uint8Array };
  readonly sign_ins: SignInRow;
  readonly device_proxies: DeviceProxyRow;
  readonly opt_outs: OptOutRow;
  readonly opt_out_settings: OptOutSettingsRow;
  readonly api_keys: ApiKeyRow;
  readonly replays: ReplayRow;
  readonly short_lived: ShortLivedRow;
  readonly departures: { message_id: string; has_left: number };
  readonly endpoint_alerts: { webhook_id: string; since: number };
  readonly rate_hits: { name: string; key: string; ends_at: number; hits: number };
  readonly attempt_hours: AttemptHourRow;
  readonly event_hours: { tenant_id: string; hour: number; device_id: string; type: string; count: number };
}

export interface ContactNameRow {
  device_id: string;
  person: string;
  name: string;
  /** The name as it is searched. */
  folded: string;
  /** The message that carried it. */
  number: number;
}

export interface ReplayRow {
  id: string;
  tenant_id: string;
  status: string;
  filter: string;
  total: number;
  looked: number;
  replayed: number;
  after_number: number;
  holder: string | null;
  held_until: number;
  started_at: number;
  finished_at: number | null;
}

/** `d0`, `d1` …: requests by how long they took. */
export interface AttemptHourRow {
  webhook_id: string;
  hour: number;
  first: number;
  retried: number;
  failed: number;
  [durations: `d${number}`]: number;
}

export interface OptOutRow {
  number: Generated<number>;
  tenant_id: string;
  pn: string | null;
  lid: string | null;
  reason: string | null;
  source: string;
  created_at: number;
}

export interface OptOutSettingsRow {
  tenant_id: string;
  /** JSON of `OptOutSettings`. */
  value: string;
}

export interface DeviceProxyRow {
  device_id: string;
  /** A secret. */
  url: string;
  address: string;
  has_credentials: number;
  error: string | null;
}

export interface ApiKeyRow {
  id: string;
  tenant_id: string;
  name: string;
  key_hash: string;
  scopes: string;
  device_ids: string | null;
  read_chats: string | null;
  send_chats: string | null;
  created_at: number;
  expires_at: number | null;
  last_used_at: number | null;
}

export interface SignInRow {
  id: string;
  token_hash: string;
  former_token_hash: string | null;
  token_at: number;
  tenant_id: string;
  is_operator: number;
  parent_id: string | null;
  key_mark: string;
  user_agent: string;
  address: string | null;
  created_at: number;
  seen_at: number;
}

export interface TenantRow {
  number: Generated<number>;
  id: string;
  name: string;
  status: string;
  key_hash: string | null;
  /** The `tenant_seq` of the tenant's newest event; on Postgres, of the newest that is removed: see `lastNumber`. */
  last_seq: Generated<number>;
  /** Grows with every change of the tenant's webhooks. */
  webhooks_version: Generated<number>;
  created_at: number;
  updated_at: number;
}

export interface DeviceRow {
  number: Generated<number>;
  id: string;
  tenant_id: string;
  kind: string;
  label: string;
  alias: string | null;
  status: string;
  phone_number: string | null;
  jid: string | null;
  lid: string | null;
  push_name: string | null;
  wanted: number;
  /** JSON of a `Pacing`. */
  pacing: string | null;
  last_error: string | null;
  connected_at: number | null;
  disconnected_at: number | null;
  created_at: number;
  updated_at: number;
}

export interface InboxRow {
  number: Generated<number>;
  device_id: string;
  message_id: string;
  chat: string;
  sender: string | null;
  from_me: number;
  payload: Uint8Array;
  sent_at: number;
  published: number;
  /** When the phone handed it over as history; null: it came by itself. */
  fetched_at: number | null;
  /** 1: phones do not count it as unread. */
  quiet: number | null;
}

export interface ChatReadRow {
  device_id: string;
  /** Empty: all chats of the device. */
  chat: string;
  /** When the message was sent that was read last. */
  up_to: number;
  /** Its id; null: all that were sent at that time were read. */
  message_id: string | null;
  marked_unread: number;
}

export interface HistoryPageRow {
  number: Generated<number>;
  device_id: string;
  message_id: string;
  payload: Uint8Array;
  came_at: number;
}

export interface HistoryRequestRow {
  number: Generated<number>;
  id: string;
  tenant_id: string;
  device_id: string;
  chat: string | null;
  before_at: number | null;
  count: number | null;
  since: number | null;
  /** JSON of the question: what makes two requests the same. */
  question: string;
  chats: string;
  status: string;
  position: number;
  anchor: string | null;
  asked_id: string | null;
  in_chat: number;
  pages: number;
  messages: number;
  added: number;
  exhausted: number;
  unanswered: number;
  error: string | null;
  created_at: number;
  updated_at: number;
  finished_at: number | null;
}

export interface WebhookRow {
  number: Generated<number>;
  id: string;
  tenant_id: string;
  url: string;
  format: string;
  events: string;
  devices: string | null;
  secrets: string;
  headers: string;
  retry: string | null;
  timeout_ms: number | null;
  ordering: string;
  recovery: number;
  status: string;
  status_reason: string | null;
  source: string;
  created_at: number;
  updated_at: number;
}

/** A webhook that is gone. */
export interface RemovedWebhookRow {
  id: string;
  tenant_id: string;
  url: string;
  format: string;
  removed_at: number;
}

export interface EventRow {
  seq: number;
  tenant_id: string;
  tenant_seq: number;
  id: string;
  type: string;
  device_id: string | null;
  device_alias: string | null;
  at: number;
  dedupe_key: string | null;
  data: string;
}

export interface DeliveryRow {
  number: number;
  tenant_id: string;
  webhook_id: string;
  event_seq: number;
  event_id: string;
  device_id: string | null;
  name: string;
  /** 0 pending, 1 success, 2 failed, 3 cancelled. */
  status: number;
  /** 1 while it is pending behind an older pending delivery of the same webhook and ordering key. */
  blocked: number;
  attempts: Generated<number>;
  /** The attempts made before the current round of the schedule. */
  round_start: Generated<number>;
  due_at: number;
  leased_until: number;
  lease_epoch: number;
  ordering_key: string | null;
  status_code: Generated<number | null>;
  error: Generated<string | null>;
  last_attempt_at: Generated<number | null>;
  created_at: number;
  updated_at: number;
}

export interface AttemptRow {
  delivery_number: number;
  attempt: number;
  started_at: number;
  duration_ms: number;
  status_code: number | null;
  error: string | null;
  response: string | null;
  /** JSON. */
  headers: string | null;
}

export interface ShortLivedRow {
  kind: string;
  id: string;
  tenant_id: string;
  about: string;
  body: string;
  created_at: number;
  expires_at: number;
}

/** How many deliveries there are, by the hour in which they were created. */
export interface DeliveryCountRow {
  webhook_id: string;
  /** Hours since the epoch. */
  hour: number;
  /** Empty for events without a device. */
  device_id: string;
  name: string;
  status: number;
  count: number;
}

/** `created_at` and `updated_at` are UTC text for people and their scripts; `…_ms` are the same for the program. */
export interface MessageRow {
  id: Generated<number>;
  job_id: string;
  channel: string;
  recipient_email: string | null;
  recipient_phone: string | null;
  recipient_name: string | null;
  template_id: string | null;
  template_name: string | null;
  subject: string | null;
  status: string;
  error_message: string | null;
  message_id: string | null;
  attempts: number;
  created_at: string;
  updated_at: string;
  tenant_id: string;
  device_id: string | null;
  to_address: string;
  receipt: string | null;
  content: string;
  context: string;
  error_code: number | null;
  error_reason: string | null;
  idempotency_key: string | null;
  blast_id: string | null;
  /** When it is to leave, epoch ms. */
  send_at: number | null;
  status_at: number | null;
  sent_at: number | null;
  delivered_at: number | null;
  read_at: number | null;
  created_ms: number;
  updated_ms: number;
  /** What a provider is sent besides the address, for messages of blasts. */
  payload: Generated<string | null>;
  list_row: Generated<number | null>;
  fingerprint: string | null;
  sender_phone: string | null;
}

export interface SystemLogRow {
  id: Generated<number>;
  level: string;
  message: string;
  metadata: string | null;
  created_at: string;
  created_ms: number;
  tenant_id: string | null;
}

export interface TemplateRow {
  tenant_id: string;
  id: string;
  name: string;
  type: string | null;
  body: string;
  variables: string;
  qiscus: string | null;
  created_at: number;
  updated_at: number;
}

export interface BlastRow {
  number: Generated<number>;
  id: string;
  tenant_id: string;
  status: string;
  reason: string | null;
  via: string;
  device_ids: string;
  stopped: string;
  template_id: string | null;
  template_name: string | null;
  pace: string;
  total: number;
  duplicates: number;
  created_at: number;
  scheduled_at: number | null;
  started_at: number | null;
  finished_at: number | null;
  updated_at: number;
}

/** When and why blasts were paused, went on, or lost a device. */
export interface BlastTurnRow {
  number: Generated<number>;
  blast_id: string;
  at: number;
  what: string;
  cause: string;
  by_whom: string | null;
  device_id: string | null;
  reason: string | null;
}

/** Requests for blasts that carried an idempotency key. */
export interface BlastRequestRow {
  tenant_id: string;
  idempotency_key: string;
  blast_id: string;
  digest: string;
  /** Null until the blast is taken in whole. */
  answer: string | null;
}

export interface OrphanRow {
  number: Generated<number>;
  wa_message_id: string;
  status: string;
  status_at: number | null;
  recipient: string | null;
  error: string | null;
  announced: number;
  received_at: number;
}

export interface ExternalSessionRow {
  device_id: string;
  status: string;
  message: string | null;
  qr: string | null;
  created_at: number;
  updated_at: number;
}

/** How many messages there are, by the UTC day (`YYYY-MM-DD`) on which they were made. */
export interface MessageCountRow {
  tenant_id: string;
  date: string;
  channel: string;
  status: string;
  count: number;
}

export interface GatewayTableRow {
  number: Generated<number>;
  id: string;
  name: string;
  roles: string;
  weight: number;
  draining: number;
  settings_digest: string;
  version: string;
  started_at: number;
  beat: number;
}

export interface LeaseRow {
  name: string;
  holder: string | null;
  epoch: number;
  wanted: number;
  prefer: string | null;
  /** By the store's clock; null: it was never held. */
  free_since: number | null;
}

export interface DeviceCallRow {
  number: Generated<number>;
  id: string;
  device_id: string;
  kind: string;
  request: string;
  /** By the store's clock. */
  deadline: number;
  state: string;
  holder: string | null;
  answer: string | null;
}

export interface FileRow {
  id: string;
  size_bytes: number;
  complete: number;
  created_at: number;
}
