import type { Jid } from "../events/person.ts";
import type { TenantId } from "../ids.ts";

/** News about tenants whose words, or whose list, changed. */
export const OPT_OUTS = "opt_outs";

/** A person by both addresses; at least one is known. */
export interface Addresses {
  readonly pn: Jid | null;
  readonly lid: Jid | null;
}

/** Somebody who wants no more blasts of a tenant. */
export interface OptOut extends Addresses {
  /** Increasing in the store. */
  readonly number: number;
  /** Why, for people: the word that they wrote, or what the API was told. */
  readonly reason: string | null;
  /** They wrote it themselves, or somebody entered it. */
  readonly source: "message" | "api";
  /** When they were entered, or last wrote it; epoch ms. */
  readonly at: number;
}

/** What a tenant's contacts write to opt out and in, and what they are answered. */
export interface OptOutSettings {
  readonly stopWords: readonly string[];
  readonly startWords: readonly string[];
  /** Null: nothing is answered. */
  readonly stopAnswer: string | null;
  readonly startAnswer: string | null;
}

export interface OptOuts {
  /**
   * Enters somebody. One who is on the list already stays as they are, but for the time when they write it once more,
   * and for an address that becomes known: entries of both addresses become one.
   */
  add(
    tenantId: TenantId,
    optOut: Omit<OptOut, "number">,
  ): Promise<{ readonly optOut: OptOut; readonly added: boolean }>;
  /** Somebody's entry, by whichever address, and whichever spelling of the number. */
  find(tenantId: TenantId, person: Addresses): Promise<OptOut | undefined>;
  /** Takes somebody off the list; who they were. */
  remove(tenantId: TenantId, person: Addresses): Promise<OptOut | undefined>;
  /** Newest first. `before`: only those with a smaller number. */
  list(
    tenantId: TenantId,
    page: { readonly limit: number; readonly before?: number },
  ): Promise<readonly OptOut[]>;
  /** Undefined: the tenant has never said. */
  settings(tenantId: TenantId): Promise<OptOutSettings | undefined>;
  saveSettings(tenantId: TenantId, settings: OptOutSettings): Promise<void>;
}
