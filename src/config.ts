import { InvalidError, quoted } from "./errors.ts";
import { FORMAT_NAMES } from "./formats/mod.ts";
import { DEFAULT_TENANT } from "./ids.ts";
import { createGuard } from "./net/guard.ts";
import {
  addressRanges,
  baseUrl,
  days,
  flag,
  GATEWAY_ROLES,
  type GatewayRole,
  httpUrl,
  isDatabaseUrl,
  listed,
  numberOrAuto,
  numberWhere,
  oneOf,
  optional,
  port,
  privateReach,
  REFUSED,
  roles,
  seconds,
  type Setting,
  setting,
  text,
  textWhere,
  wholeNumber,
} from "./setting_kinds.ts";
import { checkSecret } from "./webhooks/secrets.ts";

export type { GatewayRole, Setting };

/** Every setting, in the order in which the documentation lists them. */
export const SETTINGS = {
  PORT: setting(port, "3000", "Port to listen on."),
  HOST: setting(text, "0.0.0.0", "Address to listen on."),
  APP_URL: optional(baseUrl, "The gateway's public address, for webhooks that others send to it."),
  DATA_DIR: setting(
    text,
    "./data",
    "Folder of the database (`logs.db`), the retry alarms (`kv.db`) and media.",
  ),
  DATABASE_URL: optional(
    {
      takes: "a URL such as `postgres://user:password@host:5432/database`",
      read: textWhere(isDatabaseUrl),
    },
    "Postgres database (14 or later) for everything that lasts; any number of gateways work with it. Without it a " +
      "file in `DATA_DIR` is used. With it `API_KEY` must be set.",
    { secret: true },
  ),
  DATABASE_MODE: setting(
    oneOf(["direct", "pooled"]),
    "direct",
    "`pooled` where the URL leads to a pooler that hands connections out by transaction, such as PgBouncer.",
  ),
  DATABASE_CA: optional(
    text,
    "File (PEM) of the authority that signed the database's certificate.",
  ),
  FILES: optional(
    oneOf(["disk", "database"]),
    "Where files of messages lie until they are sent, and those that came in once somebody asked for them: in " +
      "`DATA_DIR`, or in the database, where every gateway finds them. Without it in the database where `DATABASE_URL` " +
      "is set, else on the disk. `disk` is for a gateway that is alone with its Postgres database.",
  ),
  GATEWAY_NAME: optional(
    text,
    "What this gateway is called among those that work with the same Postgres database. Without it the host's name.",
  ),
  GATEWAY_ROLES: setting(
    roles,
    GATEWAY_ROLES.join(),
    "With Postgres: what this gateway does. `http` answers requests (without it only `/health`, `/ready` and " +
      "`/metrics`), `devices` holds devices and sends through Qiscus, `deliveries` delivers what others have left, " +
      "retries it, and carries out replays; what a gateway publishes it delivers in any case.",
  ),
  GATEWAY_WEIGHT: setting(
    wholeNumber(1, 100),
    "1",
    "With Postgres: how many devices this gateway takes compared with others. One with 2 gets twice as many as one " +
      "with 1.",
  ),
  LEASE_SECONDS: setting(
    wholeNumber(2, 60),
    "5",
    "With Postgres: a gateway that has not been heard of for so long is dead, and others take its devices. One that " +
      "cannot reach the database closes its connections to WhatsApp after seven tenths of it. The same on all gateways.",
  ),
  ENCRYPTION_KEY: optional(
    {
      takes: "64 hex digits, the Base64 of 32 bytes, or a passphrase of at least 16 characters",
      read: textWhere((value) => value.length >= 16),
    },
    "Encrypts webhooks' secrets and header values and devices' WhatsApp credentials in the database. Keep it: " +
      "the database opens with no other.",
    { secret: true },
  ),
  LOG_DIR: setting(text, "./logs", "Folder of `combined.log` and `app.log`."),
  LOG_LEVEL: setting(
    oneOf(["debug", "info", "warning", "error"]),
    "info",
    "Least important lines to log, in the files and on the console.",
  ),
  API_KEY: optional(
    text,
    "API key of the default tenant. Without it the first start makes one and prints it once. A key of fewer than 16 " +
      "characters is served on this machine only, whatever `HOST` is; so it is with `MASTER_KEY`.",
    {
      secret: true,
    },
  ),
  API_AUTH: setting(
    oneOf(["on", "off"]),
    "on",
    "`off` serves everybody as the default tenant; only on a loopback `HOST`.",
  ),
  MASTER_KEY: optional(
    text,
    "Key of `/admin`: plain, or its SHA-256 as 64 hex digits. Without it `/admin` is closed.",
    {
      secret: true,
    },
  ),
  WEBHOOK_URL: optional(httpUrl, "Gets every event of the default tenant's devices."),
  WEBHOOK_FORMAT: setting(oneOf(FORMAT_NAMES), "account", "Payload format of `WEBHOOK_URL`."),
  WEBHOOK_SECRET: optional(text, "Signs what goes to `WEBHOOK_URL`; default: `WHATSAPP_WEBHOOK_SECRET`.", {
    secret: true,
  }),
  WEBHOOK_ALLOW_PRIVATE: setting(
    privateReach,
    "false",
    "Whether tenants other than the default one may point webhooks at private addresses. `true` leaves out this " +
      "machine, which only a range can name.",
  ),
  WEBHOOK_CONCURRENCY: setting(wholeNumber(1, 1024), "64", "Webhook requests in flight at once."),
  WEBHOOK_RETRY_SCALE: setting(
    {
      takes: "a number from 0.001 to 100",
      read: numberWhere(/^\d+(\.\d+)?$/, (n) => n >= 0.001 && n <= 100),
    },
    "1",
    "Multiplies every planned wait between attempts.",
  ),
  WEBHOOK_CA: optional(
    text,
    "File (PEM) of certificate authorities that receivers' certificates may come from, besides the well-known ones; a " +
      "certificate that is its own authority is one.",
  ),
  HTTPS_PROXY: optional(
    httpUrl,
    "Proxy for webhooks to https URLs, by CONNECT, also as `https_proxy`. It looks names up, so it decides where they " +
      "lead.",
    { secret: true },
  ),
  NO_PROXY: optional(
    {
      takes: "a comma-separated list of host names, or `.domain` for all under one",
      read: (given: string) => listed(given).map((name) => name.toLowerCase()),
    },
    "Hosts that `HTTPS_PROXY` is not asked for, also as `no_proxy`.",
  ),
  EVENT_RETENTION_DAYS: setting(
    wholeNumber(1, 3650),
    "30",
    "How long events, deliveries, messages, blasts and logs are kept, in days.",
  ),
  RECEIVERS_OPEN: setting(
    flag,
    "false",
    "`true` lets anybody post to `/webhooks/qiscus` and `/api/whatsapp/webhook` where nothing else protects them; " +
      "otherwise only programs on this machine may.",
  ),
  WHATSAPP_WEBHOOK_SECRET: optional(
    text,
    "Secret shared with servers that post to `/api/whatsapp/webhook`: every request must be signed with it.",
    {
      secret: true,
    },
  ),
  WHATSAPP_WEBHOOK_RATE_LIMIT: setting(
    wholeNumber(0, 1_000_000),
    "100",
    "Requests per minute and address on `/api/whatsapp/webhook`, those that are rightly signed not counted; " +
      "0: any number.",
  ),
  QISCUS_BASE_URL: optional(
    httpUrl,
    "Where Qiscus' API is. All four of `QISCUS_…` up to the channel make it configured.",
  ),
  QISCUS_APP_ID: optional(text, "The application's id at Qiscus."),
  QISCUS_SECRET_KEY: optional(text, "The application's secret key at Qiscus.", { secret: true }),
  QISCUS_CHANNEL_ID: optional(text, "The WhatsApp channel's id at Qiscus."),
  QISCUS_WEBHOOK_SECRET: optional(
    text,
    "Checks `X-Qiscus-Signature` on `/webhooks/qiscus`; without that header only this machine may post there.",
    {
      secret: true,
    },
  ),
  QISCUS_ALLOWED_IPS: optional(
    { takes: "a comma-separated list of addresses or address ranges", read: addressRanges },
    "Who may post to `/webhooks/qiscus`.",
  ),
  QISCUS_RATE_LIMIT: optional(
    wholeNumber(1, 1_000_000),
    "Requests per minute and address on `/webhooks/qiscus`, those that are rightly signed not counted; any number " +
      "when it is not set.",
  ),
  QISCUS_SIMULATE: setting(
    flag,
    "false",
    "Accepts blasts through a Qiscus that is only made up, for trying things out.",
  ),
  BLAST_QISCUS_PER_SECOND: setting(
    wholeNumber(1, 1_000),
    "10",
    "Messages of blasts that Qiscus is handed in a second.",
  ),
  BLAST_QISCUS_CONCURRENCY: setting(
    wholeNumber(1, 64),
    "5",
    "Messages of blasts that Qiscus is handed at once.",
  ),
  BLAST_MIN_GAP_SECONDS: setting(
    seconds,
    "3",
    "Shortest pause between two messages of a blast through one device.",
  ),
  BLAST_MAX_GAP_SECONDS: setting(
    seconds,
    "8",
    "Longest pause between two messages of a blast through one device.",
  ),
  BLAST_PER_HOUR: setting(
    wholeNumber(0, 1_000_000),
    "0",
    "Messages of blasts a device sends in an hour; 0: any number.",
  ),
  BLAST_PER_DAY: setting(
    wholeNumber(0, 1_000_000),
    "0",
    "Messages of blasts a device sends in a day; 0: any number.",
  ),
  ALERT_FAILED_PER_HOUR: setting(
    wholeNumber(0, 1_000_000),
    "0",
    "More failed messages than this within an hour raise `alert.messages_failed`; 0: never.",
  ),
  WHATSAPP_WS_URL: optional(
    {
      takes: "a ws or wss URL",
      read: textWhere((value) => URL.canParse(value) && /^wss?:$/.test(new URL(value).protocol)),
    },
    "Where WhatsApp is, for tests: the address that `simulate` prints.",
  ),
  WHATSAPP_ROOT_KEY: optional(
    { takes: "64 hex digits", read: textWhere((value) => /^[0-9a-f]{64}$/i.test(value)) },
    "The public key that this WhatsApp proves itself with, for tests.",
  ),
  WHATSAPP_MEDIA_CA: optional(
    text,
    "File (PEM) of the authority that this WhatsApp's media servers prove themselves with, for tests.",
  ),
  WIRE_RECORD: optional(
    text,
    "Folder for records of what WhatsApp sends each device, to be played again by `simulate --replay`; numbers and " +
      "names are replaced.",
  ),
  WIRE_RECORD_TEXTS: setting(flag, "false", "Whether those records have what people wrote."),
  SESSION_WORKERS: setting(
    numberOrAuto(0, 64),
    "auto",
    "Most threads beside the main one that WhatsApp sessions run in, one more for each five sessions. 0: they run " +
      "in the main thread. `auto`: one for each core but one, at most 4, and none on two cores.",
  ),
  RECOVER_SESSIONS: setting(flag, "true", "Whether devices that ran are started again at start."),
  MARK_AS_SEEN: setting(
    flag,
    "false",
    "Whether messages are marked as read on WhatsApp as soon as they are stored; not those older than a day.",
  ),
  HISTORY_EVENTS: setting(
    days,
    "none",
    "How many days of the messages that a phone hands over when it links a device are kept and sent as events, " +
      "marked `backfilled`. `none`: they are neither kept nor sent. With a number of days, messages that a phone " +
      "was asked for are sent as events, too.",
  ),
  MAX_ATTACHMENT_SIZE: setting(
    wholeNumber(1_000, 2_000_000_000),
    "64000000",
    "Largest file that is sent or handed out, in bytes.",
  ),
  DEFAULT_COUNTRY_CODE: setting(
    { takes: "1 to 3 digits", read: textWhere((value) => /^[1-9]\d{0,2}$/.test(value)) },
    "62",
    "The country of phone numbers that are written without a country code: it replaces their leading 0.",
  ),
  RATE_LIMIT_PER_MINUTE: setting(
    wholeNumber(1, 1_000_000),
    "600",
    "Requests per minute and tenant on all surfaces with keys together, and what is done on its dashboard.",
  ),
  TRUST_PROXY: optional(
    { takes: "a comma-separated list of addresses or address ranges", read: addressRanges },
    "Proxies whose `X-Forwarded-For` is believed.",
  ),
  METRICS: setting(
    oneOf(["loopback", "key", "open"]),
    "loopback",
    "Who may ask for `/metrics`: whoever has the default tenant's API key, with `loopback` programs on this machine, " +
      "too, with `open` everybody.",
  ),
  OTEL_EXPORTER_OTLP_ENDPOINT: optional(
    httpUrl,
    "OpenTelemetry collector that gets traces from event to webhook request, by OTLP over HTTP.",
  ),
  OTEL_EXPORTER_OTLP_HEADERS: optional(
    {
      takes: "`name=value` pairs, separated by commas",
      read: textWhere((value) => /^[^=,]+=[^,]*(,[^=,]+=[^,]*)*$/.test(value)),
    },
    "Headers for the collector, such as its key.",
    { secret: true },
  ),
  OTEL_SERVICE_NAME: setting(text, "kabar", "Name of this gateway in traces."),
} satisfies Record<string, Setting<unknown>>;

