import ipaddr from "ipaddr.js";
import { z } from "zod";
import { FORMAT_NAMES } from "./formats/mod.ts";

/** How one environment variable is read, and what the documentation says of it. */
export interface Setting<T> {
  readonly schema: z.ZodType<T, string | undefined>;
  /** Completes the sentence "PORT takes …". */
  readonly takes: string;
  /** As the documentation shows it; empty when there is none. */
  readonly fallback: string;
  readonly about: string;
  /** Its value is never shown, not even in an error. */
  readonly secret: boolean;
}

type Kind<T> = { readonly takes: string; readonly schema: z.ZodType<T, string> };

const text: Kind<string> = { takes: "text", schema: z.string() };
const port: Kind<number> = {
  takes: "a port number from 0 to 65535 (0: any free one)",
  schema: z.string().regex(/^\d{1,5}$/).transform(Number).refine((n) => n <= 65535),
};
const flag: Kind<boolean> = {
  takes: "`true` or `false`",
  schema: z.enum(["true", "false"]).transform((word) => word === "true"),
};
const httpUrl: Kind<string> = {
  takes: "an http or https URL",
  schema: z.string().refine((value) => URL.canParse(value) && /^https?:$/.test(new URL(value).protocol)),
};

function wholeNumber(min: number, max: number): Kind<number> {
  return {
    takes: `a whole number from ${min} to ${max}`,
    schema: z.string().regex(/^\d{1,15}$/).transform(Number).refine((n) => n >= min && n <= max),
  };
}

const seconds: Kind<number> = {
  takes: "a number of seconds from 0 to 3600",
  schema: z.string().regex(/^\d+(\.\d+)?$/).transform(Number).refine((n) => n <= 3600),
};

function oneOf<const T extends string>(words: readonly T[]): Kind<T> {
  return { takes: words.map((word) => `\`${word}\``).join(" or "), schema: z.enum(words) };
}

const addressRanges = z.string().transform((value) => value.split(",").map((part) => part.trim()))
  .refine((parts) => parts.every((part) => ipaddr.isValidCIDR(part) || ipaddr.isValid(part)));

const privateReach: Kind<boolean | readonly string[]> = {
  takes: "`true`, `false`, or a comma-separated list of address ranges such as `10.1.0.0/16`",
  schema: z.union([flag.schema, addressRanges]),
};

function optional<T>(
  kind: Kind<T>,
  about: string,
  options: { secret?: boolean } = {},
): Setting<T | undefined> {
  return { ...kind, schema: kind.schema.optional(), fallback: "", about, secret: options.secret ?? false };
}

function setting<T>(kind: Kind<T>, fallback: string, about: string): Setting<T> {
  return { ...kind, schema: z.string().default(fallback).pipe(kind.schema), fallback, about, secret: false };
}

