import { ConflictError } from "../errors.ts";
import type { EventDraft } from "../events/event.ts";
import { qrImage } from "../formats/qr_image.ts";
import { DEFAULT_TENANT, newId } from "../ids.ts";
import type { Publish } from "../publish.ts";
import type { Device, DeviceChange, Devices } from "../store/devices.ts";
import type { ExternalSession, ExternalSessions } from "../store/external_sessions.ts";
import { type SessionState, stateOf } from "./session_state.ts";
import { readUniversal } from "./universal.ts";
import type { Envelope } from "./universal_envelope.ts";

/** A session's status as it is shown to whoever asks for it. Times are ISO 8601. */
export interface SessionStatus {
  readonly sessionId: string;
  readonly status: string;
  readonly message: string | null;
  readonly qr: string | null;
  readonly userId: string;
  readonly createdAt: string;
  readonly updatedAt: string;
  /** The QR code as a data URL. */
  readonly qrImage: string | null;
  readonly isConnected: boolean;
  readonly needsQR: boolean;
  readonly isLoading: boolean;
  readonly hasError: boolean;
}

export interface ExternalDeviceDeps {
  readonly devices: Pick<Devices, "find" | "create" | "update">;
  readonly externalSessions: Pick<ExternalSessions, "get" | "put">;
  readonly publish: Publish;
  readonly now: () => number;
}

/** The sessions of other WhatsApp servers, each a device of the default tenant with the session's id as its alias. */
export interface ExternalDevices {
  /**
   * Takes a report; when it resolves, it cannot be lost any more.
   * @returns Whether an event came of it.
   * @throws {ConflictError} If the name is that of a device that the gateway runs itself.
   */
  take(envelope: Envelope): Promise<boolean>;
  /** Undefined when no external session has this id or alias. */
  statusOf(sessionId: string): Promise<SessionStatus | undefined>;
}

export function createExternalDevices(deps: ExternalDeviceDeps): ExternalDevices {
  const { devices, externalSessions, publish, now } = deps;

  async function deviceOf(sessionId: string): Promise<Device> {
    const known = await devices.find(DEFAULT_TENANT, sessionId);
    if (known !== undefined) return externalOnly(known, sessionId);
    const device = newDevice(sessionId, now());
    try {
      await devices.create(device);
      return device;
    } catch (error) {
      if (!(error instanceof ConflictError)) throw error;
      const made = await devices.find(DEFAULT_TENANT, sessionId);
      if (made === undefined) throw error;
      return externalOnly(made, sessionId);
    }
  }

  return {
    async take(envelope) {
      const device = await deviceOf(envelope.sessionId);
      const receivedAt = now();
      const state = stateOf(envelope);
      const read = readUniversal(envelope, { scope: device.id, me: device.jid, receivedAt });
      const draft = read && {
        ...read,
        tenantId: DEFAULT_TENANT,
        device: { id: device.id, alias: device.alias },
      } as EventDraft; // a draft of the session with its owner is one of the store's
      await Promise.all([
        draft && publish(draft),
        state && devices.update(device.id, changeOf(state, receivedAt), receivedAt),
        state && externalSessions.put({ deviceId: device.id, ...state }, receivedAt),
      ]);
      return draft !== undefined;
    },
    async statusOf(sessionId) {
      const device = await devices.find(DEFAULT_TENANT, sessionId);
      if (device?.kind !== "external") return undefined;
      const session = await externalSessions.get(device.id);
      const qr = session?.qr ?? null;
      return statusOf(sessionId, device, session, qr === null ? null : qrImage(qr));
    },
  };
}

function externalOnly(device: Device, sessionId: string): Device {
  if (device.kind === "external") return device;
  throw new ConflictError(
    `Cannot take reports of session "${sessionId}": this gateway runs that device itself`,
  );
}

function newDevice(sessionId: string, at: number): Device {
  return {
    id: newId("device"),
    tenantId: DEFAULT_TENANT,
    kind: "external",
    label: sessionId,
    alias: sessionId,
    status: "disconnected",
    phoneNumber: null,
    jid: null,
    lid: null,
    pushName: null,
    wanted: false,
    lastError: null,
    connectedAt: null,
    disconnectedAt: null,
    createdAt: at,
    updatedAt: at,
  };
}

function changeOf({ device, message }: SessionState, at: number): DeviceChange {
  const { status } = device;
  return {
    ...device,
    lastError: status === "failed" || status === "disconnected" ? message : null,
    ...(status === "connected" && { connectedAt: at }),
    ...((status === "failed" || status === "disconnected") && { disconnectedAt: at }),
  };
}

const LOADING: ReadonlySet<string> = new Set(["loading", "connecting", "authenticated"]);

function statusOf(
  sessionId: string,
  device: Device,
  session: ExternalSession | undefined,
  qrImage: string | null,
): SessionStatus {
  const status = session?.status ?? "session_not_connected";
  return {
    sessionId,
    status,
    message: session?.message ?? null,
    qr: session?.qr ?? null,
    userId: "system",
    createdAt: new Date(session?.createdAt ?? device.createdAt).toISOString(),
    updatedAt: new Date(session?.updatedAt ?? device.updatedAt).toISOString(),
    qrImage,
    isConnected: status === "session_connected",
    needsQR: status === "qr_generated",
    isLoading: LOADING.has(status),
    hasError: status === "auth_failure",
  };
}
