/** Where a record of the wire is written, and whether it has what people wrote. */
export interface WireRecordSettings {
  readonly folder: string;
  readonly texts: boolean;
}

/** How sessions reach WhatsApp. Everything has a default: the real network. */
export interface WhatsAppSettings {
  /** The WebSocket to connect to, instead of WhatsApp's. */
  readonly url?: string;
  /** Hex of the public key that signs that server's certificates, instead of WhatsApp's. */
  readonly rootKey?: string;
  /** The authority (PEM) of that server's media hosts. */
  readonly mediaCaPem?: string;
  /** Writes down what WhatsApp sends. */
  readonly wireRecord?: WireRecordSettings;
  /** How often the server is pinged; a line that stays silent 5 s longer is taken for dead. Default 15 s. */
  readonly keepAliveMs?: number;
  /** How long connecting, and any question to the server, may take. Default 20 s. */
  readonly connectTimeoutMs?: number;
  /** How long each QR code is shown. Default 60 s for the first, 20 s for the others; longer while a code is typed. */
  readonly qrTimeoutMs?: number;
  /**
   * How long the content of a message is waited for that only the phone got, or that could not be opened. Default 60 s.
   */
  readonly contentTimeoutMs?: number;
  /** How many days of the past that phones hand over at pairing become events. Left out: none. */
  readonly historyDays?: number;
}

export const DEFAULT_URL = "wss://web.whatsapp.com/ws/chat";
export const KEEP_ALIVE_MS = 15_000;
/** How long the answer to a ping may take. */
export const PONG_MS = 5_000;
export const CONNECT_TIMEOUT_MS = 20_000;
export const CONTENT_MS = 60_000;
export const FIRST_QR_MS = 60_000;
export const NEXT_QR_MS = 20_000;
/**
 * As long as each QR code "is shown" for a device that waits for a pairing code to be typed. WhatsApp gives six, and
 * Baileys ends the connection after the last; the pairing code is good for longer than those would last.
 */
export const CODE_QR_MS = 40_000;
