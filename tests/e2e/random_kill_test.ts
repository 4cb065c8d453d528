import { assertEquals, assertGreater } from "@std/assert";
import { temporaryDatabase, testWithPostgres } from "../support/postgres.ts";
import { killAtRandom } from "../soak/random_kills.ts";

Deno.test("gateway killed at random under load loses nothing", async () => {
  const report = await killAtRandom({ rounds: 15 });

  assertEquals([report.vanished, report.undelivered], [[], []]);
  assertGreater(report.accepted, report.rounds);
});

testWithPostgres("gateway on Postgres killed at random under load loses nothing", async () => {
  await using database = await temporaryDatabase();
  const report = await killAtRandom({ rounds: 8, env: { DATABASE_URL: database.url } });

  assertEquals([report.vanished, report.undelivered], [[], []]);
  assertGreater(report.accepted, report.rounds);
});
