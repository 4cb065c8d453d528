import { assertEquals, assertRejects } from "@std/assert";
import { ConflictError } from "../../../src/errors.ts";
import type { BlastAnswer } from "../../../src/store/blasts.ts";
import { aBlast, aTenant, HOUR, T0 } from "./samples.ts";
import { type Open, testing } from "./contract.ts";

const ASKED = { idempotencyKey: "k", digest: "d" };
const ANSWER: BlastAnswer = { messageIds: ["msg_1"], duplicates: ["0812"], qiscusEnabled: true };
const ACCEPTED = { status: "running", total: 1, duplicates: 1, startedAt: T0 } as const;

export function blastRequestsContract(name: string, open: Open): void {
  const test = testing(`${name} blast requests`, open);

  test("keep what was asked for under a key, and answer with it once all is stored", async ({ blasts }) => {
    const blast = aBlast({ status: "accepting" });
    await blasts.create(blast, ASKED);
    const before = await blasts.byIdempotencyKey(blast.tenantId, "k");

    const accepted = await blasts.accept(blast.id, ACCEPTED, ANSWER, T0 + 1);

    assertEquals(before, { blast, digest: "d", answer: null });
    assertEquals(accepted, { ...blast, ...ACCEPTED, updatedAt: T0 + 1 });
    const after = await blasts.byIdempotencyKey(blast.tenantId, "k");
    assertEquals(after, { blast: { ...blast, ...ACCEPTED, updatedAt: T0 + 1 }, digest: "d", answer: ANSWER });
  });

  test("store nothing under a key that is taken", async ({ blasts }) => {
    const [first, second] = [aBlast(), aBlast()];
    await blasts.create(first, ASKED);

    await assertRejects(() => blasts.create(second, ASKED), ConflictError);

    assertEquals(await blasts.get(second.id), undefined);
  });

  test("of different tenants may have the same key", async ({ blasts, tenants }) => {
    const tenant = aTenant();
    await tenants.create(tenant, "hash");
    const [mine, theirs] = [aBlast(), aBlast({ tenantId: tenant.id })];

    for (const blast of [mine, theirs]) await blasts.create(blast, ASKED);

    const found = await Promise.all(
      [mine, theirs].map(({ tenantId }) => blasts.byIdempotencyKey(tenantId, "k")),
    );
    assertEquals(found.map((each) => each?.blast.id), [mine.id, theirs.id]);
  });

  test("free their keys when they are discarded, and when they are forgotten", async ({ blasts }) => {
    const [broken, over] = [aBlast(), aBlast({ status: "completed", finishedAt: T0 })];
    await blasts.create(broken, ASKED);
    await blasts.create(over, { ...ASKED, idempotencyKey: "over" });

    await blasts.discard(broken.id);
    await blasts.prune(T0 + 1, 10);

    const found = await Promise.all(["k", "over"].map((key) => blasts.byIdempotencyKey(over.tenantId, key)));
    assertEquals(found, [undefined, undefined]);
  });

  test("tell which of the scheduled ones is next", async ({ blasts }) => {
    const late = aBlast({ status: "scheduled", scheduledAt: T0 + 2 * HOUR });
    const soon = aBlast({ status: "scheduled", scheduledAt: T0 + HOUR });
    const begun = aBlast({ status: "running", scheduledAt: T0 });
    for (const blast of [late, begun, soon]) await blasts.create(blast);

    const first = await blasts.nextScheduled();
    for (const { id } of [soon, late]) await blasts.change(id, () => ({ status: "cancelled" }), T0);
    const none = await blasts.nextScheduled();

    assertEquals(first, { id: soon.id, at: T0 + HOUR });
    assertEquals(none, undefined);
  });
}
