import type { DeviceId, TenantId } from "../ids.ts";
import type { Blasts } from "../store/blasts.ts";
import type { Device, Devices } from "../store/devices.ts";
import type { Messages } from "../store/messages.ts";
import type { Webhook } from "../store/webhooks.ts";
import type { EndpointHealth, EndpointState } from "../webhooks/endpoint_state.ts";

/** A device that has been reconnecting for longer needs somebody to look at it. */
const RECONNECTING_MS = 60_000;
/** Messages that wait for one device are counted so far. */
const MOST_WAITING = 1_000;
const MOST_DEVICES = 1_000;
const MOST_BLASTS = 50;

/** Something that needs a person, worst first. `at`: since when, epoch ms. */
export type Attention =
  | {
    /** The device stays unlinked, or stopped, until somebody does something about it. */
    readonly what: "device_ended";
    readonly device: Device;
    readonly waiting: number;
    readonly at: number;
  }
  | {
    readonly what: "webhook_disabled" | "webhook_given_up" | "webhook_failing";
    readonly webhook: Webhook;
    readonly state: EndpointState;
    readonly at: number;
  }
  | {
    readonly what: "device_reconnecting";
    readonly device: Device;
    readonly waiting: number;
    readonly at: number;
  }
  | {
    readonly what: "blast_paused";
    readonly blastId: string;
    readonly reason: string | null;
    readonly at: number;
  };

const WORST_FIRST: readonly Attention["what"][] = [
  "device_ended",
  "webhook_disabled",
  "webhook_given_up",
  "device_reconnecting",
  "webhook_failing",
  "blast_paused",
];

/** What a device needs somebody for; undefined: nothing, or it may come back by itself. */
export function deviceTrouble(
  { kind, status, wanted, lastError, disconnectedAt, updatedAt }: Device,
  now: number,
): "device_ended" | "device_reconnecting" | undefined {
  if (kind !== "whatsapp") return undefined;
  if (status === "failed" || (status === "needs_pairing" && lastError !== null)) return "device_ended";
  const isTrying = wanted && (status === "disconnected" || status === "connecting");
  return isTrying && now - (disconnectedAt ?? updatedAt) > RECONNECTING_MS
    ? "device_reconnecting"
    : undefined;
}

/** What a webhook needs somebody for; undefined: nothing. */
export function webhookTrouble(
  health: EndpointHealth,
): "webhook_disabled" | "webhook_given_up" | "webhook_failing" | undefined {
  switch (health) {
    case "disabled":
      return "webhook_disabled";
    case "given_up":
    case "probing":
      return "webhook_given_up";
    case "failing":
      return "webhook_failing";
    default:
      return undefined;
  }
}

export interface AttentionDeps {
  readonly devices: Pick<Devices, "list">;
  readonly messages: Pick<Messages, "waiting">;
  readonly blasts: Pick<Blasts, "list">;
  readonly webhooksOf: (tenantId: TenantId) => readonly Webhook[];
  readonly endpointState: (webhook: Webhook) => Promise<EndpointState>;
  readonly now: () => number;
}

/** Lists what needs a person of a tenant now, worst first, the oldest first within a kind. */
export function createAttention(deps: AttentionDeps) {
  const { devices, messages, blasts, now } = deps;

  async function waitingFor(deviceId: DeviceId): Promise<number> {
    return (await messages.waiting(deviceId, ["queued", "processing"], MOST_WAITING)).length;
  }

  async function ofDevice(device: Device): Promise<readonly Attention[]> {
    const what = deviceTrouble(device, now());
    if (what === undefined) return [];
    const at = device.disconnectedAt ?? device.updatedAt;
    return [{ what, device, waiting: await waitingFor(device.id), at }];
  }

  async function ofWebhook(webhook: Webhook): Promise<readonly Attention[]> {
    if (webhook.status === "paused") return [];
    const state = await deps.endpointState(webhook);
    const what = webhookTrouble(state.health);
    return what === undefined ? [] : [{ what, webhook, state, at: state.since ?? webhook.updatedAt }];
  }

  return async (tenantId: TenantId): Promise<readonly Attention[]> => {
    const [found, begun] = await Promise.all([
      devices.list({ tenantId, limit: MOST_DEVICES }),
      blasts.list(tenantId, { limit: MOST_BLASTS }),
    ]);
    const paused = begun.filter(({ status }) => status === "paused").map((blast): Attention => ({
      what: "blast_paused",
      blastId: blast.id,
      reason: blast.reason,
      at: blast.startedAt ?? blast.createdAt,
    }));
    const rest = await Promise.all([
      ...found.map(ofDevice),
      ...deps.webhooksOf(tenantId).map(ofWebhook),
    ]);
    return [...rest.flat(), ...paused].toSorted((a, b) =>
      WORST_FIRST.indexOf(a.what) - WORST_FIRST.indexOf(b.what) || a.at - b.at
    );
  };
}

/** Deliveries that wait for endpoints in trouble. */
export function failingIn(attention: readonly Attention[]): number {
  return attention.reduce((sum, one) => sum + ("state" in one ? one.state.waiting + one.state.failed : 0), 0);
}
