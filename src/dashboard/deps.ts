import type { ClientAddressOf } from "../http/client_address.ts";
import type { Attention } from "../insight/attention.ts";
import type { TenantId } from "../ids.ts";
import type { Sessions } from "../tenants/sessions.ts";
import type { LiveDeps } from "./http/live.ts";

/** What the frame and the way in need. */
export interface ShellDeps {
  readonly sessions: Sessions;
  readonly clientAddress: ClientAddressOf;
  readonly isReady: () => Promise<boolean>;
  /** Counts an action of the tenant, among its requests elsewhere. @throws {HttpError} 429 if it is too much. */
  readonly spend: (tenantId: TenantId) => void;
  readonly onNews: LiveDeps["onNews"];
  readonly stopping: AbortSignal;
  /** What needs somebody: the side's badges count it on every page. */
  readonly attention: (tenantId: TenantId) => Promise<readonly Attention[]>;
  /** The gateway's public address, when it is not where it listens. */
  readonly appUrl: string | undefined;
  readonly version: string;
  readonly startedAt: number;
  readonly now: () => number;
}
