import { assertEquals, assertRejects } from "@std/assert";
import { StoreUnavailableError } from "../../../src/errors.ts";
import { DEFAULT_TENANT } from "../../../src/ids.ts";
import { openPostgresStore } from "../../../src/store/postgres/open.ts";
import { until } from "../../support/until.ts";
import { testWithPostgres } from "../../support/postgres.ts";
import { type PostgresServer, startPostgresServer } from "../../support/postgres_server.ts";
import { startTcpProxy } from "../../support/tcp_proxy.ts";
import { aDraft, T0 } from "../contracts/samples.ts";

testWithPostgres(
  "postgres store goes on with a replica that was promoted, and refuses the server that it replaced",
  async () => {
    await using old = await startPostgresServer();
    await using promoted = await old.addReplica();
    await using proxy = startTcpProxy(old.port);
    const url = new URL(old.url);
    url.port = String(proxy.port);
    const store = await openPostgresStore({ url: url.href, now: () => T0 });
    const append = (dedupeKey: string) => store.events.append(aDraft({ dedupeKey }), [], T0);
    const goesThrough = (key: string) => () => append(key).then(() => true, isUnavailable);
    const lead = ({ port }: PostgresServer) => {
      proxy.target = port;
      proxy.cut();
    };
    await append("before");

    await old.stop("immediate");
    await promoted.promote();
    lead(promoted);
    await until(goesThrough("after"), "the promoted replica");
    await old.start();
    lead(old);
    const refused = await until(async () => {
      const { message } = await assertRejects(() => append("stray"), StoreUnavailableError);
      return /timeline/.test(message) && message; // the connection that was cut is found out first
    }, "the refusal");
    lead(promoted);
    await until(goesThrough("back"), "the way back");

    const keys = ["before", "after", "back", "stray"];
    const kept = await Promise.all(keys.map((key) => store.events.byDedupeKey(DEFAULT_TENANT, key)));
    await store.close();
    assertEquals(kept.map((event) => event !== undefined), [true, true, true, false]);
    assertEquals(
      refused,
      "Cannot use the database: its server was left behind by a fail-over (timeline 1, and 2 was seen before)",
    );
  },
);

function isUnavailable(error: unknown): boolean {
  if (!(error instanceof StoreUnavailableError)) throw error;
  return false;
}
