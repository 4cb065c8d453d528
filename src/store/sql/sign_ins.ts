import type { Selectable } from "kysely";
import { type Database, first, run, send } from "./database.ts";
import type { SignIn, SignIns } from "../sign_ins.ts";
import { mentioned } from "./rows.ts";
import type { SignInRow } from "./tables.ts";

function toSignIn(row: Selectable<SignInRow>): SignIn {
  return {
    id: row.id,
    tokenHash: row.token_hash,
    formerTokenHash: row.former_token_hash,
    tokenAt: row.token_at,
    tenantId: row.tenant_id,
    isOperator: row.is_operator === 1,
    parentId: row.parent_id,
    keyMark: row.key_mark,
    userAgent: row.user_agent,
    address: row.address,
    createdAt: row.created_at,
    seenAt: row.seen_at,
  };
}

export function createSignIns(db: Database): SignIns {
  const { build } = db;
  const rows = () => build.selectFrom("sign_ins").selectAll();

  return {
    create: (signIn) =>
      db.write(function* () {
        yield* send(
          build.insertInto("sign_ins").values({
            id: signIn.id,
            token_hash: signIn.tokenHash,
            former_token_hash: signIn.formerTokenHash,
            token_at: signIn.tokenAt,
            tenant_id: signIn.tenantId,
            is_operator: signIn.isOperator ? 1 : 0,
            parent_id: signIn.parentId,
            key_mark: signIn.keyMark,
            user_agent: signIn.userAgent,
            address: signIn.address,
            created_at: signIn.createdAt,
            seen_at: signIn.seenAt,
          }).compile(),
        );
      }),
    get: (id) =>
      db.read(function* () {
        const row = yield* first(rows().where("id", "=", id).compile());
        return row && toSignIn(row);
      }),
    byToken: (hash) =>
      db.read(function* () {
        const row = (yield* first(rows().where("token_hash", "=", hash).compile())) ??
          (yield* first(rows().where("former_token_hash", "=", hash).compile()));
        return row && toSignIn(row);
      }),
    update: (id, { seenAt, tokenHash, formerTokenHash, tokenAt }) =>
      db.write(function* () {
        yield* send(
          build.updateTable("sign_ins").set(mentioned({
            seen_at: seenAt,
            token_hash: tokenHash,
            former_token_hash: formerTokenHash,
            token_at: tokenAt,
          })).where("id", "=", id).compile(),
        );
      }),
    list: (whose) =>
      db.read(function* () {
        const own = whose === "operator"
          ? rows().where("is_operator", "=", 1)
          : rows().where("tenant_id", "=", whose.tenantId).where("is_operator", "=", 0);
        return (yield* run(own.orderBy("seen_at", "desc").limit(200).compile())).map(toSignIn);
      }),
    remove: (id) =>
      db.write(function* () {
        yield* send(build.deleteFrom("sign_ins").where("parent_id", "=", id).compile());
        const row = yield* first(
          build.deleteFrom("sign_ins").where("id", "=", id).returning("id").compile(),
        );
        return row !== undefined;
      }),
    prune: ({ seenAt, createdAt }) =>
      db.write(function* () {
        const gone = yield* run(
          build.deleteFrom("sign_ins").where((eb) =>
            eb.or([eb("seen_at", "<", seenAt), eb("created_at", "<", createdAt)])
          ).returning("id").compile(),
        );
        return gone.length;
      }),
  };
}
