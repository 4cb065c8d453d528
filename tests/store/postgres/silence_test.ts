import { assertEquals, assertRejects } from "@std/assert";
import { StoreUnavailableError } from "../../../src/errors.ts";
import { Connection } from "../../../src/store/postgres/connection.ts";
import { UnreachableError } from "../../../src/store/postgres/failures.ts";
import { openPostgresStore } from "../../../src/store/postgres/open.ts";
import { Silence } from "../../../src/store/postgres/silence.ts";
import { createManualClock } from "../../support/manual_clock.ts";
import { temporaryDatabase, testWithPostgres } from "../../support/postgres.ts";
import { startTcpProxy } from "../../support/tcp_proxy.ts";
import { until } from "../../support/until.ts";
import { aDraft, T0 } from "../contracts/samples.ts";

const AFTER_MS = 1_000;
const LIMITS = { statementMs: 600_000, lockMs: 600_000, idleInTransactionMs: 600_000 };

/** A watch over a connection whose server is there or not. */
function watching({ isThere }: { readonly isThere: boolean }) {
  const clock = createManualClock();
  const seen: string[] = [];
  const silence = new Silence({
    afterMs: AFTER_MS,
    isGone() {
      seen.push("looked");
      return Promise.resolve(!isThere);
    },
    onGone: () => void seen.push("given up"),
    clock,
  });
  return { clock, seen, silence };
}

Deno.test("silence of a server that is gone ends its connection", async () => {
  const { clock, seen, silence } = watching({ isThere: false });

  silence.asked();
  await clock.advance(AFTER_MS);

  assertEquals(seen, ["looked", "given up"]);
});

Deno.test("silence of a server that is at work is looked at ever more seldom, and ends nothing", async () => {
  const { clock, seen, silence } = watching({ isThere: true });

  silence.asked();
  await clock.advance(7 * AFTER_MS);

  assertEquals(seen, ["looked", "looked", "looked"]); // after 1, 2 and 4 more
});

Deno.test("silence is none while answers come, or when nothing is asked", async () => {
  const { clock, seen, silence } = watching({ isThere: false });

  silence.asked();
  silence.asked();
  await clock.advance(AFTER_MS - 1);
  silence.heard(1);
  await clock.advance(AFTER_MS - 1);
  silence.heard(0);
  await clock.advance(10 * AFTER_MS);

  assertEquals(seen, []);
});

/** A database behind a proxy. */
async function behindProxy() {
  const database = await temporaryDatabase();
  const proxy = startTcpProxy(Number(new URL(database.url).port));
  const url = new URL(database.url);
  url.port = String(proxy.port);
  return {
    url: url.href,
    proxy,
    async [Symbol.asyncDispose]() {
      await proxy[Symbol.asyncDispose]();
      await database[Symbol.asyncDispose]();
    },
  };
}

testWithPostgres("statement on a connection whose other end is gone without a word ends", async () => {
  await using way = await behindProxy();
  const connection = await Connection.open({ url: way.url }, { ...LIMITS, silenceMs: 100 });
  way.proxy.hush();

  const { message } = await assertRejects(() => connection.send("SELECT 1"));
  await connection.close();

  assertEquals(message, "the server does not answer any more");
});

testWithPostgres("statement that takes long is left alone", async () => {
  await using way = await behindProxy();
  const connection = await Connection.open({ url: way.url }, { ...LIMITS, silenceMs: 100 });

  const { rows } = await connection.send("SELECT 1 AS done FROM pg_sleep(1)");
  await connection.close();

  assertEquals(rows, [{ done: 1 }]);
});

testWithPostgres("connection to a server that takes it and says nothing more is given up", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const letIn = Uint8Array.from([0x52, 0, 0, 0, 8, 0, 0, 0, 0, 0x5a, 0, 0, 0, 5, 0x49]); // let in, and ready
  const taken: Deno.Conn[] = [];
  const taking = (async () => {
    const conn = await listener.accept();
    taken.push(conn);
    await conn.read(new Uint8Array(1_000));
    await conn.write(letIn);
  })();
  const url = `postgres://kabar@127.0.0.1:${(listener.addr as Deno.NetAddr).port}/postgres`;

  const { message } = await assertRejects(
    () => Connection.open({ url }, { ...LIMITS, openMs: 200 }),
    UnreachableError,
  );
  await taking;
  for (const conn of taken) conn.close();

  assertEquals(message, "Cannot reach the database: the server does not answer");
});

testWithPostgres(
  "postgres store goes on, and hears news, when its connections say nothing any more",
  async () => {
    await using way = await behindProxy();
    const store = await openPostgresStore({ url: way.url, now: () => T0 });
    const goesThrough = (work: () => Promise<unknown>) => () =>
      work().then(() => true, (error) => {
        if (!(error instanceof StoreUnavailableError)) throw error;
        return false;
      });
    const heard: (string | null)[] = [];
    store.news.hear("things", (id) => void heard.push(id));
    store.news.tell("things", "before");
    await until(() => heard.includes("before"), "the first news");

    way.proxy.hush();

    await until(goesThrough(() => store.events.append(aDraft(), [], T0)), "something to be stored");
    await until(goesThrough(() => store.devices.list({})), "something to be read");
    await until(() => heard.includes(null), "the word that news may have been missed");
    store.news.tell("things", "after");
    await until(() => heard.includes("after"), "the news of afterwards");
    await store.close();
  },
);

testWithPostgres("postgres store closes when its connections say nothing any more", async () => {
  await using way = await behindProxy();
  const store = await openPostgresStore({ url: way.url, now: () => T0 });
  await store.events.append(aDraft(), [], T0);
  way.proxy.hush();

  await store.close();

  await assertRejects(() => store.events.append(aDraft(), [], T0), StoreUnavailableError, "it is closed");
});
