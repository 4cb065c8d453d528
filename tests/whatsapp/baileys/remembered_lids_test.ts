import { assertEquals } from "@std/assert";
import { rememberLids } from "../../../src/whatsapp/baileys/remembered_lids.ts";

function mappings(known: Record<string, string>) {
  let looks = 0;
  const store = {
    getLIDForPN(pn: string) {
      looks++;
      return Promise.resolve(known[pn] ?? null);
    },
    storeLIDPNMappings(pairs: { lid: string; pn: string }[]) {
      for (const { lid, pn } of pairs) known[pn] = lid;
      return Promise.resolve();
    },
  };
  rememberLids(store);
  return { store, looks: () => looks };
}

Deno.test("LIDs of numbers are looked up once", async () => {
  const { store, looks } = mappings({ "62811@s.whatsapp.net": "5@lid" });

  const found = [
    await store.getLIDForPN("62811@s.whatsapp.net"),
    await store.getLIDForPN("62811@s.whatsapp.net"),
  ];

  assertEquals([found, looks()], [["5@lid", "5@lid"], 1]);
});

Deno.test("LIDs of numbers are looked up anew once a mapping is stored", async () => {
  const { store } = mappings({ "62811@s.whatsapp.net": "5@lid" });
  await store.getLIDForPN("62811@s.whatsapp.net");

  await store.storeLIDPNMappings([{ lid: "6@lid", pn: "62811@s.whatsapp.net" }]);

  assertEquals(await store.getLIDForPN("62811@s.whatsapp.net"), "6@lid");
});

Deno.test("numbers without a LID are asked for each time", async () => {
  const { store, looks } = mappings({});

  await store.getLIDForPN("62811@s.whatsapp.net");
  await store.getLIDForPN("62811@s.whatsapp.net");

  assertEquals(looks(), 2);
});
