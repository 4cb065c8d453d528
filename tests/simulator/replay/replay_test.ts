import { Buffer } from "node:buffer";
import { assert, assertEquals } from "@std/assert";
import { logOf } from "../../../src/log.ts";
import { readFixture } from "../../../src/recording/read_fixture.ts";
import { castOf, replay, WhatsAppSimulator } from "../../../src/simulator/mod.ts";
import { proto } from "@whiskeysockets/baileys";
import { seal } from "../../../src/simulator/people/poll_vote.ts";
import { pollContent, textContent } from "../../../src/simulator/people/content.ts";
import { createSessions } from "../../../src/whatsapp/baileys/session.ts";
import { newWaMessageId } from "../../../src/whatsapp/message_id.ts";
import type { Session, SessionDraft } from "../../../src/whatsapp/session.ts";
import type { WhatsAppSettings } from "../../../src/whatsapp/settings.ts";
import { keptStore } from "../../support/kept_store.ts";
import { quietLibsignal } from "../../support/quiet_libsignal.ts";
import { revealedBy } from "../../support/revealed.ts";
import { Reports } from "../../support/sessions.ts";

const OWN_NUMBER = "4915112345678";
const PEOPLE = ["4917012345678", "4917012345679", "4917012345680"];

/** A session that is linked to a phone of a simulator of its own. */
async function linkedLine(seed: string, settings: WhatsAppSettings) {
  const simulator = await WhatsAppSimulator.start({ seed });
  const sessions = createSessions({
    ...keptStore(),
    settings: {
      url: simulator.url,
      rootKey: simulator.rootKey.toString("hex"),
      mediaCaPem: simulator.tlsCaPem,
      ...settings,
    },
    log: logOf("whatsapp"),
  });
  const first = new Reports();
  await sessions.open("device_1", first);
  const open = async (phone = simulator.phone(OWN_NUMBER, "Gateway")) => {
    const device = await simulator.scanQr(await first.until(() => first.qrCode, "qr"), phone);
    await first.logged("ended restart_required");
    const reports = new Reports();
    const session = await sessions.open("device_1", reports);
    await reports.logged("connected");
    await simulator.until(() => device.isGreeted, "all that a fresh device is told");
    return { phone, device, reports, session };
  };
  const stop = async (session: Session) => {
    await session.stop();
    await simulator.stop();
  };
  return { simulator, open, stop };
}

/** Everything that a day may bring, one after the other. */
async function liveADay(
  simulator: WhatsAppSimulator,
  { phone, device, session, reports }: Awaited<ReturnType<Awaited<ReturnType<typeof linkedLine>>["open"]>>,
): Promise<void> {
  const settled = () => simulator.until(() => device.pending.size === 0, "the device to take it");
  const anna = simulator.contact(PEOPLE[0], "Anna Contoh");
  const budi = simulator.contact(PEOPLE[1], "Budi Contoh", { addressing: "pn" });
  const cara = simulator.contact(PEOPLE[2], "Cara Contoh", { isNumberHidden: true });
  const group = simulator.group("Keluarga Contoh", [anna, budi, phone]);
  let last = "";
  let poll = "";
  const steps: (() => unknown)[] = [
    async () => last = await anna.sendText(phone, "Is my order 4711 ready?"),
    () => anna.sendText(phone, "reply to myself", { quoted: { id: last } }),
    () => anna.react(phone, { id: last }, "🙏"),
    () => anna.edit(phone, last, "Is my order 4712 ready?"),
    () => anna.revoke(phone, last),
    () => anna.sendMedia(phone, "image", Buffer.from("a picture"), { caption: "my passport" }),
    () => budi.sendText(phone, "numbers first"),
    () => cara.sendText(phone, "who am I?"),
    () => cara.sendText(phone, "still hidden"),
    () => budi.sendText(phone, "damaged on the way", { corrupt: true }),
    () => simulator.until(() => budi.retriesAsked > 0, "the retry"),
    () => anna.sendText(group, "all here?", { mentions: [phone, budi] }),
    () => budi.sendText(group, "yes"),
    async () => poll = await anna.send(group, pollContent("When?", ["now", "later"])),
    () => budi.vote(group, poll, ["later"]),
    () => anna.vote(group, poll, ["now", "later"]),
    () => budi.vote(group, poll, []),
    () => {
      const secret = anna.sent(poll)?.message.messageContextInfo?.messageSecret ?? new Uint8Array();
      const ballot = { pollId: poll, creatorJid: anna.lidJid, voterJid: budi.lidJid, secret };
      const plain = proto.Message.ReactionMessage.encode({ text: "😮", senderTimestampMs: 1 }).finish();
      const targetMessageKey = { remoteJid: group.jid, id: poll, participant: anna.lidJid, fromMe: false };
      return budi.send(group, {
        encReactionMessage: { targetMessageKey, ...seal(ballot, "Enc Reaction", plain) },
      });
    },
    () => phone.type(anna, textContent("typed on the phone")),
    () => phone.type(group, textContent("typed for all")),
    () => group.setSubject(anna, "Keluarga Besar"),
    () => group.change(anna, "promote", [budi]),
    () => group.change(anna, "remove", [budi]),
    () => anna.call(phone, "CALL1", "offer", { video: true }),
    () => anna.call(phone, "CALL1", "timeout"),
    async () => {
      const waMessageId = newWaMessageId();
      const content = { kind: "text", text: "Your order is ready" } as const;
      await session.send({ waMessageId, to: anna.pnJid, content }, { timeoutMs: 60_000 });
      anna.sendReceipt(phone, waMessageId, "delivered", anna.lidJid);
      anna.sendReceipt(phone, waMessageId, "read", anna.lidJid);
    },
    async () => {
      for (const to of [anna.pnJid, group.jid]) {
        const waMessageId = newWaMessageId();
        const content = {
          kind: "poll",
          question: "Which?",
          options: ["tea", "coffee"],
          selectableCount: 1,
        } as const;
        await session.send({ waMessageId, to, content }, { timeoutMs: 5_000 });
        await anna.vote(to === group.jid ? group : phone, waMessageId, ["coffee"]);
        await settled();
      }
    },
    () => anna.sendMedia(phone, "image", Buffer.from("once"), { unavailable: { type: "view_once" } }),
    async () => {
      const before = reports.of("message.received").length;
      await anna.sendText(phone, "an advertisement led me here", { unavailable: {} });
      await reports.until(() => reports.of("message.received").length > before, "what the phone hands over");
    },
  ];
  for (const step of steps) {
    await step();
    await settled();
  }
}

