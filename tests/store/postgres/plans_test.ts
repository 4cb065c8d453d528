import { assertEquals } from "@std/assert";
import { APPEND } from "../../../src/store/postgres/append.ts";
import { Connection } from "../../../src/store/postgres/connection.ts";
import { PLAN_ONCE } from "../../../src/store/postgres/plans.ts";
import { OPEN_NEXT, RECORD } from "../../../src/store/postgres/record.ts";
import { temporaryDatabase, testWithPostgres } from "../../support/postgres.ts";

/** Tables that grow for as long as gateways run. */
const HISTORY = ["events", "deliveries", "attempts", "delivery_counts"];
const LIMITS = { statementMs: 10_000, lockMs: 2_000, idleInTransactionMs: 2_000 };

interface Plan {
  readonly "Node Type": string;
  readonly "Relation Name"?: string;
  readonly "Index Name"?: string;
  readonly "Index Cond"?: string;
  readonly Plans?: readonly Plan[];
}

/** The steps of a plan that reach a history table, and how. */
function reachesIn(plan: Plan): readonly string[] {
  const table = plan["Relation Name"];
  const isRead = table !== undefined && HISTORY.includes(table) && plan["Node Type"] !== "ModifyTable";
  const own = isRead ? [`${plan["Node Type"]} ${table} ${plan["Index Cond"] ?? "without a condition"}`] : [];
  return [...own, ...(plan.Plans ?? []).flatMap(reachesIn)];
}

/** How the statement is run for all values, as it is planned while the tables are empty. */
async function planOf(connection: Connection, statement: string): Promise<Plan> {
  const count = Math.max(...[...statement.matchAll(/\$(\d+)/g)].map(([, number]) => Number(number)));
  await connection.send("BEGIN");
  await connection.send(PLAN_ONCE);
  await connection.send(`PREPARE hot AS ${statement}`);
  const nulls = Array.from({ length: count }, () => "NULL").join();
  const { rows: [row] } = await connection.send(`EXPLAIN (FORMAT JSON) EXECUTE hot (${nulls})`);
  await connection.send("ROLLBACK");
  await connection.send("DEALLOCATE hot");
  return row["QUERY PLAN"][0].Plan;
}

for (const [name, statement] of [["append", APPEND], ["record", RECORD], ["open next", OPEN_NEXT]] as const) {
  testWithPostgres(
    `postgres store reaches its history through indexes only, also by old plans (${name})`,
    async () => {
      await using database = await temporaryDatabase();
      const connection = await Connection.open({ url: database.url }, LIMITS);

      const reaches = reachesIn(await planOf(connection, statement));
      await connection.close();

      const ways = reaches.filter((way) =>
        !/^(Index|Bitmap)/.test(way) || way.includes("without a condition")
      );
      const allowed = ways.filter((way) => !/^Bitmap Heap Scan/.test(way)); // its condition stands below it
      assertEquals(allowed, []);
      assertEquals(reaches.length > 0, true);
    },
  );
}

/** The indexes that a plan uses. */
function indexesOf(plan: Plan): readonly string[] {
  return [
    ...(plan["Index Name"] === undefined ? [] : [plan["Index Name"]]),
    ...(plan.Plans ?? []).flatMap(indexesOf),
  ];
}

testWithPostgres(
  "postgres store does not look for the first of an ordering key among all that is pending",
  async () => {
    await using database = await temporaryDatabase();
    const connection = await Connection.open({ url: database.url }, LIMITS);
    await connection.send("DROP INDEX deliveries_in_order"); // as good as, by what the planner may think of it

    const plans = [await planOf(connection, APPEND), await planOf(connection, OPEN_NEXT)];
    await connection.close();

    assertEquals(plans.map((plan) => indexesOf(plan).includes("deliveries_pending")), [false, false]);
  },
);
