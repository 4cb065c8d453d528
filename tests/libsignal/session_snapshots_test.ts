import { assert, assertEquals, assertInstanceOf, assertNotEquals } from "@std/assert";
import { Buffer } from "node:buffer";
import { ProtocolAddress, SessionBuilder, SessionCipher, SessionRecord } from "libsignal";
import keyhelper from "libsignal/src/keyhelper.js";
import { SessionSnapshot, snapshotSessions } from "../../src/libsignal/session_snapshots.ts";

interface LibsignalRecords {
  deserialize(data: unknown): { serialize(): unknown };
}

/** As they are before anything replaces them. */
const libsignals: LibsignalRecords = SessionRecord as unknown as LibsignalRecords;
const deserialize = libsignals.deserialize.bind(SessionRecord);
const serialize: (this: unknown) => unknown = SessionRecord.prototype.serialize;
snapshotSessions();

/** Somebody with a Signal identity, and what libsignal stored of others. */
function party() {
  const identity = keyhelper.generateIdentityKeyPair();
  const preKey = keyhelper.generatePreKey(1);
  const signedPreKey = keyhelper.generateSignedPreKey(identity, 1);
  const registrationId = keyhelper.generateRegistrationId();
  const stored = new Map<string, unknown>();
  const storage = {
    loadSession: (id: string) => {
      const found = stored.get(id);
      return Promise.resolve(found === undefined ? undefined : libsignals.deserialize(found));
    },
    storeSession(id: string, record: { serialize(): unknown }) {
      stored.set(id, record.serialize());
      return Promise.resolve();
    },
    isTrustedIdentity: () => true,
    loadPreKey: () => Promise.resolve(preKey.keyPair),
    removePreKey: () => Promise.resolve(),
    loadSignedPreKey: () => signedPreKey.keyPair,
    getOurRegistrationId: () => registrationId,
    getOurIdentity: () => identity,
  };
  const bundle = {
    registrationId,
    identityKey: identity.pubKey,
    signedPreKey: { keyId: 1, publicKey: signedPreKey.keyPair.pubKey, signature: signedPreKey.signature },
    preKey: { keyId: 1, publicKey: preKey.keyPair.pubKey },
  };
  // deno-lint-ignore no-explicit-any -- a storage of libsignal's own shape
  return { stored, bundle, storage: storage as any };
}

/** Two who have written to each other. */
async function pair() {
  const [anna, budi] = [party(), party()];
  const [toBudi, toAnna] = [new ProtocolAddress("budi", 1), new ProtocolAddress("anna", 1)];
  await new SessionBuilder(anna.storage, toBudi).initOutgoing(budi.bundle);
  const annas = new SessionCipher(anna.storage, toBudi);
  const budis = new SessionCipher(budi.storage, toAnna);
  const open = async (by: SessionCipher, { type, body }: { type: number; body: string | Uint8Array }) => {
    const bytes = Buffer.from(body as Uint8Array);
    const text = type === 3 ? by.decryptPreKeyWhisperMessage(bytes) : by.decryptWhisperMessage(bytes);
    return Buffer.from(await text).toString();
  };
  return {
    anna,
    budi,
    annas,
    budis,
    open,
    write: (by: SessionCipher, text: string) => by.encrypt(Buffer.from(text)),
  };
}

Deno.test("what is written in a session that was only kept in memory can be read, in any order", async () => {
  const { annas, budis, open, write } = await pair();
  const read: string[] = [await open(budis, await write(annas, "hello"))];

  for (let round = 0; round < 3; round++) {
    read.push(await open(annas, await write(budis, `answer ${round}`)));
    const [first, second] = [await write(annas, `${round} first`), await write(annas, `${round} second`)];
    read.push(await open(budis, second), await open(budis, first));
  }

  assertEquals(read, [
    "hello",
    ...[0, 1, 2].flatMap((round) => [`answer ${round}`, `${round} second`, `${round} first`]),
  ]);
});

Deno.test("snapshot of a session becomes the JSON that libsignal stores, and is read back from it", async () => {
  const { anna, annas, budis, open, write } = await pair();
  await open(budis, await write(annas, "hello"));
  await open(annas, await write(budis, "one"));
  const skipped = await write(budis, "two");
  await open(annas, await write(budis, "three"));
  const [[address, snapshot]] = anna.stored;

  const text = JSON.stringify(snapshot);
  anna.stored.set(address, JSON.parse(text)); // as after a restart

  assertInstanceOf(snapshot, SessionSnapshot);
  assertEquals(text, JSON.stringify(serialize.call(deserialize(JSON.parse(text)))));
  assertEquals(await open(annas, skipped), "two");
});

Deno.test("snapshot of a session stays as it is, whatever is done with the session since", async () => {
  const { anna, annas, budis, open, write } = await pair();
  await open(budis, await write(annas, "hello"));
  const [snapshot] = anna.stored.values();
  const before = JSON.stringify(snapshot);

  await open(annas, await write(budis, "answer"));
  await write(annas, "and so on");

  assertEquals(JSON.stringify(snapshot), before);
  assertNotEquals(JSON.stringify([...anna.stored.values()][0]), before);
});

Deno.test("message that cannot be opened leaves a session in memory as it was", async () => {
  const { anna, annas, budis, open, write } = await pair();
  await open(budis, await write(annas, "hello"));
  const { type, body } = await write(budis, "answer");
  const forged = Buffer.from(body as unknown as Uint8Array);
  forged[forged.length - 1] ^= 1;
  const before = JSON.stringify([...anna.stored.values()]);

  const failed = await open(annas, { type, body: forged }).then(() => false, () => true);

  assert(failed);
  assertEquals(JSON.stringify([...anna.stored.values()]), before);
  assertEquals(await open(annas, { type, body }), "answer");
});

Deno.test("sessions that are closed stay as they are in a snapshot, and still open what comes late", async () => {
  const { anna, budi, annas, budis, open, write } = await pair();
  await open(budis, await write(annas, "hello"));
  await open(annas, await write(budis, "answer"));
  const late = [await write(budis, "first"), await write(budis, "second")];
  await new SessionBuilder(anna.storage, new ProtocolAddress("budi", 1)).initOutgoing(budi.bundle);
  await open(budis, await write(annas, "once more"));
  const [snapshot] = anna.stored.values();
  const before = JSON.stringify(snapshot);

  const read = [await open(annas, late[1]), await open(annas, late[0])];
  await write(annas, "and so on");

  assertEquals(read, ["second", "first"]);
  assertEquals(JSON.stringify(snapshot), before);
  assertEquals(await open(annas, late[0]).then(() => "opened twice", () => "refused"), "refused");
});
