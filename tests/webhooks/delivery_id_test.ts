import { assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import fc from "fast-check";
import { deliveryIdOf, deliveryNumberOf, useDeliveryIdKey } from "../../src/webhooks/delivery_id.ts";

Deno.test("delivery ids come back to their numbers", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 2 ** 48 - 1 }), (number) => {
      const id = deliveryIdOf(number);

      assertMatch(id, /^dlv_k[0-9a-z]{10}$/);
      assertEquals(deliveryNumberOf(id), number);
    }),
    { numRuns: 2_000 },
  );
});

Deno.test("delivery ids of one number after another have nothing in common, and none comes twice", () => {
  const ids = Array.from({ length: 5_000 }, (_, index) => deliveryIdOf(index + 1));
  const sorted = ids.toSorted();
  const inOrder = ids.filter((id, index) => index > 0 && id > ids[index - 1]).length;

  assertEquals(new Set(ids).size, ids.length);
  assertNotEquals(ids, sorted);
  assertEquals(
    inOrder > 2_300 && inOrder < 2_700,
    true,
    `${inOrder} of 4,999 are greater than the one before`,
  );
});

Deno.test("delivery ids of versions before are still read, and what is none is none", () => {
  assertEquals(deliveryNumberOf("dlv_17"), 17);
  for (const text of ["dlv_", "dlv_0", "dlv_-1", "dlv_1e3", "dlv_kzzzzzzzzzz", "dlv_k1", "evt_1", "dlv_x"]) {
    assertEquals(deliveryNumberOf(text), undefined, text);
  }
});

Deno.test("delivery ids keep the key that was set first", () => {
  useDeliveryIdKey(crypto.getRandomValues(new Uint8Array(32)));
  const id = deliveryIdOf(1);

  useDeliveryIdKey(crypto.getRandomValues(new Uint8Array(32)));

  assertEquals(deliveryIdOf(1), id);
  assertEquals(deliveryNumberOf(id), 1);
});