export type SettingName = keyof typeof SETTINGS;
export type Settings = {
  readonly [N in SettingName]: Exclude<ReturnType<(typeof SETTINGS)[N]["read"]>, typeof REFUSED>;
};

export type ParsedSettings =
  | { readonly ok: true; readonly settings: Settings }
  /** One line for each mistake: the variable, what it got, and what it takes. */
  | { readonly ok: false; readonly problems: readonly string[] };

/** Reads the settings from environment variables. An empty variable counts as not set. */
export function parseSettings(
  env: Readonly<Record<string, string | undefined>>,
  inFile: ReadonlySet<string> = new Set(),
): ParsedSettings {
  const problems: string[] = [];
  const sources = new Map<SettingName, SettingSource>();
  const values: Record<string, unknown> = {};
  for (const [name, { read, takes, secret }] of Object.entries<Setting<unknown>>(SETTINGS)) {
    const { variable, given } = givenFor(name, env);
    const value = read(given);
    if (given !== undefined) sources.set(name as SettingName, inFile.has(variable) ? "file" : "environment");
    if (value !== REFUSED) values[name] = value;
    else {problems.push(
        `${variable} takes ${takes}, but it is ${secret ? "something else" : shown(given ?? "")}`,
      );}
  }
  if (problems.length > 0) return { ok: false, problems };
  const settings = values as unknown as Settings; // every name was read by its own setting just above
  SOURCES.set(settings, sources);
  const problem = contradictionIn(settings) ?? webhookProblemIn(settings);
  return problem === undefined ? { ok: true, settings } : { ok: false, problems: [problem] };
}

