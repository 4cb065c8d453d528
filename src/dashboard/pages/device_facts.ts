import type { Qr } from "../../devices/devices.ts";
import type { PairingCode } from "../../devices/pairing_codes.ts";
import type { PairingLink } from "../../devices/pairing_links.ts";
import type { KabarEvent } from "../../events/event.ts";
import type { Series } from "../../stats/series.ts";
import type { ShownProxy } from "../../store/device_proxies.ts";
import type { Device } from "../../store/devices.ts";
import type { Webhook } from "../../store/webhooks.ts";

/** All that the page of one device shows. */
export interface DeviceFacts {
  readonly device: Device;
  readonly proxy: ShownProxy | undefined;
  /** Messages of the last day. */
  readonly day: Series;
  readonly qr: Qr | undefined;
  readonly pairingCode: PairingCode | undefined;
  readonly link: (PairingLink & { readonly url: string }) | undefined;
  readonly listeners: readonly Webhook[];
  readonly events: readonly KabarEvent[];
}
