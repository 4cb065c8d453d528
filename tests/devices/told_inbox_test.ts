import { assertEquals } from "@std/assert";
import { createToldInbox, JOURNALED_MS, type ToldInbox } from "../../src/devices/told_inbox.ts";
import type { InboxMessage } from "../../src/store/inbox.ts";
import { createManualClock } from "../support/manual_clock.ts";

const ROW: InboxMessage = {
  deviceId: "device_1",
  messageId: "3EB0",
  chat: "628111000001@s.whatsapp.net",
  sender: "628111000001@s.whatsapp.net",
  fromMe: false,
  payload: new Uint8Array(),
  sentAt: 1,
};

/** An inbox that has these rows, and notes each look. */
function inboxOf(rows: InboxMessage[]): { readonly inbox: ToldInbox; readonly looks: string[] } {
  const looks: string[] = [];
  const look = <T>(what: string, found: T) => {
    looks.push(what);
    return Promise.resolve(found);
  };
  const inbox: ToldInbox = {
    get: () => look("get", rows[0]),
    named: () => look("named", [...rows]),
    history: () => look("history", [...rows]),
    chats: () => look("chats", rows.map(({ chat, sentAt }) => ({ chat, lastAt: sentAt }))),
  };
  return { inbox, looks };
}

const look = {
  get: (inbox: ToldInbox) => inbox.get("device_1", "3EB0"),
  named: async (inbox: ToldInbox) => (await inbox.named("device_1", "3EB0"))[0],
  history: async (inbox: ToldInbox) => (await inbox.history("device_1", ROW.chat, { limit: 1 }))[0],
};

Deno.test("look finds a message that was told while it is on its way to the disk", async () => {
  for (const how of [look.get, look.named, look.history]) {
    const rows: InboxMessage[] = [];
    const { inbox } = inboxOf(rows);
    const told = createToldInbox({
      inbox,
      journaled: () => Promise.resolve().then(() => void rows.push(ROW)),
      clock: createManualClock(),
    });

    assertEquals(await how(told), ROW);
  }
});

Deno.test("look finds the content of a message that was announced without", async () => {
  const rows: InboxMessage[] = [{ ...ROW, placeholder: true }];
  const { inbox } = inboxOf(rows);
  const told = createToldInbox({
    inbox,
    journaled: () => Promise.resolve().then(() => void rows.splice(0, 1, ROW)),
    clock: createManualClock(),
  });

  assertEquals(await look.get(told), ROW);
});

Deno.test("look for a message that is there waits for nothing", async () => {
  const { inbox, looks } = inboxOf([ROW]);
  let asked = 0;
  const told = createToldInbox({ inbox, journaled: () => void asked++, clock: createManualClock() });

  await look.get(told);
  await look.named(told);

  assertEquals([looks, asked], [["get", "named"], 0]);
});

Deno.test("look asks another gateway only for what is not found, and of a device that is not held here", async () => {
  const { inbox } = inboxOf([]);
  const asked: string[] = [];
  const told = createToldInbox({
    inbox,
    journaled: (id) => id === "device_1" ? Promise.resolve() : undefined,
    journaledElsewhere: (id) => Promise.resolve().then(() => void asked.push(id)),
    clock: createManualClock(),
  });

  await told.get("device_1", "3EB0");
  await told.history("device_2", ROW.chat, { limit: 1 });
  await told.get("device_2", "3EB0");

  assertEquals(asked, ["device_2"]);
});

Deno.test("look answers with what there is when the message cannot be written, or not in time", async () => {
  const { inbox } = inboxOf([]);
  const clock = createManualClock();
  const failing = createToldInbox({ inbox, journaled: () => Promise.reject(new Error("ended")), clock });
  const hanging = createToldInbox({ inbox, journaled: () => Promise.withResolvers<void>().promise, clock });

  const found = look.get(hanging);
  await clock.advance(JOURNALED_MS);

  assertEquals([await look.get(failing), await found], [undefined, undefined]);
});
