import { assertEquals } from "@std/assert";
import { DEFAULT_TENANT } from "../../../src/ids.ts";
import { type Open, testing } from "./contract.ts";
import { aTenant, T0 } from "./samples.ts";

const PN = "628000000142@s.whatsapp.net";
const LID = "9000000142@lid";

/** Somebody who wrote STOP. */
const written = (pn: string | null, lid: string | null, at = T0) => ({
  pn,
  lid,
  reason: "STOP",
  source: "message" as const,
  at,
});

export function optOutsContract(name: string, open: Open): void {
  const test = testing(`${name} opt-outs`, open);

  test("hold somebody once, as they came first", async ({ optOuts }) => {
    const first = await optOuts.add(DEFAULT_TENANT, written(PN, LID));
    const again = await optOuts.add(DEFAULT_TENANT, { ...written(PN, null, T0 + 9), source: "api" });

    assertEquals([first.added, again.added], [true, false]);
    assertEquals(again.optOut, { number: first.optOut.number, ...written(PN, LID) });
    assertEquals((await optOuts.list(DEFAULT_TENANT, { limit: 9 })).length, 1);
  });

  test("hold when somebody wrote it last, in whatever order that comes", async ({ optOuts }) => {
    const first = await optOuts.add(DEFAULT_TENANT, written(PN, LID));
    await optOuts.add(DEFAULT_TENANT, written(PN, LID, T0 + 9));
    await optOuts.add(DEFAULT_TENANT, written(null, LID, T0 + 5));
    const entered = await optOuts.add(DEFAULT_TENANT, { ...written(PN, LID, T0 + 20), source: "api" });

    const held = { number: first.optOut.number, ...written(PN, LID, T0 + 9) };
    assertEquals(entered, { added: false, optOut: held });
    assertEquals(await optOuts.list(DEFAULT_TENANT, { limit: 9 }), [held]);
  });

  test("find and remove somebody by either address", async ({ optOuts }) => {
    await optOuts.add(DEFAULT_TENANT, written(PN, LID));

    const byNumber = await optOuts.find(DEFAULT_TENANT, { pn: PN, lid: null });
    const byLid = await optOuts.find(DEFAULT_TENANT, { pn: null, lid: LID });
    const other = await optOuts.find(DEFAULT_TENANT, { pn: "628999@s.whatsapp.net", lid: "1@lid" });
    const removed = await optOuts.remove(DEFAULT_TENANT, { pn: null, lid: LID });
    const gone = await optOuts.remove(DEFAULT_TENANT, { pn: PN, lid: null });

    assertEquals([byNumber?.lid, byLid?.pn, other], [LID, PN, undefined]);
    assertEquals([removed?.pn, gone], [PN, undefined]);
    assertEquals(await optOuts.list(DEFAULT_TENANT, { limit: 9 }), []);
  });

  test("know somebody under each spelling of one number", async ({ optOuts }) => {
    const [short, long] = ["551187654321@s.whatsapp.net", "5511987654321@s.whatsapp.net"];
    const first = await optOuts.add(DEFAULT_TENANT, written(long, null));

    const again = await optOuts.add(DEFAULT_TENANT, written(short, LID, T0 + 9));
    const found = await optOuts.find(DEFAULT_TENANT, { pn: short, lid: null });
    const removed = await optOuts.remove(DEFAULT_TENANT, { pn: short, lid: null });

    assertEquals(again, {
      added: false,
      optOut: { number: first.optOut.number, ...written(long, LID, T0 + 9) },
    });
    assertEquals([found, removed], [again.optOut, again.optOut]);
    assertEquals(await optOuts.list(DEFAULT_TENANT, { limit: 9 }), []);
  });

  test("make one of two entries once it is known that they are one person's", async ({ optOuts }) => {
    const hidden = await optOuts.add(DEFAULT_TENANT, written(null, LID));
    await optOuts.add(DEFAULT_TENANT, written(PN, null, T0 + 5));

    const both = await optOuts.add(DEFAULT_TENANT, written(PN, LID, T0 + 9));

    assertEquals(both, {
      added: false,
      optOut: { number: hidden.optOut.number, ...written(PN, LID, T0 + 9) },
    });
    assertEquals(await optOuts.list(DEFAULT_TENANT, { limit: 9 }), [both.optOut]);
  });

  test("are one tenant's, listed newest first in pages", async ({ optOuts, tenants }) => {
    const tenant = aTenant();
    await tenants.create(tenant, "hash");
    const mine = [];
    for (const digit of [1, 2, 3]) {
      mine.push((await optOuts.add(DEFAULT_TENANT, written(`62800${digit}@s.whatsapp.net`, null))).optOut);
    }
    await optOuts.add(tenant.id, written(PN, null));

    const first = await optOuts.list(DEFAULT_TENANT, { limit: 2 });
    const second = await optOuts.list(DEFAULT_TENANT, { limit: 2, before: first[1].number });

    assertEquals([first, second], [[mine[2], mine[1]], [mine[0]]]);
    assertEquals(await optOuts.find(DEFAULT_TENANT, { pn: PN, lid: null }), undefined);
  });

  test("keep a tenant's words and answers, and tell that they have changed", async ({ optOuts, news }) => {
    const heard = Promise.withResolvers<string | null>();
    const stop = news.hear("opt_outs", heard.resolve);
    const settings = { stopWords: ["STOP"], startWords: [], stopAnswer: "Bye", startAnswer: null };

    const before = await optOuts.settings(DEFAULT_TENANT);
    await optOuts.saveSettings(DEFAULT_TENANT, { ...settings, stopAnswer: null });
    await optOuts.saveSettings(DEFAULT_TENANT, settings);

    assertEquals([before, await optOuts.settings(DEFAULT_TENANT)], [undefined, settings]);
    assertEquals(await heard.promise, DEFAULT_TENANT);
    stop();
  });
}
