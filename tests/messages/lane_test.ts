import { assertEquals } from "@std/assert";
import { Lane, MOST_WAITING } from "../../src/messages/lane.ts";
import type { OutgoingMessage } from "../../src/store/messages.ts";
import { aMessage, BUDI } from "../support/messaging.ts";

const SITI = "628987654321@s.whatsapp.net";

function laneOf(...messages: readonly OutgoingMessage[]): Lane {
  const lane = new Lane({ more: false });
  for (const message of messages) lane.add(message);
  return lane;
}

function taken(lane: Lane): readonly string[] {
  const ids: string[] = [];
  for (let next = lane.take(); next !== undefined; next = lane.take()) ids.push(next.id);
  return ids;
}

function aFile(overrides: Partial<OutgoingMessage> = {}): OutgoingMessage {
  const media = { mediaId: "3EB0F", mimeType: "image/png" };
  return aMessage({ content: { kind: "image", media }, ...overrides });
}

Deno.test("lane lets the texts of a chat follow each other closely", () => {
  const first = aMessage();
  const second = aMessage();

  const ids = taken(laneOf(first, second));

  assertEquals(ids, [first.id, second.id]);
});

Deno.test("lane keeps a chat's text behind its file, but lets other chats pass", () => {
  const file = aFile({ to: BUDI });
  const text = aMessage({ to: BUDI });
  const other = aMessage({ to: SITI });

  const ids = taken(laneOf(file, text, other));

  assertEquals(ids, [file.id, other.id]);
});

Deno.test("lane keeps a later text behind a file that has to wait itself", () => {
  const text = aMessage();
  const file = aFile();
  const after = aMessage();

  const ids = taken(laneOf(text, file, after));

  assertEquals(ids, [text.id]);
});

Deno.test("lane keeps to one order for a person who is written to under both addresses", () => {
  const LID = "962811000001@lid";
  const [file, toNumber, again] = [aFile({ to: LID }), aMessage({ to: BUDI }), aMessage({ to: LID })];
  const lane = new Lane({ more: false, chatOf: (to) => to === LID ? BUDI : to });
  for (const message of [file, toNumber, again]) lane.add(message);

  const before = taken(lane);
  lane.putBack(file, false);
  const second = taken(lane);
  lane.decided(file);

  const third = taken(lane);
  lane.decided(toNumber);

  assertEquals([before, second, third, taken(lane)], [[file.id], [file.id], [toNumber.id], [again.id]]);
});

Deno.test("lane goes on with a chat when its file is decided", () => {
  const file = aFile();
  const text = aMessage();
  const lane = laneOf(file, text);
  taken(lane);

  lane.decided(file);

  assertEquals(taken(lane), [text.id]);
});

Deno.test("lane gives the place of a message that waits for its next try to others", () => {
  const stuck = Array.from({ length: 16 }, (_, n) => aMessage({ to: `62800000${n}@s.whatsapp.net` }));
  const other = aMessage({ to: SITI });
  const lane = laneOf(...stuck, other);
  taken(lane);

  for (const message of stuck) lane.hold(message);

  assertEquals(taken(lane), [other.id]);
});

Deno.test("lane lets at most 16 messages be on their way", () => {
  const lane = laneOf(...Array.from({ length: 20 }, () => aMessage()));

  const ids = taken(lane);

  assertEquals(ids.length, 16);
});

Deno.test("lane leaves what finds no room in the store", () => {
  const lane = laneOf(...Array.from({ length: MOST_WAITING }, () => aMessage()));

  lane.add(aMessage());

  assertEquals([lane.waiting.length, lane.more], [MOST_WAITING, true]);
});

Deno.test("lane does not bring back what was decided while the store was read", () => {
  const message = aMessage();
  const lane = laneOf(message);
  lane.more = true;
  lane.beginRefill();
  taken(lane);
  lane.decided(message);

  lane.refilled([message], true);

  assertEquals(taken(lane), []);
});

Deno.test("lane takes a new message from the store when older ones are still there", () => {
  const older = aMessage();
  const newer = aMessage();
  const lane = new Lane({ more: true });
  lane.beginRefill();
  lane.add(newer);
  lane.refilled([older], true);

  lane.beginRefill();
  lane.refilled([older, newer], true);

  assertEquals(taken(lane), [older.id, newer.id]);
});

Deno.test("lane keeps the messages of a blast when the device is away", () => {
  const own = aMessage({ blastId: "blast_1" });
  const stored = aMessage();
  const lane = laneOf(own, stored);

  lane.park();

  assertEquals(lane.waiting.map(({ id }) => id), [own.id]);
  assertEquals(lane.more, true);
});
