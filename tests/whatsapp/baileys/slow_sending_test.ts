// What takes longer to leave than WhatsApp may take to answer.
import { EventEmitter } from "node:events";
import { assertEquals } from "@std/assert";
import type { WAMediaUploadFunction, WASocket } from "@whiskeysockets/baileys";
import { createSending, type SendingDeps } from "../../../src/whatsapp/baileys/sending.ts";
import type { SessionReceipt } from "../../../src/whatsapp/session.ts";
import { createManualClock } from "../../support/manual_clock.ts";
import { until } from "../../support/until.ts";

const GROUP = "120363000000000001@g.us";
const TIMEOUT_MS = 20_000;
const UPLOADED = { mediaUrl: "https://media.example/f", directPath: "/f" };

/** A session's sending on a socket that notes what is relayed; `accept` is WhatsApp's answer to it. */
function setUp(overrides: Partial<SendingDeps> = {}) {
  const ws = new EventEmitter();
  const relayed: string[] = [];
  const late: SessionReceipt[] = [];
  const socket = {
    ws,
    relayMessage(_to: string, _message: unknown, { messageId }: { readonly messageId: string }) {
      relayed.push(messageId);
      return Promise.resolve(messageId);
    },
  };
  const clock = createManualClock();
  const { send } = createSending({
    deviceId: "device_1",
    socket: socket as unknown as WASocket,
    known: { inChat: () => Promise.resolve(undefined), oldest: () => Promise.resolve(undefined) },
    keep: () => {},
    directory: () => Promise.resolve(() => undefined),
    surround: (_, content) => Promise.resolve({ content, expiration: 0 }),
    lidMigration: { isDone: () => Promise.resolve(false) },
    me: () => ({ pn: "628000000001@s.whatsapp.net", lid: null }),
    connected: () => true,
    onGroupChange: () => {},
    onLateAnswer: (receipt) => Promise.resolve(void late.push(receipt)),
    onStuck: () => {},
    upload: () => Promise.resolve(UPLOADED),
    ended: new AbortController().signal,
    clock,
    ...overrides,
  });
  const accept = (id: string) =>
    ws.emit("CB:ack,class:message", { tag: "ack", attrs: { id, t: "1700000000" } });
  return { send, clock, relayed, late, accept };
}

/** An upload that goes on until it is let go. */
function heldUpload() {
  const held = Promise.withResolvers<typeof UPLOADED>();
  const began = { yes: false };
  const upload: WAMediaUploadFunction = () => {
    began.yes = true;
    return held.promise;
  };
  return { upload, began, done: () => held.resolve(UPLOADED) };
}

async function aFile() {
  const path = await Deno.makeTempFile();
  await Deno.writeTextFile(path, "a long report");
  const content = { kind: "document", path, mimeType: "text/plain" } as const;
  return { content, [Symbol.asyncDispose]: () => Deno.remove(path) };
}

Deno.test("a file is sent that takes longer to upload than WhatsApp may take to answer", async () => {
  await using file = await aFile();
  const { upload, began, done } = heldUpload();
  const { send, clock, relayed, accept } = setUp({ upload });

  const sending = send({ waMessageId: "3EB0F", to: GROUP, content: file.content }, TIMEOUT_MS);
  await until(() => began.yes, "the upload");
  await clock.advance(60_000);
  done();
  await until(() => relayed.length === 1, "the message");
  accept("3EB0F");

  assertEquals((await sending).ok, true);
  assertEquals(clock.waits(), []);
});

Deno.test("a file is given up whose upload stands still, and one that WhatsApp does not answer", async () => {
  await using file = await aFile();
  const { upload, began } = heldUpload();
  const still = setUp({ upload });
  const silent = setUp();

  const first = still.send({ waMessageId: "3EB0F", to: GROUP, content: file.content }, TIMEOUT_MS);
  await until(() => began.yes, "the upload");
  await still.clock.advance(5 * 60_000);
  const second = silent.send({ waMessageId: "3EB0F", to: GROUP, content: file.content }, TIMEOUT_MS);
  await until(() => silent.relayed.length === 1, "the message");
  await silent.clock.advance(TIMEOUT_MS);

  for (const outcome of [await first, await second]) {
    assertEquals([outcome.ok, !outcome.ok && outcome.retryable], [false, true]);
  }
});

Deno.test("what leaves only after it was given up is reported when WhatsApp takes it", async () => {
  const ready = Promise.withResolvers<void>();
  const { send, clock, relayed, late, accept } = setUp({
    surround: async (_, content) => {
      await ready.promise;
      return { content, expiration: 0 };
    },
  });

  const sending = send(
    { waMessageId: "3EB0T", to: GROUP, content: { kind: "text", text: "Halo" } },
    TIMEOUT_MS,
  );
  await clock.advance(TIMEOUT_MS);
  const outcome = await sending;
  ready.resolve();
  await until(() => relayed.length === 1, "the message");
  accept("3EB0T");

  assertEquals([outcome.ok, !outcome.ok && outcome.retryable], [false, true]);
  assertEquals(late.map(({ waMessageId, status }) => [waMessageId, status]), [["3EB0T", "sent"]]);
});
