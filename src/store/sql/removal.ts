import type { DeviceId, TenantId } from "../../ids.ts";
import { type Batch, type Database, first, run, send, type Work } from "./database.ts";
import { removeEvents } from "./pruning.ts";

/** Rows that are removed in one transaction. */
const STEP = 500;

/** Removes a device with its credentials and its inbox. */
export async function removeDevice(db: Database, id: DeviceId): Promise<boolean> {
  await repeat(db, () => removeInbox(db, id));
  return await db.write(function* () {
    return yield* removeDeviceRow(db, id);
  });
}

/** Removes a tenant with everything that it owns, in steps; the tenant itself goes last. */
export async function removeTenant(db: Database, id: TenantId): Promise<boolean> {
  const { build } = db;
  const devices = await db.read(() =>
    run(build.selectFrom("devices").select("id").where("tenant_id", "=", id).compile())
  );
  for (const device of devices) await repeat(db, () => removeInbox(db, device.id));
  await repeat(db, (batch) => removeTenantEvents(db, batch, id));
  await repeat(db, () => removeTenantMessages(db, id));
  return await db.write(function* (batch) {
    while ((yield* removeTenantEvents(db, batch, id)) > 0);
    while ((yield* removeTenantMessages(db, id)) > 0);
    yield* send(build.deleteFrom("webhooks").where("tenant_id", "=", id).compile());
    yield* send(build.deleteFrom("removed_webhooks").where("tenant_id", "=", id).compile());
    const left = yield* run(build.selectFrom("devices").select("id").where("tenant_id", "=", id).compile());
    for (const device of left) yield* removeDeviceRow(db, device.id);
    const row = yield* first(build.deleteFrom("tenants").where("id", "=", id).returning("id").compile());
    return row !== undefined;
  });
}

/** Runs a step in transactions of its own until it has removed all that there is. */
async function repeat(db: Database, step: (batch: Batch) => Work<number>): Promise<void> {
  while ((await db.write(step)) === STEP);
}

function* removeDeviceRow(db: Database, id: DeviceId): Work<boolean> {
  const { build } = db;
  while ((yield* removeInbox(db, id)) > 0);
  yield* send(build.deleteFrom("signal_keys").where("device_id", "=", id).compile());
  yield* send(build.deleteFrom("credentials").where("device_id", "=", id).compile());
  const row = yield* first(build.deleteFrom("devices").where("id", "=", id).returning("id").compile());
  return row !== undefined;
}

function* removeInbox({ build }: Database, deviceId: DeviceId): Work<number> {
  const some = build.selectFrom("inbox").select("number").where("device_id", "=", deviceId).limit(STEP);
  return (yield* run(build.deleteFrom("inbox").where("number", "in", some).returning("number").compile()))
    .length;
}

function* removeTenantEvents(db: Database, batch: Batch, tenantId: TenantId): Work<number> {
  const rows = yield* run(
    db.build.selectFrom("events").select("seq").where("tenant_id", "=", tenantId).limit(STEP).compile(),
  );
  yield* removeEvents(db, batch, rows.map(({ seq }) => seq));
  return rows.length;
}

function* removeTenantMessages({ build }: Database, tenantId: TenantId): Work<number> {
  const some = build.selectFrom("message_logs").select("id").where("tenant_id", "=", tenantId).limit(STEP);
  return (yield* run(build.deleteFrom("message_logs").where("id", "in", some).returning("id").compile()))
    .length;
}
