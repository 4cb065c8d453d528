import type { DeviceId } from "../ids.ts";

/** What another WhatsApp server last reported of one of its sessions: more than the device's status says. */
export interface ExternalSession {
  readonly deviceId: DeviceId;
  /** In that server's words: `qr_generated`, `session_connected`, … */
  readonly status: string;
  readonly message: string | null;
  /** The text of the QR code that is to be shown. */
  readonly qr: string | null;
  readonly createdAt: number;
  readonly updatedAt: number;
}

export interface ExternalSessions {
  get(deviceId: DeviceId): Promise<ExternalSession | undefined>;
  /** Writes what was reported; `qr` undefined leaves the one that is there. */
  put(
    report: Pick<ExternalSession, "deviceId" | "status" | "message"> & { readonly qr?: string | null },
    now: number,
  ): Promise<void>;
  remove(deviceId: DeviceId): Promise<void>;
}
