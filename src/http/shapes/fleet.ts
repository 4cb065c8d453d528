import type { DeviceId } from "../../ids.ts";

/** What operators are shown of the gateways that work together. `gateway` is a name; null: nobody does it now. */
export interface FleetShown {
  readonly gateways: readonly {
    readonly id: string;
    readonly name: string;
    readonly version: string;
    /** Epoch ms. */
    readonly startedAt: number;
    readonly draining: boolean;
    /** The one that answers. */
    readonly isThis: boolean;
    /** How many it holds. */
    readonly devices: number;
    readonly roles: readonly string[];
    readonly weight: number;
    /** Settings that have to agree with those of the gateway that answers, and do not. */
    readonly differing: readonly string[];
  }[];
  readonly devices: readonly { readonly deviceId: DeviceId; readonly gateway: string | null }[];
  readonly tasks: readonly { readonly task: string; readonly gateway: string | null }[];
}