/** Every setting, in the order in which the documentation lists them. */
export const SETTINGS = {
  PORT: setting(port, "3000", "Port to listen on."),
  HOST: setting(text, "0.0.0.0", "Address to listen on."),
  APP_URL: optional(httpUrl, "The gateway's public address, for webhooks that others send to it."),
  DATA_DIR: setting(
    text,
    "./data",
    "Folder of the database (`logs.db`), the retry alarms (`kv.db`) and media.",
  ),
  ENCRYPTION_KEY: optional(
    {
      takes: "64 hex digits, the Base64 of 32 bytes, or a passphrase of at least 16 characters",
      schema: z.string().min(16),
    },
    "Encrypts webhooks' secrets and header values and devices' WhatsApp credentials in the database. Keep it: " +
      "the database opens with no other.",
    { secret: true },
  ),
  LOG_DIR: setting(text, "./logs", "Folder of `combined.log` and `app.log`."),
  LOG_LEVEL: setting(oneOf(["debug", "info", "warning", "error"]), "info", "Least important lines to log."),
  API_KEY: optional(
    text,
    "API key of the default tenant. Without it the first start makes one and prints it once.",
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
    "Whether tenants other than the default one may point webhooks at private addresses.",
  ),
  WEBHOOK_CONCURRENCY: setting(wholeNumber(1, 1024), "64", "Webhook requests in flight at once."),
  WEBHOOK_RETRY_SCALE: setting(
    {
      takes: "a number from 0.001 to 100",
      schema: z.string().regex(/^\d+(\.\d+)?$/).transform(Number).refine((n) => n >= 0.001 && n <= 100),
    },
    "1",
    "Multiplies every planned wait between attempts.",
  ),
  EVENT_RETENTION_DAYS: setting(
    wholeNumber(1, 3650),
    "30",
    "How long events, deliveries, messages, blasts and logs are kept, in days.",
  ),
  WHATSAPP_WEBHOOK_SECRET: optional(
    text,
    "Secret shared with servers that post to `/api/whatsapp/webhook`.",
    {
      secret: true,
    },
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
    "Checks `X-Qiscus-Signature` on `/webhooks/qiscus` when it is there.",
    {
      secret: true,
    },
  ),
  QISCUS_ALLOWED_IPS: optional(
    { takes: "a comma-separated list of addresses or address ranges", schema: addressRanges },
    "Who may post to `/webhooks/qiscus`; everybody when it is not set.",
  ),
  QISCUS_RATE_LIMIT: optional(
    wholeNumber(1, 1_000_000),
    "Requests per minute and address on `/webhooks/qiscus`; any number when it is not set.",
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
      schema: z.string().refine((value) => URL.canParse(value) && /^wss?:$/.test(new URL(value).protocol)),
    },
    "Where WhatsApp is, for tests: the address that `simulate` prints.",
  ),
  WHATSAPP_ROOT_KEY: optional(
    { takes: "64 hex digits", schema: z.string().regex(/^[0-9a-f]{64}$/i) },
    "The public key that this WhatsApp proves itself with, for tests.",
  ),
  WHATSAPP_MEDIA_CA: optional(
    text,
    "File (PEM) of the authority that this WhatsApp's media servers prove themselves with, for tests.",
  ),
  RECOVER_SESSIONS: setting(flag, "true", "Whether devices that ran are started again at start."),
  MARK_AS_SEEN: setting(
    flag,
    "false",
    "Whether messages are marked as read on WhatsApp as soon as they are stored; not those older than a day.",
  ),
  MAX_ATTACHMENT_SIZE: setting(
    wholeNumber(1_000, 2_000_000_000),
    "64000000",
    "Largest file that is sent or handed out, in bytes.",
  ),
  DEFAULT_COUNTRY_CODE: setting(
    { takes: "1 to 3 digits", schema: z.string().regex(/^[1-9]\d{0,2}$/) },
    "62",
    "Replaces the leading 0 of a phone number.",
  ),
  RATE_LIMIT_PER_MINUTE: setting(
    wholeNumber(1, 1_000_000),
    "600",
    "Requests per minute and tenant on `/v1`.",
  ),
  TRUST_PROXY: optional(
    { takes: "a comma-separated list of addresses or address ranges", schema: addressRanges },
    "Proxies whose `X-Forwarded-For` is believed.",
  ),
  OTEL_EXPORTER_OTLP_ENDPOINT: optional(
    httpUrl,
    "OpenTelemetry collector that gets traces from event to webhook request, by OTLP over HTTP.",
  ),
  OTEL_EXPORTER_OTLP_HEADERS: optional(
    {
      takes: "`name=value` pairs, separated by commas",
      schema: z.string().regex(/^[^=,]+=[^,]*(,[^=,]+=[^,]*)*$/),
    },
    "Headers for the collector, such as its key.",
    { secret: true },
  ),
  OTEL_SERVICE_NAME: setting(text, "kabar", "Name of this gateway in traces."),
} satisfies Record<string, Setting<unknown>>;

export type SettingName = keyof typeof SETTINGS;
export type Settings = { readonly [N in SettingName]: z.output<(typeof SETTINGS)[N]["schema"]> };

export type ParsedSettings =
  | { readonly ok: true; readonly settings: Settings }
  /** One line for each mistake: the variable, what it got, and what it takes. */
  | { readonly ok: false; readonly problems: readonly string[] };

/** Reads the settings from environment variables. An empty variable counts as not set. */
export function parseSettings(env: Readonly<Record<string, string | undefined>>): ParsedSettings {
  const problems: string[] = [];
  const values: Record<string, unknown> = {};
  for (const [name, { schema, takes, secret }] of Object.entries<Setting<unknown>>(SETTINGS)) {
    const given = env[name] === "" ? undefined : env[name];
    const parsed = schema.safeParse(given);
    if (parsed.success) values[name] = parsed.data;
    else problems.push(`${name} takes ${takes}, but it is ${secret ? "something else" : `"${given}"`}`);
  }
  if (problems.length > 0) return { ok: false, problems };
  const settings = values as unknown as Settings; // every name was parsed by its own schema just above
  const problem = contradictionIn(settings);
  return problem === undefined ? { ok: true, settings } : { ok: false, problems: [problem] };
}

const LOOPBACK = new Set(["127.0.0.1", "::1", "localhost"]);

function contradictionIn(settings: Settings): string | undefined {
  if (settings.API_AUTH === "off" && !LOOPBACK.has(settings.HOST)) {
    return `API_AUTH takes \`off\` only when HOST is a loopback address such as 127.0.0.1, but HOST is "${settings.HOST}"`;
  }
  if (settings.BLAST_MIN_GAP_SECONDS > settings.BLAST_MAX_GAP_SECONDS) {
    return `BLAST_MIN_GAP_SECONDS takes at most BLAST_MAX_GAP_SECONDS (${settings.BLAST_MAX_GAP_SECONDS}), but it is ${settings.BLAST_MIN_GAP_SECONDS}`;
  }
  return undefined;
}

/** The table of settings as Markdown, for the README. */
export function settingsTable(): string {
  const rows = Object.entries<Setting<unknown>>(SETTINGS).map(([name, { takes, fallback, about }]) =>
    `| \`${name}\` | ${fallback === "" ? "" : `\`${fallback}\``} | ${about} Takes ${takes}. |`
  );
  return ["| variable | default | what it does |", "| --- | --- | --- |", ...rows].join("\n");
}
