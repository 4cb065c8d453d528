import { randomBytes } from "node:crypto";
import type { WASocket } from "@whiskeysockets/baileys";
import type { AuthState } from "./auth_state.ts";
import type { Passage } from "./hold.ts";
import { type BinaryNode, childOf } from "./stanza.ts";

export interface RegistrationDeps {
  readonly socket: Pick<WASocket, "sendNode">;
  readonly auth: Pick<AuthState, "creds" | "save">;
  /** The QR code on show holds a secret that nobody accepts any more. */
  readonly onNewSecret: () => void;
}

const REFRESH = "companion_reg_refresh";
/** WhatsApp Web takes the notification for a refresh when it holds one of these. */
const REFRESHING = [REFRESH, "pair-device-rotate-qr"];
const SECRET_BYTES = 32;

/**
 * Sees to the notifications of a device that no phone has linked yet. When somebody scans, WhatsApp may retire the
 * secret in the QR code: only a code with a new one can then be linked. Baileys neither makes one nor acknowledges
 * anything before it is linked.
 * @see WhiskeySockets/Baileys issues 2737 and 2738; WhatsApp Web's WAWebHandleCompanionReqRefreshNotification
 */
export function createRegistration({ socket, auth, onNewSecret }: RegistrationDeps) {
  return async (notification: BinaryNode): Promise<Passage> => {
    // set once a phone has linked it, or a pairing code was asked for, which brings a secret of its own
    if (auth.creds.me !== undefined) return "pass";
    const { id, from, type } = notification.attrs;
    if (type === REFRESH && REFRESHING.some((tag) => childOf(notification, tag) !== undefined)) {
      auth.creds.advSecretKey = randomBytes(SECRET_BYTES).toString("base64");
      auth.save();
      onNewSecret();
    }
    await socket.sendNode({ tag: "ack", attrs: { id, to: from, class: "notification", type } });
    return "drop";
  };
}

/** The QR code's text with this secret: `<link>#<ref>,<noise key>,<identity key>,<secret>,<platform>`. */
export function withSecret(qr: string, secret: string): string {
  const [ref, noiseKey, identityKey, , ...rest] = qr.split(",");
  return [ref, noiseKey, identityKey, secret, ...rest].join(",");
}
