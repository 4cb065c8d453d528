import { type DeviceId, newId, type TenantId } from "../ids.ts";

/** `whatsapp` is our own session; `external` and `qiscus` lines are reported by other systems. */
export type DeviceKind = "whatsapp" | "external" | "qiscus";

/**
 * `needs_pairing`: no credentials, nobody asked for a QR yet; `pairing`: a QR or a code is shown;
 * `failed`: it stopped for good and `lastError` says why.
 */
export type DeviceStatus =
  | "needs_pairing"
  | "pairing"
  | "connecting"
  | "connected"
  | "disconnected"
  | "failed";

/** How a device sends as a person does: one message after another. */
export interface Pacing {
  /** Between two messages; drawn anew each time. */
  readonly minGapMs: number;
  readonly maxGapMs: number;
  /** The chat shows that somebody types, for as long as a person would. */
  readonly typing: boolean;
}

/** One WhatsApp number. */
export interface Device {
  readonly id: DeviceId;
  readonly tenantId: TenantId;
  readonly kind: DeviceKind;
  readonly label: string;
  /** The name by which an external system knows it (session id, instance id); unique in the tenant. */
  readonly alias: string | null;
  readonly status: DeviceStatus;
  /** Digits only. */
  readonly phoneNumber: string | null;
  readonly jid: string | null;
  readonly lid: string | null;
  readonly pushName: string | null;
  /** The owner wants it running: it is started again after a restart of the gateway. */
  readonly wanted: boolean;
  /** Null: messages leave as fast as they can. */
  readonly pacing: Pacing | null;
  readonly lastError: string | null;
  readonly connectedAt: number | null;
  readonly disconnectedAt: number | null;
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** A device of which nothing is known yet but what it is called. `at`: epoch ms. */
export function newDevice(
  { tenantId, kind, label, alias }: Pick<Device, "tenantId" | "kind" | "label" | "alias">,
  at: number,
): Device {
  return {
    id: newId("device"),
    tenantId,
    kind,
    label,
    alias,
    status: kind === "whatsapp" ? "needs_pairing" : "disconnected",
    phoneNumber: null,
    jid: null,
    lid: null,
    pushName: null,
    wanted: false,
    pacing: null,
    lastError: null,
    connectedAt: null,
    disconnectedAt: null,
    createdAt: at,
    updatedAt: at,
  };
}

export type DeviceChange = Partial<
  Pick<
    Device,
    | "label"
    | "alias"
    | "status"
    | "phoneNumber"
    | "jid"
    | "lid"
    | "pushName"
    | "wanted"
    | "pacing"
    | "lastError"
    | "connectedAt"
    | "disconnectedAt"
  >
>;

export interface Devices {
  /** @throws {ConflictError} If the id, or the alias within the tenant, exists. */
  create(device: Device): Promise<void>;
  get(id: DeviceId): Promise<Device | undefined>;
  /** Finds a tenant's device by its id or its alias. */
  find(tenantId: TenantId, idOrAlias: string): Promise<Device | undefined>;
  /** Newest first. */
  list(filter: {
    readonly tenantId?: TenantId;
    readonly kind?: DeviceKind;
    readonly wanted?: boolean;
    /** One of these. */
    readonly statuses?: readonly DeviceStatus[];
    readonly limit?: number;
    readonly offset?: number;
  }): Promise<readonly Device[]>;
  count(filter: {
    readonly tenantId?: TenantId;
    readonly kind?: DeviceKind;
    readonly status?: DeviceStatus;
  }): Promise<number>;
  update(id: DeviceId, change: DeviceChange, now: number): Promise<Device | undefined>;
  /** Removes the device with its credentials and its inbox. Its events and deliveries stay. */
  remove(id: DeviceId): Promise<boolean>;
}
