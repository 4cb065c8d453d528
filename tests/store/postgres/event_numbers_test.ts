import { assertEquals } from "@std/assert";
import { DEFAULT_TENANT } from "../../../src/ids.ts";
import type { Store } from "../../../src/store/store.ts";
import { execute, testWithPostgres } from "../../support/postgres.ts";
import { aDraft, T0 } from "../contracts/samples.ts";
import { withPostgresStore } from "../temporary.ts";

function test(name: string, body: (store: Store, url: string) => Promise<void>): void {
  testWithPostgres(`event numbers on Postgres ${name}`, () => withPostgresStore(body));
}

async function append(store: Store, count: number, at = T0): Promise<readonly number[]> {
  const numbers: number[] = [];
  for (let n = 0; n < count; n++) {
    const stored = await store.events.append(aDraft(), [], at);
    if (!stored.duplicate) numbers.push(stored.event.tenantSeq);
  }
  return numbers;
}

test(
  "leave no dead row behind that everybody steps over while an old snapshot is open",
  async (store, url) => {
    const place = `SELECT ctid::text AS place FROM tenants WHERE id = '${DEFAULT_TENANT}'`;
    const before = await execute(url, place);

    const numbers = await append(store, 20);

    assertEquals(await execute(url, place), before);
    assertEquals([numbers[0], numbers[19]], [1, 20]);
  },
);

test("go on after the newest events were removed", async (store) => {
  await append(store, 3);
  await store.events.prune(T0 + 1, 2);
  const halfway = await store.events.range(DEFAULT_TENANT);
  await store.events.prune(T0 + 1, 100);
  const empty = await store.events.range(DEFAULT_TENANT);

  const numbers = await append(store, 2, T0 + 2);

  assertEquals([halfway, empty], [{ oldest: 3, newest: 3 }, { oldest: 0, newest: 3 }]);
  assertEquals(numbers, [4, 5]);
});

test(
  "go on at a gateway of the version before, which counts them in the tenant's row",
  async (store, url) => {
    await append(store, 3);
    const older =
      `UPDATE tenants SET last_seq = last_seq + 1 WHERE id = '${DEFAULT_TENANT}' RETURNING last_seq::float8`;

    const [{ last_seq }] = await execute(url, older) as readonly { readonly last_seq: number }[];
    await execute(
      url,
      `INSERT INTO events (seq, tenant_id, tenant_seq, id, type, at, data)
     VALUES (nextval('event_seqs'), '${DEFAULT_TENANT}', ${last_seq}, 'evt_older', 'custom', ${T0}, '{}')`,
    );
    const numbers = await append(store, 2);
    const [second] = await execute(url, older) as readonly { readonly last_seq: number }[];

    assertEquals([last_seq, numbers, second.last_seq], [4, [5, 6], 7]);
  },
);
