import type { Insertable, Selectable, Updateable } from "kysely";
import type { Blast, BlastChange, BlastStatus } from "../blasts.ts";
import { fromJson, jsonOf, mentioned } from "./rows.ts";
import type { BlastRow } from "./tables.ts";

export function toBlast(row: Selectable<BlastRow>): Blast {
  return {
    id: row.id,
    tenantId: row.tenant_id,
    status: row.status as BlastStatus,
    reason: row.reason,
    via: row.via as Blast["via"],
    deviceIds: fromJson(row.device_ids),
    stopped: fromJson(row.stopped),
    templateId: row.template_id,
    templateName: row.template_name,
    pace: fromJson(row.pace),
    total: row.total,
    duplicates: row.duplicates,
    createdAt: row.created_at,
    scheduledAt: row.scheduled_at,
    startedAt: row.started_at,
    finishedAt: row.finished_at,
    updatedAt: row.updated_at,
  };
}

export function fromBlast(blast: Blast): Insertable<BlastRow> {
  return {
    id: blast.id,
    tenant_id: blast.tenantId,
    status: blast.status,
    reason: blast.reason,
    via: blast.via,
    device_ids: jsonOf(blast.deviceIds),
    stopped: jsonOf(blast.stopped),
    template_id: blast.templateId,
    template_name: blast.templateName,
    pace: jsonOf(blast.pace),
    total: blast.total,
    duplicates: blast.duplicates,
    created_at: blast.createdAt,
    scheduled_at: blast.scheduledAt,
    started_at: blast.startedAt,
    finished_at: blast.finishedAt,
    updated_at: blast.updatedAt,
  };
}

export function changedBlast(change: BlastChange, now: number): Updateable<BlastRow> {
  return mentioned<Updateable<BlastRow>>({
    status: change.status,
    reason: change.reason,
    stopped: change.stopped === undefined ? undefined : jsonOf(change.stopped),
    total: change.total,
    duplicates: change.duplicates,
    started_at: change.startedAt,
    finished_at: change.finishedAt,
    updated_at: now,
  });
}
