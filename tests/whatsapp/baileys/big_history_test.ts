import { assert, assertEquals } from "@std/assert";
import { type LIDMapping, proto } from "@whiskeysockets/baileys";
import { bigHistory } from "../../../src/simulator/mod.ts";
import { skimHistory } from "../../../src/whatsapp/baileys/history_skimming.ts";
import { storeInSlices } from "../../../src/whatsapp/baileys/mapping_slices.ts";
import { aNumber, withWorld } from "../../support/sessions.ts";
import { until } from "../../support/until.ts";

const { HistorySync } = proto;
const { INITIAL_BOOTSTRAP, ON_DEMAND } = HistorySync.HistorySyncType;

function aPage(syncType: proto.HistorySync.HistorySyncType): Uint8Array {
  const messages = [{
    message: { key: { remoteJid: "81@lid", id: "A" }, message: { conversation: "past" } },
  }];
  return HistorySync.encode({
    syncType,
    progress: 7,
    conversations: [
      { id: "81@lid", pnJid: "628@s.whatsapp.net", messages, unreadCount: 3 },
      { id: "82@lid", messages, unreadCount: 4 },
    ],
  }).finish();
}

const messagesIn = ({ conversations = [] }: proto.IHistorySync): readonly number[] =>
  (conversations ?? []).map(({ messages }) => messages?.length ?? 0);

Deno.test("page of history is read without past messages, but for a chat whose number is not told", () => {
  skimHistory();

  const page = HistorySync.decode(aPage(INITIAL_BOOTSTRAP));

  assertEquals(page.progress, 7);
  assertEquals(page.conversations?.map(({ id, unreadCount }) => [id, unreadCount]), [["81@lid", 3], [
    "82@lid",
    4,
  ]]);
  assertEquals(messagesIn(page), [0, 1]);
  assertEquals(page.conversations?.[1].messages?.[0].message?.message?.conversation, "past");
});

Deno.test("page of history that was asked for is read whole", () => {
  skimHistory();

  const page = HistorySync.decode(aPage(ON_DEMAND));

  assertEquals(messagesIn(page), [1, 1]);
});

Deno.test("people of a history are taken note of in turns with everybody else", async () => {
  const sizes: number[] = [];
  const turnsBefore: number[] = [];
  let turns = 0;
  let over = false;
  const mappings = {
    storeLIDPNMappings(pairs: LIDMapping[]) {
      sizes.push(pairs.length);
      turnsBefore.push(turns);
      return Promise.resolve();
    },
  };
  storeInSlices(mappings);
  const others = (): void => {
    turns++;
    if (!over) setImmediate(others);
  };
  setImmediate(others);

  await mappings.storeLIDPNMappings(
    Array.from({ length: 150 }, (_, n) => ({ pn: `${n}@s`, lid: `${n}@lid` })),
  );
  over = true;

  const [before, between, after] = turnsBefore;
  assertEquals(sizes, [64, 64, 22]);
  assert(before < between && between < after, String(turnsBefore));
});

withWorld("session knows everybody of a big history, and writes them down bit by bit", async (world) => {
  const sizes: number[] = [];
  const setKeys = world.credentials.setKeys.bind(world.credentials);
  world.credentials.setKeys = (deviceId, entries) => {
    if (entries.some(({ type }) => type === "lid-mapping")) sizes.push(entries.length);
    return setKeys(deviceId, entries);
  };
  const chats = bigHistory(1_200, 1);
  const phone = world.simulator.phone(aNumber(), "Gateway");
  phone.history = chats;
  const { reports } = await world.open();
  await world.simulator.scanQr(await reports.until(() => reports.qrCode, "qr"), phone);
  await reports.logged("ended restart_required");
  const again = await world.open();
  await again.reports.logged("connected");

  const users = chats.map(({ with: who }) => `${"lidJid" in who ? who.lidJid.split("@")[0] : ""}_reverse`);
  const known = async () => (await world.credentials.keys("device_1", "lid-mapping", users)).size;
  await until(async () => await known() === chats.length, "all mappings");

  assert(Math.max(...sizes) <= 500, `${sizes}`);
});
