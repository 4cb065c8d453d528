import type { DisconnectReason } from "../../events/event.ts";
import { cutText } from "../../events/well_formed.ts";
import type { DeviceStatus } from "../../store/devices.ts";
import type { Envelope } from "./envelope.ts";
import { firstText, isRecord, number, record, text } from "../loose.ts";
import { jidOf } from "./address.ts";
import { phoneOf } from "../../whatsapp/jid.ts";

/** What an event says of the session itself, in the words that the session's status is shown in. */
export interface SessionState {
  /** `qr_generated`, `session_connected`, `authenticated`, `session_not_connected`, `auth_failure`, `loading`, … */
  readonly status: string;
  readonly message: string | null;
  /** The QR code's text; null: there is none any more; undefined: the one that was shown stays. */
  readonly qr?: string | null;
  readonly device: {
    readonly status: DeviceStatus;
    readonly phoneNumber?: string;
    readonly jid?: string;
    readonly pushName?: string;
  };
}

/** States of WhatsApp Web that have a word of their own here; others are shown as they came. */
const CHANGED: Readonly<Record<string, { readonly status: string; readonly device: DeviceStatus }>> = {
  connected: { status: "session_connected", device: "connected" },
  disconnected: { status: "session_not_connected", device: "disconnected" },
  connecting: { status: "connecting", device: "connecting" },
  opening: { status: "connecting", device: "connecting" },
  loading: { status: "loading", device: "connecting" },
  pairing: { status: "PAIRING", device: "pairing" },
  unpaired: { status: "UNPAIRED", device: "disconnected" },
  unpaired_idle: { status: "UNPAIRED_IDLE", device: "disconnected" },
  timeout: { status: "TIMEOUT", device: "disconnected" },
  conflict: { status: "CONFLICT", device: "disconnected" },
};

/** The state that an event puts its session in; undefined when it says nothing of it. */
export function stateOf({ event, data }: Envelope): SessionState | undefined {
  switch (event) {
    case "qr": {
      const qr = qrIn(data);
      return qr === undefined
        ? undefined
        : { status: "qr_generated", message: null, qr, device: { status: "pairing" } };
    }
    case "ready":
      return {
        status: "session_connected",
        message: null,
        qr: null,
        device: { status: "connected", ...meIn(data) },
      };
    case "authenticated":
      return { status: "authenticated", message: null, qr: null, device: { status: "connecting" } };
    case "disconnected":
      return {
        status: "session_not_connected",
        message: `Disconnected: ${shortened(text(data.reason) ?? "unknown reason")}`,
        qr: null,
        device: { status: "disconnected" },
      };
    case "auth_failure":
      return {
        status: "auth_failure",
        message: shortened(text(data.msg) ?? text(data.message) ?? "Authentication failed"),
        qr: null,
        device: { status: "failed" },
      };
    case "loading_screen":
      return {
        status: "loading",
        message: `Loading ${percentOf(data.percent) ?? 0}%: ${shortened(text(data.message) ?? "")}`,
        device: { status: "connecting" },
      };
    case "change_state":
      return changedTo(text(data.state));
    default:
      return undefined;
  }
}

function changedTo(state: string | undefined): SessionState | undefined {
  if (state === undefined) return undefined;
  const key = state.toLowerCase();
  const known = Object.hasOwn(CHANGED, key) ? CHANGED[key] : undefined;
  if (known === undefined) {
    return { status: shortened(state), message: null, device: { status: "connecting" } };
  }
  const { status, device } = known;
  return { status, message: null, ...(device === "connected" && { qr: null }), device: { status: device } };
}

/** What fits in a QR code that phones read well is far shorter. */
const LONGEST_QR = 1_024;

/** The text of a QR code. */
export function qrIn(data: Envelope["data"]): string | undefined {
  const qr = text(data.qr);
  return qr !== undefined && new TextEncoder().encode(qr).length <= LONGEST_QR ? qr : undefined;
}

/** Who the session is, when the server tells it along with `ready`. */
export function meIn(data: Envelope["data"]): Omit<SessionState["device"], "status"> {
  const info = isRecord(data.info) ? data.info : data;
  const me = record(info.me); // also the address itself: web.js' `ClientInfo` repeats `wid` under this older name
  const jid = jidOf(info.wid) ?? jidOf(info.me) ?? jidOf(me.wid) ?? jidOf(me.id) ?? jidOf(info.id);
  const phoneNumber = phoneOf(jid);
  const pushName = firstText(info.pushname, info.pushName, me.pushname, me.pushName);
  return {
    ...(jid !== undefined && phoneNumber !== null && { jid, phoneNumber }),
    ...(pushName !== undefined && { pushName }),
  };
}

/** A percentage, also when it came as a text. */
export function percentOf(value: unknown): number | undefined {
  const percent = number(value);
  return percent === undefined ? undefined : Math.min(100, Math.max(0, Math.round(percent)));
}

function shortened(words: string): string {
  return words.length > 200 ? `${cutText(words, 200)}…` : cutText(words, 200);
}

/**
 * The reason of a disconnection in our words: mostly a `WAState` of whatsapp-web.js. `LOGOUT` and `UNPAIRED` mean that
 * somebody removed the linked device.
 */
export function disconnectReason(
  given: string | undefined,
): { readonly reason: DisconnectReason; readonly final: boolean } {
  switch (given?.toUpperCase()) {
    case "LOGOUT":
    case "UNPAIRED":
    case "UNPAIRED_IDLE":
      return { reason: "logout", final: true };
    case "CONFLICT":
      return { reason: "replaced", final: true };
    case "TOS_BLOCK":
    case "SMB_TOS_BLOCK":
    case "PROXYBLOCK":
      return { reason: "banned", final: true };
    case "MAX QRCODE RETRIES REACHED":
      return { reason: "pairing_expired", final: true };
    case "OPENING":
      return { reason: "restart_required", final: false };
    default:
      return { reason: "connection_lost", final: false };
  }
}
