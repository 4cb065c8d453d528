import { ulid } from "@std/ulid";

export type TenantId = string;
export type DeviceId = string;
export type WebhookId = string;
export type EventId = string;
export type MessageId = string;

/** The tenant that always exists: the operator's own. */
export const DEFAULT_TENANT: TenantId = "tenant_default";

type Prefix = "rpl" | "tenant" | "device" | "wh" | "evt" | "msg" | "call" | "blast" | "tpl" | "req" | "key";

/**
 * Makes an id such as `evt_01k8…`: the prefix, then 26 lower-case characters that sort by time.
 * Ids made later sort later, so that indexes over them grow at one end.
 * @see ULID specification, "Components"
 */
export function newId(prefix: Prefix): string {
  return `${prefix}_${ulid().toLowerCase()}`;
}

/** A delivery's public id. Deliveries are numbered by the store; the prefix makes the number tell what it is. */
export function deliveryIdOf(number: number): string {
  return `dlv_${number}`;
}

/** The number in a delivery's public id, or undefined when the text is not one. */
export function deliveryNumberOf(id: string): number | undefined {
  const match = /^dlv_([1-9]\d{0,14})$/.exec(id);
  return match === null ? undefined : Number(match[1]);
}
