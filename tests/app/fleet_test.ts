import { assertEquals } from "@std/assert";
import { type Clock, systemClock } from "../../src/async/clock.ts";
import { joinFleet } from "../../src/app/fleet.ts";
import { createManualClock } from "../support/manual_clock.ts";
import { settingsOf } from "../support/settings.ts";
import type { Store } from "../../src/store/store.ts";
import { aGateway } from "../store/contracts/gateways.ts";
import { withFolder } from "../store/temporary.ts";
import { openTemporaryPostgres, testWithPostgres } from "../support/postgres.ts";

function join(store: Store, folder: string, clock: Clock = systemClock) {
  const settings = settingsOf({ DATA_DIR: folder });
  return joinFleet({ store, settings, onGone: () => {}, clock });
}

/** One that is killed as soon as it has joined: it never finds out that its place was taken. */
function joinAndDie(store: Store, folder: string) {
  return join(store, folder, createManualClock());
}

testWithPostgres(
  "gateway takes the place of the one that used its folder before, and of no other",
  () =>
    withFolder(async (folder) => {
      const store = await openTemporaryPostgres();
      await store.gateways.join(aGateway("neighbour"));
      const first = await joinAndDie(store, folder);
      const held = await store.leases.take("device/1", first.membership.id);

      const second = await join(store, folder);

      const ids = (await store.gateways.all()).map(({ id }) => id);
      const lease = await store.leases.get("device/1");
      for (const fleet of [first, second]) await fleet.leave();
      await store.close();
      assertEquals(held?.holder, first.membership.id);
      assertEquals(ids, ["neighbour", second.membership.id]);
      assertEquals(lease?.holder, null);
    }),
);

testWithPostgres(
  "gateway that was killed as it entered leaves nothing that its next start does not remove",
  () =>
    withFolder(async (folder) => {
      const store = await openTemporaryPostgres();
      const first = await joinAndDie(store, folder);
      const dying = {
        ...store,
        gateways: { ...store.gateways, join: () => Promise.reject(new Error("killed")) },
      };
      await join(dying, folder).catch(() => {});

      const last = await join(store, folder);
      const before = (await store.gateways.all()).map(({ id }) => id);
      for (const fleet of [first, last]) await fleet.leave();
      const after = await store.gateways.all();

      await store.close();
      assertEquals(before, [last.membership.id]);
      assertEquals(after, []);
    }),
);