/** Where a setting has its value from: the environment, or the file that `--env-file` names. */
export type SettingSource = "default" | "environment" | "file";

/** Beside the settings, which are compared and handed on as plain values. */
const SOURCES = new WeakMap<Settings, ReadonlyMap<SettingName, SettingSource>>();

/** Where these settings, as `parseSettings` made them, have a value from. */
export function sourceOf(settings: Settings, name: SettingName): SettingSource {
  return SOURCES.get(settings)?.get(name) ?? "default";
}

/** Variables that most programs know in lower case. */
const IN_LOWER_CASE: ReadonlySet<string> = new Set(["HTTPS_PROXY", "NO_PROXY"]);

/** Whether a variable sets anything. */
export function isSetting(variable: string): boolean {
  const name = variable.toUpperCase();
  if (Object.hasOwn(SETTINGS, variable)) return true;
  return IN_LOWER_CASE.has(name) && variable === name.toLowerCase();
}

/** What the environment says of a setting, and in which variable. */
function givenFor(name: string, env: Readonly<Record<string, string | undefined>>) {
  const names = IN_LOWER_CASE.has(name) ? [name, name.toLowerCase()] : [name];
  // files from elsewhere end their lines with a carriage return
  const values = names.map((variable) => ({ variable, given: env[variable]?.trim() || undefined }));
  return values.find(({ given }) => given !== undefined) ?? { variable: name, given: undefined };
}

