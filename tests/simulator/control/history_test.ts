import { assertEquals } from "@std/assert";
import { ANNA, linkOver, PHONE, withControl } from "../../support/controlled.ts";

withControl("hands over a past, more of it, and the address book", async (control, simulator) => {
  await control.ask("POST", "/contacts", { phone: ANNA, name: "Anna" });
  await control.ask("POST", "/phones", {
    phone: PHONE,
    history: [{
      with: ANNA,
      unread: 2,
      messages: [{ image: { caption: "new" }, id: "H2" }, { text: "old", id: "H1" }],
    }],
  });
  const client = await linkOver(control, simulator.url);

  const page = await control.ask("POST", `/phones/${PHONE}/devices/1/history`, {
    kind: "RECENT",
    chats: { chats: 3, messagesEach: 2 },
  });
  const saved = await control.ask("POST", `/phones/${PHONE}/contacts`, {
    contact: ANNA,
    fullName: "Anna Contoh",
  });
  const set = await control.ask("POST", `/phones/${PHONE}/settings`, {
    collection: "regular_low",
    index: ["pin_v1", `8${ANNA}@lid`],
    value: { pinAction: { pinned: true } },
    apiVersion: 5,
  });
  const pages = await client.until(() => {
    const [first, second] = client.of("messaging-history.set");
    return second && [first, second];
  }, "two pages");
  await client.until(
    () => client.of("contacts.upsert").flat().some(({ name }) => name === "Anna Contoh"),
    "the name",
  );
  await client.until(() => client.of("chats.update").flat().some(({ pinned }) => pinned), "the pin");

  assertEquals([page.status, saved.status, set.status], [204, 204, 204]);
  assertEquals(pages.map(({ messages }) => messages.length), [2, 6]);
  assertEquals(pages[0].messages.map(({ key }) => key.id), ["H2", "H1"]);
  await client.end();
});
