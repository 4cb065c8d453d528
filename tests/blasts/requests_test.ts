import { assertEquals, assertRejects } from "@std/assert";
import { BusyError, RefusedError } from "../../src/errors.ts";
import { type AcceptedBlast, createAcceptOnce, LONGEST_ACCEPTING_MS } from "../../src/blasts/requests.ts";
import { aBlast, T0 } from "../store/contracts/samples.ts";
import { temporaryStore } from "../support/temporary_store.ts";

Deno.test("blast is accepted once under a key, by the first of many at once", async () => {
  await using kept = await temporaryStore();
  const { blasts } = kept.store;
  const once = createAcceptOnce(blasts);
  const request = { idempotencyKey: "k", digest: "d" };
  const made: string[] = [];
  const accept = async (): Promise<AcceptedBlast> => {
    const blast = aBlast({ status: "accepting" });
    made.push(blast.id);
    await blasts.create(blast, request);
    const answer = { messageIds: ["msg_1"], duplicates: [], qiscusEnabled: false };
    await blasts.accept(blast.id, { status: "running", total: 1, duplicates: 0, startedAt: T0 }, answer, T0);
    return { blast, ...answer, replayed: false };
  };

  const answers = await Promise.all([1, 2, 3].map(() => once("tenant_default", request, accept)));

  assertEquals(made.length, 1);
  assertEquals(answers.map(({ blast, replayed }) => [blast.id, replayed]), [
    [made[0], false],
    [made[0], true],
    [made[0], true],
  ]);
});

Deno.test("blast is accepted by the next under its key when the first could not be", async () => {
  await using kept = await temporaryStore();
  const { blasts } = kept.store;
  const once = createAcceptOnce(blasts);
  const request = { idempotencyKey: "k", digest: "d" };
  const good = { blast: aBlast(), messageIds: [], duplicates: [], qiscusEnabled: false, replayed: false };

  const [first, second] = await Promise.allSettled([
    once("tenant_default", request, () => Promise.reject(new TypeError("bad recipient"))),
    once("tenant_default", { ...request, digest: "other" }, () => Promise.resolve(good)),
  ]);

  assertEquals([first.status, second.status], ["rejected", "fulfilled"]);
});

Deno.test("blast is accepted anew under the key of one that a crash broke off", async () => {
  await using kept = await temporaryStore();
  const { blasts } = kept.store;
  const [broken, good] = [aBlast({ status: "accepting" }), aBlast()];
  await blasts.create(broken, { idempotencyKey: "k", digest: "d" });

  await createAcceptOnce(blasts)("tenant_default", { idempotencyKey: "k", digest: "other" }, async () => {
    await blasts.create(good, { idempotencyKey: "k", digest: "other" });
    return { blast: good, messageIds: [], duplicates: [], qiscusEnabled: false, replayed: false };
  });

  assertEquals((await blasts.byIdempotencyKey("tenant_default", "k"))?.blast.id, good.id);
  assertEquals(await blasts.get(broken.id), undefined);
});

Deno.test("blast that another gateway is taking in is not taken in a second time, until that must have ended", async () => {
  await using kept = await temporaryStore();
  const { blasts } = kept.store;
  const [begun, good] = [aBlast({ status: "accepting", createdAt: T0 }), aBlast()];
  const request = { idempotencyKey: "k", digest: "d" };
  await blasts.create(begun, request);
  let now = T0 + LONGEST_ACCEPTING_MS - 1;
  const once = createAcceptOnce(blasts, { now: () => now });
  const accept = () =>
    Promise.resolve({ blast: good, messageIds: [], duplicates: [], qiscusEnabled: false, replayed: false });

  await assertRejects(() => once("tenant_default", request, accept), BusyError, "another gateway");
  const meanwhile = (await blasts.get(begun.id))?.status;
  now++;
  const { blast } = await once("tenant_default", request, accept);

  assertEquals([meanwhile, blast.id, await blasts.get(begun.id)], ["accepting", good.id, undefined]);
});

Deno.test("blast is refused under the key of another one", async () => {
  await using kept = await temporaryStore();
  const { blasts } = kept.store;
  const blast = aBlast();
  await blasts.create(blast, { idempotencyKey: "k", digest: "d" });
  const answer = { messageIds: [], duplicates: [], qiscusEnabled: false };
  await blasts.accept(blast.id, { status: "running", total: 0, duplicates: 0, startedAt: T0 }, answer, T0);
  const once = createAcceptOnce(blasts);

  const refused = await assertRejects(
    () => once("tenant_default", { idempotencyKey: "k", digest: "other" }, () => Promise.reject()),
    RefusedError,
    `used before, for another blast ("${blast.id}")`,
  );

  assertEquals([refused.code, refused.details], ["IDEMPOTENCY_KEY_REUSED", { blast_id: blast.id }]);
});