/** A value as errors show it: with signs that nobody sees escaped, and without a password. */
function shown(value: string): string {
  return quoted(value.replace(/\/\/[^@/]*@/, "//***@"));
}

/**
 * What is strange about the environment, though it can be started with: a line for each, beginning with the variable.
 */
export function strangeIn(env: Readonly<Record<string, string | undefined>>): readonly string[] {
  const strange = Object.keys(SETTINGS).flatMap((name) => {
    const value = env[name]?.trim() ?? "";
    return /^(".*"|'.*')$/s.test(value)
      ? [
        `${name} begins and ends with quotes, which are taken as part of the value: docker's --env-file keeps them`,
      ]
      : [];
  });
  if (env.NODE_TLS_REJECT_UNAUTHORIZED === "0") {
    strange.push(
      "NODE_TLS_REJECT_UNAUTHORIZED is 0: certificates of receivers are not verified, so anybody on the way can read " +
        "webhooks; take it out, and name an authority of your own in WEBHOOK_CA",
    );
  }
  return strange;
}

/** Shorter keys can be guessed. */
const LEAST_KEY_LENGTH = 16;

/** Which of the keys that the operator chose is so short that it can be guessed. */
export function shortKeyIn(
  { API_KEY, API_AUTH, MASTER_KEY }: Settings,
): "API_KEY" | "MASTER_KEY" | undefined {
  const isShort = (key: string | undefined) => key !== undefined && key.length < LEAST_KEY_LENGTH;
  if (API_AUTH === "on" && isShort(API_KEY)) return "API_KEY";
  return isShort(MASTER_KEY) ? "MASTER_KEY" : undefined;
}

