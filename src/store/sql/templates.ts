import type { Selectable } from "kysely";
import { ConflictError } from "../../errors.ts";
import { type Database, first, run, send } from "./database.ts";
import type { Template, Templates } from "../templates.ts";
import { fromJson, jsonOf, mentioned } from "./rows.ts";
import type { TemplateRow } from "./tables.ts";

function toTemplate(row: Selectable<TemplateRow>): Template {
  return {
    id: row.id,
    tenantId: row.tenant_id,
    name: row.name,
    type: row.type,
    body: row.body,
    variables: fromJson(row.variables),
    qiscus: row.qiscus === null ? null : fromJson(row.qiscus),
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

export function createTemplates(db: Database): Templates {
  const { build } = db;
  const byId = (tenantId: string, id: string) =>
    build.selectFrom("templates").selectAll().where("tenant_id", "=", tenantId).where("id", "=", id)
      .compile();

  return {
    create: (template) =>
      db.write(function* () {
        const { tenantId, id } = template;
        if ((yield* first(byId(tenantId, id))) !== undefined) {
          throw new ConflictError(`Template with ID '${id}' already exists`);
        }
        yield* send(
          build.insertInto("templates").values({
            tenant_id: tenantId,
            id,
            name: template.name,
            type: template.type,
            body: template.body,
            variables: jsonOf(template.variables),
            qiscus: jsonOf(template.qiscus),
            created_at: template.createdAt,
            updated_at: template.updatedAt,
          }).compile(),
        );
      }),
    get: (tenantId, id) =>
      db.read(function* () {
        const row = yield* first(byId(tenantId, id));
        return row && toTemplate(row);
      }),
    list: (tenantId) =>
      db.read(function* () {
        const query = build.selectFrom("templates").selectAll().where("tenant_id", "=", tenantId).orderBy(
          "id",
        );
        return (yield* run(query.compile())).map(toTemplate);
      }),
    update: (tenantId, id, change, now) =>
      db.write(function* () {
        const { name, type, body, variables, qiscus } = change;
        const row = yield* first(
          build.updateTable("templates").set(mentioned({
            name,
            type,
            body,
            variables: variables === undefined ? undefined : jsonOf(variables),
            qiscus: qiscus === undefined ? undefined : jsonOf(qiscus),
            updated_at: now,
          })).where("tenant_id", "=", tenantId).where("id", "=", id).returningAll().compile(),
        );
        return row && toTemplate(row);
      }),
    remove: (tenantId, id) =>
      db.write(function* () {
        const row = yield* first(
          build.deleteFrom("templates").where("tenant_id", "=", tenantId).where("id", "=", id).returning("id")
            .compile(),
        );
        return row !== undefined;
      }),
  };
}