/** Polls of the device itself: a record has them as if they were typed on the phone. */
const OWN_POLLS = 2;

function isOwnPoll(draft: SessionDraft): boolean {
  return draft.type === "message.received" && draft.data.fromMe && draft.data.content.kind === "poll";
}

/** Replaces every text by a number, the same for the same one, and leaves times out: what redaction keeps. */
function shapeOf(value: unknown): unknown {
  const seen = new Map<string, string>();
  const shape = (each: unknown): unknown => {
    if (typeof each === "string") {
      const known = seen.get(each) ?? `#${seen.size}`;
      seen.set(each, known);
      return known;
    }
    if (typeof each === "number") return Math.abs(each) > 1e9 ? "time" : each;
    if (Array.isArray(each)) return each.map(shape);
    if (each instanceof Uint8Array) return each.length;
    if (typeof each !== "object" || each === null) return each;
    return Object.fromEntries(Object.entries(each).map(([name, inner]) => [name, shape(inner)]));
  };
  return shape(value);
}

Deno.test("day that is recorded gives the same events when it is played again", async () => {
  quietLibsignal();
  const folder = await Deno.makeTempDir();
  const seed = crypto.randomUUID();

  const live = await linkedLine(seed, { wireRecord: { folder, texts: false } });
  const line = await live.open();
  await liveADay(live.simulator, line);
  await live.stop(line.session);
  const [file] = [...Deno.readDirSync(folder)].map(({ name }) => `${folder}/${name}`);
  const text = await Deno.readTextFile(file);
  const fixture = readFixture(text);

  const again = await linkedLine(seed, {});
  const cast = castOf(fixture, again.simulator);
  const second = await again.open(cast.phone);
  const result = await replay({ simulator: again.simulator, cast, fixture, device: second.device });
  const count = line.reports.drafts.length + OWN_POLLS;
  await second.reports.until(() => second.reports.drafts.length === count, `${count} events`);
  await again.stop(second.session);

  const secrets = [OWN_NUMBER, ...PEOPLE, "Contoh", "Keluarga", "my order", "passport", "hidden"];
  assertEquals(revealedBy(text, secrets), []);
  assertEquals([result.unreadable, result.unsettled], [1, []]);
  const [polls, drafts] = [true, false].map((own) =>
    second.reports.drafts.filter((draft) => isOwnPoll(draft) === own)
  );
  assertEquals(polls.length, OWN_POLLS);
  const kinds = drafts.map(({ type }) => type);
  assert(kinds.length > 15, kinds.join());
  assertEquals(kinds, line.reports.drafts.map(({ type }) => type));
  assertEquals(
    shapeOf(drafts.map(({ data }) => data)),
    shapeOf(line.reports.drafts.map(({ data }) => data)),
  );
  assertEquals(shapeOf(second.reports.received), shapeOf(line.reports.received));
  assertEquals([again.simulator.complaints, again.simulator.unknown], [[], []]);
  await Deno.remove(folder, { recursive: true });
});
