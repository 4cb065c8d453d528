import type { Selectable } from "kysely";
import { ConflictError } from "../../errors.ts";
import { type Database, first, lastFirst, run, send } from "./database.ts";
import type { Device, DeviceKind, Devices, DeviceStatus } from "../devices.ts";
import { hot } from "./hot.ts";
import { hold } from "./locks.ts";
import { removeDevice } from "./removal.ts";
import { flagOf, fromJson, jsonOf, mentioned } from "./rows.ts";
import type { DeviceRow } from "./tables.ts";

function toDevice(row: Selectable<DeviceRow>): Device {
  return {
    id: row.id,
    tenantId: row.tenant_id,
    kind: row.kind as DeviceKind,
    label: row.label,
    alias: row.alias,
    status: row.status as DeviceStatus,
    phoneNumber: row.phone_number,
    jid: row.jid,
    lid: row.lid,
    pushName: row.push_name,
    wanted: row.wanted === 1,
    pacing: row.pacing === null ? null : fromJson(row.pacing),
    lastError: row.last_error,
    connectedAt: row.connected_at,
    disconnectedAt: row.disconnected_at,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

function pacingColumn(pacing: Device["pacing"]): string | null {
  return pacing === null ? null : jsonOf(pacing);
}

export function createDevices(db: Database): Devices {
  const { build } = db;
  const devices = () => build.selectFrom("devices").selectAll();
  const byId = hot((p: { id: string }) => devices().where("id", "=", p.id));
  const inTenantById = hot((p: { tenantId: string; id: string }) =>
    devices().where("id", "=", p.id).where("tenant_id", "=", p.tenantId)
  );
  const inTenantByAlias = hot((p: { tenantId: string; alias: string }) =>
    devices().where("tenant_id", "=", p.tenantId).where("alias", "=", p.alias)
  );

  return {
    create(device) {
      const query = build.insertInto("devices").values({
        id: device.id,
        tenant_id: device.tenantId,
        kind: device.kind,
        label: device.label,
        alias: device.alias,
        status: device.status,
        phone_number: device.phoneNumber,
        jid: device.jid,
        lid: device.lid,
        push_name: device.pushName,
        wanted: flagOf(device.wanted),
        pacing: pacingColumn(device.pacing),
        last_error: device.lastError,
        connected_at: device.connectedAt,
        disconnected_at: device.disconnectedAt,
        created_at: device.createdAt,
        updated_at: device.updatedAt,
      }).compile();
      return db.write(function* () {
        const { id, tenantId, alias } = device;
        if ((yield* first(byId({ id }))) !== undefined) {
          throw new ConflictError(`Cannot create device "${id}": it exists already`);
        }
        if (alias !== null && (yield* first(inTenantByAlias({ tenantId, alias }))) !== undefined) {
          throw new ConflictError(`Cannot create device "${alias}": another device has this alias`);
        }
        yield* send(query);
      });
    },
    get: (id) =>
      db.read(function* () {
        const row = yield* first(byId({ id }));
        return row && toDevice(row);
      }),
    find: (tenantId, idOrAlias) =>
      db.read(function* () {
        const row = (yield* first(inTenantById({ tenantId, id: idOrAlias }))) ??
          (yield* first(inTenantByAlias({ tenantId, alias: idOrAlias })));
        return row && toDevice(row);
      }),
    list: ({ tenantId, kind, wanted, statuses, limit, offset }) =>
      db.read(function* () {
        let query = devices().orderBy("number", "desc");
        if (tenantId !== undefined) query = query.where("tenant_id", "=", tenantId);
        if (kind !== undefined) query = query.where("kind", "=", kind);
        if (wanted !== undefined) query = query.where("wanted", "=", flagOf(wanted));
        if (statuses !== undefined) query = query.where("status", "in", statuses);
        if (limit !== undefined || offset !== undefined) {
          query = query.limit(limit ?? Number.MAX_SAFE_INTEGER);
        }
        if (offset !== undefined) query = query.offset(offset);
        return (yield* run(query.compile())).map(toDevice);
      }),
    count: ({ tenantId, kind, status }) =>
      db.read(function* () {
        let query = build.selectFrom("devices").select((eb) => eb.fn.countAll<number>().as("count"));
        if (tenantId !== undefined) query = query.where("tenant_id", "=", tenantId);
        if (kind !== undefined) query = query.where("kind", "=", kind);
        if (status !== undefined) query = query.where("status", "=", status);
        return (yield* first(query.compile()))?.count ?? 0;
      }),
    update: (id, change, now) =>
      db.write(function* () {
        if (change.alias !== undefined && change.alias !== null) yield* refuseTakenAlias(id, change.alias);
        const query = build.updateTable("devices").set(mentioned({
          label: change.label,
          alias: change.alias,
          status: change.status,
          phone_number: change.phoneNumber,
          jid: change.jid,
          lid: change.lid,
          push_name: change.pushName,
          wanted: change.wanted === undefined ? undefined : flagOf(change.wanted),
          pacing: change.pacing === undefined ? undefined : pacingColumn(change.pacing),
          last_error: change.lastError,
          connected_at: change.connectedAt,
          disconnected_at: change.disconnectedAt,
          updated_at: now,
        })).where("id", "=", id).returningAll().compile();
        return lastFirst(query, (row) => row && toDevice(row));
      }, { key: `device ${id}` }),
    remove: (id) => removeDevice(db, id),
  };

  function* refuseTakenAlias(id: string, alias: string) {
    const device = yield* first(byId({ id }));
    if (device === undefined) return;
    yield* hold(db, [`alias ${device.tenant_id} ${alias}`]);
    const holder = yield* first(inTenantByAlias({ tenantId: device.tenant_id, alias }));
    if (holder !== undefined && holder.id !== id) {
      throw new ConflictError(`Cannot rename device "${id}" to "${alias}": another device has this alias`);
    }
  }
}