const LOOPBACK = new Set(["127.0.0.1", "::1", "localhost"]);

function contradictionIn(settings: Settings): string | undefined {
  if (settings.API_AUTH === "off" && !LOOPBACK.has(settings.HOST)) {
    return `API_AUTH takes \`off\` only when HOST is a loopback address such as 127.0.0.1, but HOST is "${settings.HOST}"`;
  }
  if (settings.DATABASE_URL !== undefined && settings.API_KEY === undefined && settings.API_AUTH === "on") {
    return "API_KEY takes a key when DATABASE_URL is set: every gateway of the database needs the same, but it is not set";
  }
  if (settings.DATABASE_URL === undefined && settings.FILES === "database") {
    return "FILES takes `database` only with DATABASE_URL, but that is not set";
  }
  if (settings.DATABASE_URL === undefined && settings.GATEWAY_ROLES.length < GATEWAY_ROLES.length) {
    return `GATEWAY_ROLES takes all of ${GATEWAY_ROLES.join()} without DATABASE_URL, as nobody else does the rest, but it is ` +
      settings.GATEWAY_ROLES.join();
  }
  if (settings.BLAST_MIN_GAP_SECONDS > settings.BLAST_MAX_GAP_SECONDS) {
    return `BLAST_MIN_GAP_SECONDS takes at most BLAST_MAX_GAP_SECONDS (${settings.BLAST_MAX_GAP_SECONDS}), but it is ${settings.BLAST_MIN_GAP_SECONDS}`;
  }
  return undefined;
}

const LONGEST_URL = 2_048;

/** What the webhook of the environment would be refused for over HTTP, in the variable's name. */
function webhookProblemIn(
  { WEBHOOK_URL, WEBHOOK_SECRET, WHATSAPP_WEBHOOK_SECRET }: Settings,
): string | undefined {
  if (WEBHOOK_URL === undefined) return undefined;
  const url = new URL(WEBHOOK_URL);
  if (url.username + url.password !== "") {
    return "WEBHOOK_URL must not carry a user name or password: start without them, then set a header " +
      "`Authorization` with PUT /v1/webhooks/<id>, whose id GET /v1/webhooks shows";
  }
  if (WEBHOOK_URL.length > LONGEST_URL) {
    return `WEBHOOK_URL takes at most ${LONGEST_URL} characters, but it has ${WEBHOOK_URL.length}`;
  }
  const refusal = createGuard({ allowPrivate: true }).refusalOf(url, DEFAULT_TENANT);
  if (refusal !== undefined) return `WEBHOOK_URL takes the address of a receiver: ${refusal}`;
  for (const [name, secret] of Object.entries({ WEBHOOK_SECRET, WHATSAPP_WEBHOOK_SECRET })) {
    if (secret === undefined) continue;
    try {
      checkSecret(secret);
    } catch (error) {
      if (!(error instanceof InvalidError)) throw error;
      return `${name} cannot sign: ${error.message.replace("Field `secret`", "the secret")}`;
    }
    if (name === "WEBHOOK_SECRET") break; // the other one is not used then
  }
  return undefined;
}

/** Where files lie. */
export function filesIn(
  { FILES, DATABASE_URL }: Pick<Settings, "FILES" | "DATABASE_URL">,
): "disk" | "database" {
  return FILES ?? (DATABASE_URL === undefined ? "disk" : "database");
}

/** The table of settings as Markdown, for the README. */
export function settingsTable(): string {
  const rows = Object.entries<Setting<unknown>>(SETTINGS).map(([name, { takes, fallback, about }]) =>
    `| \`${name}\` | ${fallback === "" ? "" : `\`${fallback}\``} | ${about} Takes ${takes}. |`
  );
  return ["| variable | default | what it does |", "| --- | --- | --- |", ...rows].join("\n");
}
