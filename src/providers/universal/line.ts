import { newDevice } from "../../store/devices.ts";
import { ConflictError, messageOf } from "../../errors.ts";
import type { EventDraft } from "../../events/event.ts";
import { draftDeviceOf } from "../../events/origin.ts";
import { qrImage } from "../../formats/qr_image.ts";
import { DEFAULT_TENANT, type DeviceId } from "../../ids.ts";
import { logOf } from "../../log.ts";
import type { Publish } from "../../publish.ts";
import type { Device, DeviceChange, Devices } from "../../store/devices.ts";
import type { ExternalSession, ExternalSessions } from "../../store/external_sessions.ts";
import { type SessionState, stateOf } from "./session_state.ts";
import type { Reading } from "../reading.ts";
import { readUniversal } from "./parse.ts";
import type { Envelope } from "./envelope.ts";
import { fileIn, type ReportedFile } from "./file_report.ts";

const log = logOf("receivers");

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
  /** Keeps a file for whoever asks for it; left out: files that come along are not kept. */
  readonly keepFile?: (deviceId: DeviceId, file: ReportedFile) => Promise<void>;
  readonly now: () => number;
}

/** The sessions of other WhatsApp servers, each a device of the default tenant with the session's id as its alias. */
export interface ExternalDevices {
  /**
   * Reads a report; its session becomes a device when there is none yet. What was read is not stored before `store`.
   * @param passed Marks of the gateways that it came through.
   * @throws {ConflictError} If the name is that of a device that the gateway runs itself.
   */
  read(
    envelope: Envelope,
    passed?: readonly string[],
  ): Promise<{ readonly reading: Reading; readonly store: () => Promise<unknown> }>;
  /** Undefined when no external session has this id or alias. */
  statusOf(sessionId: string): Promise<SessionStatus | undefined>;
}

export function createExternalDevices(deps: ExternalDeviceDeps): ExternalDevices {
  const { devices, externalSessions, publish, keepFile, now } = deps;

  async function deviceOf(sessionId: string): Promise<Device> {
    const known = await devices.find(DEFAULT_TENANT, sessionId);
    if (known !== undefined) return externalOnly(known, sessionId);
    const device = newDevice(
      { tenantId: DEFAULT_TENANT, kind: "external", label: sessionId, alias: sessionId },
      now(),
    );
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

  /** A report of a file whose bytes came along, once these are kept. */
  async function withFile(draft: EventDraft, deviceId: DeviceId, envelope: Envelope): Promise<EventDraft> {
    if (draft.type !== "media.received" || keepFile === undefined) return draft;
    const file = fileIn(envelope, draft.data.messageId);
    if (file === undefined) return draft;
    try {
      await keepFile(deviceId, file);
    } catch (error) { // a full disk, mostly: the report is told all the same
      log.warn("media.not_kept", { deviceId, error: messageOf(error) });
      return draft;
    }
    return { ...draft, data: { ...draft.data, keptBytes: file.bytes.length } };
  }

  return {
    async read(envelope, passed) {
      const device = await deviceOf(envelope.sessionId);
      const receivedAt = now();
      const state = stateOf(envelope);
      const reading = readUniversal(envelope, { scope: device.id, me: device.jid, receivedAt });
      const draft = reading.kind !== "event" ? undefined : {
        ...reading.draft,
        tenantId: DEFAULT_TENANT,
        device: draftDeviceOf(device, passed),
      } as EventDraft; // a draft of the session with its owner is one of the store's
      const store = async () =>
        Promise.all([
          draft && publish(await withFile(draft, device.id, envelope)),
          state && devices.update(device.id, changeOf(state, receivedAt), receivedAt),
          state && externalSessions.put({ deviceId: device.id, ...state }, receivedAt),
        ]);
      return { reading, store };
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
