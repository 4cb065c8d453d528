import type { EventDraft } from "./events/event.ts";
import type { TenantId } from "./ids.ts";
import { StaleWebhooksError } from "./store/events.ts";

/** Tenants' webhooks as this process knows them, where other gateways change them, too. */
export interface WebhookVersions {
  /** The version of a tenant's webhooks; undefined: they were never asked for. */
  versionOf(tenantId: TenantId): number | undefined;
  /** Brings them up to date. */
  refresh(tenantId: TenantId): Promise<void>;
}

interface Waiting<T> {
  /** Grows with each draft: the order in which they were reported. */
  readonly place: number;
  readonly draft: EventDraft;
  readonly done: PromiseWithResolvers<T>;
}

/** What a tenant reports. */
interface Line<T> {
  /** Being stored, all under one version. */
  inFlight: number;
  version: number | undefined;
  /** To be stored once those in flight are, or are refused. */
  waiting: Waiting<T>[];
}

/**
 * Publishes against webhooks that others change: what was chosen from webhooks of an older version is refused, and
 * chosen anew. That keeps the order of a tenant's events: nothing is stored under a newer version while something that
 * was reported before it may still be refused.
 */
export function createOrderedPublish<T>(
  publishOnce: (draft: EventDraft, version: number | undefined) => Promise<T>,
  { versionOf, refresh }: WebhookVersions,
): (draft: EventDraft) => Promise<T> {
  const lines = new Map<TenantId, Line<T>>();
  let places = 0;

  function lineOf(tenantId: TenantId): Line<T> {
    const found = lines.get(tenantId);
    if (found !== undefined) return found;
    const line: Line<T> = { inFlight: 0, version: undefined, waiting: [] };
    lines.set(tenantId, line);
    return line;
  }

  function start(line: Line<T>, each: Waiting<T>): void {
    const { tenantId } = each.draft;
    line.inFlight++;
    line.version = versionOf(tenantId);
    publishOnce(each.draft, line.version).then(each.done.resolve, (error: unknown) => {
      if (error instanceof StaleWebhooksError) line.waiting.push(each);
      else each.done.reject(error);
    }).finally(() => {
      line.inFlight--;
      if (line.inFlight === 0) void goOn(tenantId, line);
    });
  }

  /** With those that wait, in the order in which they were reported. */
  async function goOn(tenantId: TenantId, line: Line<T>): Promise<void> {
    if (line.waiting.length === 0) return void lines.delete(tenantId);
    line.inFlight++; // nobody overtakes meanwhile
    const error = await refresh(tenantId).then(() => undefined, (error: unknown) => ({ error }));
    line.inFlight--;
    const next = line.waiting.toSorted((a, b) => a.place - b.place);
    line.waiting = [];
    if (error === undefined) return next.forEach((each) => start(line, each));
    lines.delete(tenantId);
    for (const { done } of next) done.reject(error.error);
  }

  return (draft) => {
    const { tenantId } = draft;
    const line = lineOf(tenantId);
    const each = { place: places++, draft, done: Promise.withResolvers<T>() };
    const isFirst = line.inFlight === 0;
    const isNext = line.waiting.length === 0 && line.version === versionOf(tenantId);
    if (versionOf(tenantId) !== undefined && (isFirst || isNext)) start(line, each);
    else {
      line.waiting.push(each);
      if (isFirst) void goOn(tenantId, line);
    }
    return each.done.promise;
  };
}
