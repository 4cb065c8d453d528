import { assertEquals, assertRejects } from "@std/assert";
import type { Connection } from "../../../src/store/postgres/connection.ts";
import { type KeyedWork, runWorks } from "../../../src/store/postgres/works.ts";
import { last, type Query, type Row, run, send, type Work } from "../../../src/store/sql/database.ts";
import { settled } from "../../support/manual_clock.ts";

const query = (sql: string): Query => ({ sql, parameters: [] }) as unknown as Query; // all that a connection reads

/** A connection on which a test answers what is asked. */
function aConnection() {
  const asked: string[] = [];
  const open: PromiseWithResolvers<readonly Row[]>[] = [];
  const run = ({ sql }: Query) => {
    asked.push(sql);
    const answer = Promise.withResolvers<readonly Row[]>();
    open.push(answer);
    return answer.promise;
  };
  return {
    asked,
    connection: { run } as unknown as Connection,
    async answer(number: number, row: Row) {
      open[number].resolve([row]);
      await settled();
    },
    async refuse(number: number, reason: string) {
      open[number].reject(new Error(reason));
      await settled();
    },
  };
}

const keyed = (key: string, work: () => Work<unknown>): KeyedWork => ({ key, work });

Deno.test("works whose answers nobody needs are sent one behind the other, without waiting for any", async () => {
  const { connection, asked, answer } = aConnection();
  const noting = (...words: string[]) => () =>
    function* () {
      for (const word of words) yield* send(query(word));
    }();

  const { values } = await runWorks(connection, [
    keyed("device b", noting("b1", "b2")),
    keyed("device a", noting("a1", "a2")),
  ]);
  let isAnswered = false;
  void values.then(() => isAnswered = true);
  await settled();
  const before = isAnswered;
  for (const number of [0, 1, 2, 3]) await answer(number, {});

  assertEquals(asked, ["a1", "a2", "b1", "b2"]);
  assertEquals([before, isAnswered], [false, true]);
});

Deno.test("work waits for the answer that its next step needs, and for no other", async () => {
  const { connection, asked, answer } = aConnection();
  const works = runWorks(connection, [
    keyed("device a", function* () {
      yield* send(query("lock"));
      const [{ n }] = yield* run(query("read") as Query<{ n: number }>);
      yield* send(query(`write ${n + 1}`));
      return n;
    }),
  ]);
  await settled();
  const first = [...asked];

  await answer(1, { n: 41 });
  const { values } = await works;
  await answer(0, {});
  await answer(2, {});

  assertEquals(first, ["lock", "read"]);
  assertEquals(asked, ["lock", "read", "write 42"]);
  assertEquals(await values, [41]);
});

Deno.test("work that ends with a query gives its rows once these have come", async () => {
  const { connection, asked, answer } = aConnection();

  const { values } = await runWorks(connection, [
    keyed("device a", function* () {
      yield* send(query("lock"));
      return last(query("take"));
    }),
  ]);
  const sent = [...asked];
  await answer(0, {});
  await answer(1, { number: 7 });

  assertEquals(sent, ["lock", "take"]);
  assertEquals(await values, [[{ number: 7 }]]);
});

Deno.test("works fail with the first statement that did, although others have failed by it", async () => {
  const { connection, refuse } = aConnection();

  const { values } = await runWorks(connection, [
    keyed("device a", function* () {
      yield* send(query("a"));
    }),
    keyed("device b", function* () {
      yield* send(query("b"));
      return last(query("c"));
    }),
  ]);
  const failing = assertRejects(() => values, Error, "it exists already");
  await refuse(0, "it exists already");
  for (const number of [1, 2]) await refuse(number, "the transaction is aborted");

  await failing;
});

Deno.test("works send nothing more after a statement that failed", async () => {
  const { connection, asked, refuse } = aConnection();
  const works = runWorks(connection, [
    keyed("device a", function* () {
      yield* send(query("bad"));
      yield* run(query("read"));
      yield* send(query("write"));
    }),
  ]);
  const failing = assertRejects(() => works, Error, "no such table");
  await settled();

  await refuse(0, "no such table");
  await refuse(1, "the transaction is aborted");

  await failing;
  assertEquals(asked, ["bad", "read"]);
});
