import { DatabaseSync } from "node:sqlite";
import { assertEquals } from "@std/assert";
import { openSqliteStore } from "../../../src/store/sqlite/open.ts";

const MANY = 300_000;

Deno.test("store counts hundreds of thousands of deliveries", async () => {
  const dir = await Deno.makeTempDir();
  const store = openSqliteStore({ path: `${dir}/logs.db` });
  const database = new DatabaseSync(`${dir}/logs.db`);
  database.exec(`
    INSERT INTO deliveries
      (number, tenant_id, webhook_id, event_seq, event_id, name, status, blocked, due_at, leased_until, lease_epoch,
       created_at, updated_at)
    WITH RECURSIVE up (number) AS (SELECT 1 UNION ALL SELECT number + 1 FROM up WHERE number < ${MANY})
    SELECT number, 'tenant_default', 'wh_1', number, 'evt_1', 'message.received', 1, 0, 0, 0, 0, number, number FROM up
  `);
  database.close();

  const counted = await store.deliveries.count({ tenantId: "tenant_default" }, 1_000_000);

  await store.close();
  await Deno.remove(dir, { recursive: true });
  assertEquals(counted, MANY);
});
