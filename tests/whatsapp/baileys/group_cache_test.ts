import { assertEquals } from "@std/assert";
import type { GroupMetadata } from "@whiskeysockets/baileys";
import { systemClock } from "../../../src/async/clock.ts";
import { createGroupCache } from "../../../src/whatsapp/baileys/group_cache.ts";

const GROUP = "120363000000000001@g.us";

function metadata(subject: string): GroupMetadata {
  return { id: GROUP, subject, owner: undefined, participants: [] };
}

Deno.test("group cache does not keep an answer that was on its way while the group changed", async () => {
  const answers = [Promise.withResolvers<GroupMetadata>(), Promise.withResolvers<GroupMetadata>()];
  let asked = 0;
  const groups = createGroupCache(() => answers[asked++].promise, systemClock);

  const first = groups.get(GROUP);
  groups.forget(GROUP);
  answers[0].resolve(metadata("before"));
  answers[1].resolve(metadata("after"));
  const subjects = [await first, await groups.get(GROUP), await groups.get(GROUP)].map(({ subject }) =>
    subject
  );

  assertEquals([subjects, asked], [["before", "after", "after"], 2]);
});
