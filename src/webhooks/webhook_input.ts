import { InvalidError } from "../errors.ts";
import { validateTopics } from "../events/topics.ts";
import { type FormatName, formatOf } from "../formats/mod.ts";
import type { DeviceId, TenantId } from "../ids.ts";
import type { Devices } from "../store/devices.ts";
import type { Ordering, Webhook, WebhookChange } from "../store/webhooks.ts";
import { checkHeaders } from "./request_headers.ts";
import { parseRetry } from "./retry.ts";
import { checkSecret, currentSecret } from "./secrets.ts";

const MAX_URL_LENGTH = 2048;

/** What somebody asks of a webhook. What is left out is made, or stays as it is. */
export interface WebhookWish {
  readonly url?: string;
  readonly format?: FormatName;
  readonly events?: readonly string[];
  readonly secret?: string;
  /** At creation: the URL must answer a challenge that carries it. */
  readonly verify_token?: string;
  /** A named policy or waits in seconds; null: the format's own. */
  readonly retry?: string | readonly number[] | null;
  /** Seconds; null: the format's own. */
  readonly timeout?: number | null;
  readonly headers?: Readonly<Record<string, string>>;
  readonly ordering?: Ordering;
  /** Ids or aliases; null: all. */
  readonly devices?: readonly string[] | null;
  readonly recovery?: boolean;
  readonly status?: "active" | "paused";
}

export interface WishDeps {
  readonly devices: Pick<Devices, "find">;
  /** @throws {InvalidError} If the URL may not be used by its owner. */
  readonly checkUrl: (url: string, tenantId: TenantId) => unknown;
  /** Why a name leads nowhere that its owner's URLs may lead; undefined: it does, or nobody knows now. */
  readonly refusedName?: (hostname: string, tenantId: TenantId) => Promise<string | undefined>;
  readonly now: () => number;
}

/** Reads what users wish for, and says what is wrong with it. */
export interface Wishes {
  /**
   * The change that a wish comes to.
   * @param current The webhook that is to change, or the blank of a new one.
   * @throws {InvalidError} On the first field that cannot be had.
   */
  changeOf(wish: WebhookWish, current: Webhook): Promise<WebhookChange>;
  /** The URL, as it was given. @throws {InvalidError} If it may not be used. */
  checkedUrl(url: string, tenantId: TenantId): string;
  /** As `checkedUrl`, and refuses a name that leads only to addresses that may not be used. */
  checkedName(url: string, tenantId: TenantId): Promise<string>;
}

export function createWishes(deps: WishDeps): Wishes {
  const checkedUrl = (url: string, tenantId: TenantId): string => {
    if (url.length > MAX_URL_LENGTH) {
      const message = `Field \`url\` must have at most ${MAX_URL_LENGTH} characters`;
      throw new InvalidError("url", message, { kind: "url_long", most: MAX_URL_LENGTH });
    }
    deps.checkUrl(url, tenantId);
    return url;
  };
  const checkedName = async (url: string, tenantId: TenantId): Promise<string> => {
    const checked = checkedUrl(url, tenantId);
    const host = new URL(checked).hostname;
    const refusal = await deps.refusedName?.(host, tenantId);
    if (refusal !== undefined) throw new InvalidError("url", refusal, { kind: "url_refused", host });
    return checked;
  };
  const deviceIds = async (tenantId: TenantId, wanted: readonly string[]): Promise<readonly DeviceId[]> => {
    if (wanted.length === 0) {
      const message = "Field `devices` must name at least one device; null stands for all";
      throw new InvalidError("devices", message, { kind: "devices_none" });
    }
    const ids = await Promise.all(wanted.map(async (name, index) => {
      const device = await deps.devices.find(tenantId, name);
      if (device !== undefined) return device.id;
      const field = `devices[${index}]`;
      const shown = JSON.stringify(name.slice(0, 60));
      throw new InvalidError(field, `Field \`${field}\` names no device of yours: ${shown}`, {
        kind: "device_unknown",
        got: shown,
      });
    }));
    return [...new Set(ids)];
  };

  return {
    checkedUrl,
    checkedName,
    async changeOf(wish, current) {
      const { tenantId } = current;
      const format = wish.format ?? current.format;
      const topics = wish.events ?? (format === current.format ? undefined : current.events);
      return {
        ...(wish.url !== undefined && { url: await checkedName(wish.url, tenantId) }),
        ...(wish.format !== undefined && { format }),
        ...(topics !== undefined && { events: validateTopics(formatOf(format), topics) }),
        ...(wish.devices !== undefined &&
          { devices: wish.devices === null ? null : await deviceIds(tenantId, wish.devices) }),
        ...(wish.secret !== undefined && {
          secrets: [currentSecret(checkSecret(wish.secret), current.secrets, deps.now())],
        }),
        ...(wish.headers !== undefined && { headers: checkHeaders(wish.headers, current.headers) }),
        ...(wish.retry !== undefined && { retry: wish.retry === null ? null : parseRetry(wish.retry) }),
        ...(wish.timeout !== undefined && { timeoutMs: timeoutMsOf(wish.timeout) }),
        ...(wish.ordering !== undefined && { ordering: wish.ordering }),
        ...(wish.recovery !== undefined && { recovery: wish.recovery }),
        ...(wish.status !== undefined && { status: wish.status, statusReason: null }),
      };
    },
  };
}

function timeoutMsOf(seconds: number | null): number | null {
  if (seconds === null) return null;
  if (seconds >= 1 && seconds <= 60) return Math.round(seconds * 1000);
  const message = `Field \`timeout\` must be from 1 to 60 (seconds), got ${seconds}`;
  throw new InvalidError("timeout", message, { kind: "timeout", got: seconds });
}
