import type { Agent } from "node:http";
import type { Agent as HttpsAgent } from "node:https";
import type { ProxiedFetches } from "./proxied.ts";
import {
  type GroupMetadata,
  proto,
  type UserFacingSocketConfig,
  type WAMessageKey,
} from "@whiskeysockets/baileys";
import type { Logger } from "../../log.ts";
import type { AuthState } from "./auth_state.ts";
import type { ChatSetting } from "./chat_settings.ts";
import { toBaileysLogger } from "./log.ts";
import type { Journal } from "./journal.ts";
import { inEnvelope } from "./view_once.ts";
import { CONNECT_TIMEOUT_MS, DEFAULT_URL, KEEP_ALIVE_MS, type WhatsAppSettings } from "../settings.ts";

const { HistorySyncType } = proto.HistorySync;

/**
 * What of the history is taken: what brings phone numbers of LIDs and people's names. The messages themselves are not
 * events. Declining `RECENT` also keeps Baileys from holding everything back for 20 s after the first login.
 * @see Baileys lib/Socket/chats.js, "AwaitingInitialSync"
 */
const WANTED_HISTORY: ReadonlySet<number> = new Set([
  HistorySyncType.INITIAL_BOOTSTRAP,
  HistorySyncType.PUSH_NAME,
  HistorySyncType.NON_BLOCKING_DATA,
  HistorySyncType.ON_DEMAND,
]);

type Browser = NonNullable<UserFacingSocketConfig["browser"]>;
/** The second name is what WhatsApp takes for the kind of program; the first is what the phone shows. */
const KABAR: Browser = ["Kabar", "Chrome", "22.04.4"];
const PLAIN: Browser = ["Ubuntu", "Chrome", "22.04.4"];

export interface ConfigDeps {
  readonly deviceId: string;
  readonly settings: WhatsAppSettings;
  readonly auth: AuthState;
  readonly makeSignalRepository: Journal["makeSignalRepository"];
  readonly plainName: boolean;
  readonly log: Logger;
  /** Another device of the owner has changed a setting of a chat. */
  readonly onChatSetting: (setting: ChatSetting) => void;
  /** The way to WhatsApp, where it is not the straight one. */
  readonly agent?: Agent;
  /** The way of what Baileys fetches by itself. */
  readonly fetches?: ProxiedFetches;
  /** A message that was sent before: WhatsApp asks for it again when a recipient could not decrypt it. */
  readonly getMessage: (key: WAMessageKey) => Promise<proto.IMessage | undefined>;
  /** Who is in a group. */
  readonly groupMetadata: (jid: string) => Promise<GroupMetadata>;
}

export function socketConfig(deps: ConfigDeps): UserFacingSocketConfig {
  const {
    deviceId,
    settings,
    auth,
    makeSignalRepository,
    plainName,
    log,
    onChatSetting,
    getMessage,
    groupMetadata,
    agent,
    fetches,
  } = deps;
  return {
    waWebSocketUrl: settings.url ?? DEFAULT_URL,
    ...(agent === undefined ? {} : { agent: agent as HttpsAgent }), // for `ws` the two are one
    ...(fetches === undefined ? {} : { options: { dispatcher: fetches } as RequestInit }), // see `ProxiedFetches`
    auth: { creds: auth.creds, keys: auth.keys },
    browser: plainName ? PLAIN : KABAR,
    logger: toBaileysLogger(log, deviceId, onChatSetting),
    // the session has its own; Baileys would record a stack trace for every frame that it sends
    connectTimeoutMs: 0,
    defaultQueryTimeoutMs: settings.connectTimeoutMs ?? CONNECT_TIMEOUT_MS,
    keepAliveIntervalMs: settings.keepAliveMs ?? KEEP_ALIVE_MS,
    qrTimeout: settings.qrTimeoutMs,
    // the phone goes on ringing, and its owner is not shown as online
    markOnlineOnConnect: false,
    syncFullHistory: false,
    shouldSyncHistoryMessage: ({ syncType }) => WANTED_HISTORY.has(syncType ?? 0),
    // what we send is known without Baileys repeating it
    emitOwnEvents: false,
    makeSignalRepository,
    patchMessageBeforeSending: inEnvelope,
    getMessage,
    cachedGroupMetadata: groupMetadata,
  };
}
