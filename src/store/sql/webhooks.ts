import { type Selectable, sql } from "kysely";
import { ConflictError } from "../../errors.ts";
import { type Database, first, run, send, type Work } from "./database.ts";
import type {
  Ordering,
  RetrySchedule,
  Secret,
  Webhook,
  Webhooks,
  WebhookSource,
  WebhookStatus,
} from "../webhooks.ts";
import { WEBHOOKS } from "../webhooks.ts";
import type { News } from "../news.ts";
import type { Vault } from "../vault.ts";
import { flagOf, fromJson, jsonOf, mentioned } from "./rows.ts";
import { cancelPending, cancelStep } from "./cancelling.ts";
import { WEBHOOK_HEADERS, WEBHOOK_SECRETS } from "./secret_places.ts";
import type { WebhookRow } from "./tables.ts";

/** Removed webhooks of a tenant whose deliveries are listed. */
const MOST_REMOVED = 1_000;

function toWebhook(row: Selectable<WebhookRow>, vault: Vault): Webhook {
  return {
    id: row.id,
    tenantId: row.tenant_id,
    url: row.url,
    format: row.format,
    events: fromJson(row.events),
    devices: row.devices === null ? null : fromJson(row.devices),
    secrets: fromJson<readonly Secret[]>(vault.open(row.secrets, WEBHOOK_SECRETS.place(row.id))),
    headers: fromJson(vault.open(row.headers, WEBHOOK_HEADERS.place(row.id))),
    retry: row.retry === null ? null : fromJson<RetrySchedule>(row.retry),
    timeoutMs: row.timeout_ms,
    ordering: row.ordering as Ordering,
    recovery: row.recovery === 1,
    status: row.status as WebhookStatus,
    statusReason: row.status_reason,
    source: row.source as WebhookSource,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

export function createWebhooks(db: Database, vault: Vault, news: News): Webhooks {
  const { build } = db;
  const webhooks = () => build.selectFrom("webhooks").selectAll();
  const toWebhookOf = (row: Selectable<WebhookRow>) => toWebhook(row, vault);
  const secretsColumn = (id: string, secrets: readonly Secret[]) =>
    vault.seal(jsonOf(secrets), WEBHOOK_SECRETS.place(id));
  const headersColumn = (id: string, headers: Webhook["headers"]) =>
    vault.seal(jsonOf(headers), WEBHOOK_HEADERS.place(id));

  /** Every change of a tenant's webhooks is counted in the same transaction, so that nobody works with an old list. */
  function* counted(tenantId: string): Work<void> {
    yield* send(
      build.updateTable("tenants").set({ webhooks_version: sql`webhooks_version + 1` })
        .where("id", "=", tenantId).compile(),
    );
  }

  /** Tells everybody who keeps webhooks in memory, once it is stored. */
  async function told<T>(id: string, change: Promise<T>): Promise<T> {
    const result = await change;
    news.tell(WEBHOOKS, id);
    return result;
  }

  return {
    create(webhook) {
      const query = build.insertInto("webhooks").values({
        id: webhook.id,
        tenant_id: webhook.tenantId,
        url: webhook.url,
        format: webhook.format,
        events: jsonOf(webhook.events),
        devices: jsonOf(webhook.devices),
        secrets: secretsColumn(webhook.id, webhook.secrets),
        headers: headersColumn(webhook.id, webhook.headers),
        retry: jsonOf(webhook.retry),
        timeout_ms: webhook.timeoutMs,
        ordering: webhook.ordering,
        recovery: flagOf(webhook.recovery),
        status: webhook.status,
        status_reason: webhook.statusReason,
        source: webhook.source,
        created_at: webhook.createdAt,
        updated_at: webhook.updatedAt,
      }).compile();
      return told(
        webhook.id,
        db.write(function* () {
          const known = yield* first(webhooks().where("id", "=", webhook.id).compile());
          if (known !== undefined) {
            throw new ConflictError(`Cannot create webhook "${webhook.id}": it exists already`);
          }
          yield* counted(webhook.tenantId);
          yield* send(query);
        }),
      );
    },
    get: (id) =>
      db.read(function* () {
        const row = yield* first(webhooks().where("id", "=", id).compile());
        return row && toWebhookOf(row);
      }),
    all: () =>
      db.read(function* () {
        return (yield* run(webhooks().orderBy("number").compile())).map(toWebhookOf);
      }),
    ofTenant: (tenantId) =>
      db.read(function* () {
        // the version first: what changes between the two is read, and its version is asked for again
        const tenant = yield* first(
          build.selectFrom("tenants").select("webhooks_version").where("id", "=", tenantId).compile(),
        );
        const rows = yield* run(webhooks().where("tenant_id", "=", tenantId).orderBy("number").compile());
        return { version: tenant?.webhooks_version ?? 0, webhooks: rows.map(toWebhookOf) };
      }),
    update: (id, change, now) =>
      told(
        id,
        db.write(function* () {
          const { events, devices, secrets, headers, retry, recovery } = change;
          const row = yield* first(
            build.updateTable("webhooks").set(mentioned({
              url: change.url,
              format: change.format,
              events: events && jsonOf(events),
              devices: devices === undefined ? undefined : jsonOf(devices),
              secrets: secrets && secretsColumn(id, secrets),
              headers: headers && headersColumn(id, headers),
              retry: retry === undefined ? undefined : jsonOf(retry),
              timeout_ms: change.timeoutMs,
              ordering: change.ordering,
              recovery: recovery === undefined ? undefined : flagOf(recovery),
              status: change.status,
              status_reason: change.statusReason,
              updated_at: now,
            })).where("id", "=", id).returningAll().compile(),
          );
          if (row === undefined) return undefined;
          yield* counted(row.tenant_id);
          return toWebhookOf(row);
        }),
      ),
    async remove(id, now) {
      await cancelPending(db, id, now); // in small steps, so that the last one is short
      return await told(
        id,
        db.write(function* (batch) {
          while ((yield* cancelStep(db, batch, id, now)) > 0);
          const row = yield* first(
            build.deleteFrom("webhooks").where("id", "=", id).returning(["tenant_id", "url", "format"])
              .compile(),
          );
          if (row === undefined) return false;
          yield* send(build.insertInto("removed_webhooks").values({ id, ...row, removed_at: now }).compile());
          yield* counted(row.tenant_id);
          return true;
        }),
      );
    },
    removed: (tenantId) =>
      db.read(function* () {
        const rows = yield* run(
          build.selectFrom("removed_webhooks").selectAll().where("tenant_id", "=", tenantId)
            .orderBy("removed_at", "desc").limit(MOST_REMOVED).compile(),
        );
        return rows.map(({ id, tenant_id, url, format, removed_at }) => ({
          id,
          tenantId: tenant_id,
          url,
          format,
          removedAt: removed_at,
        }));
      }),
    forgetRemoved: (before, limit) =>
      db.write(function* () {
        const old = build.selectFrom("removed_webhooks").select("id").where("removed_at", "<", before).limit(
          limit,
        );
        const gone = build.deleteFrom("removed_webhooks").where("id", "in", old).returning("id");
        return (yield* run(gone.compile())).length;
      }),
  };
}
