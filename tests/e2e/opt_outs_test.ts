import { assertEquals, assertMatch } from "@std/assert";
import { until } from "../support/until.ts";
import { type Gateway, runGateway } from "../support/gateway.ts";

const BUDI = "628123456789";
const SARI = "628123456780";
const FAST = { BLAST_MIN_GAP_SECONDS: "0", BLAST_MAX_GAP_SECONDS: "0" };

/** Sends a blast to these numbers and waits until it is over; its messages' status and error by number. */
async function blast(gateway: Gateway, device: string, phones: readonly string[]) {
  const body = {
    channels: ["whatsapp"],
    device,
    message: "Halo",
    recipients: phones.map((phone) => ({ phone })),
  };
  const taken = await gateway.api("POST", "/api/messages/blast", body);
  const id = taken.body.blast_id;
  await until(
    async () => (await gateway.api("GET", `/api/messages/blast/${id}`)).body.blast.status === "completed",
    "the blast to end",
  );
  const found: Record<string, readonly [string, string | null]> = {};
  for (const messageId of taken.body.jobIds) {
    const { data } = (await gateway.api("GET", `/v1/messages/${messageId}`)).body;
    found[data.to.split("@")[0]] = [data.status, data.error_reason];
  }
  return found;
}

async function eventsOf(gateway: Gateway, type: string) {
  const { body } = await gateway.api("GET", `/v1/events?types=${type}`);
  return body.data.events;
}

Deno.test("who writes STOP gets no more blasts, by number and by LID, until they write START", async () => {
  await using gateway = await runGateway({ whatsapp: true, settings: FAST });
  const { id, phone } = await gateway.pair({ alias: "shop" });
  const budi = gateway.simulator.contact(BUDI, "Budi");
  const sari = gateway.simulator.contact(SARI, "Sari");
  const listed = async () => (await gateway.api("GET", "/v1/opt-outs")).body.data.opt_outs;

  await budi.sendText(phone, "please stop sending at night");
  await budi.sendText(phone, " Stop! ");
  await until(async () => (await listed()).length === 1, "Budi to be on the list");
  const [entry] = await listed();
  const first = await blast(gateway, "shop", [BUDI, SARI]);
  await sari.waitMessage((message) => message.message.extendedTextMessage?.text === "Halo");
  const gotSoFar = budi.inbox.length;
  await budi.sendText(phone, "MULAI");
  await until(async () => (await listed()).length === 0, "Budi to be off the list");
  const second = await blast(gateway, "shop", [BUDI]);

  assertEquals([entry.phone, entry.lid, entry.reason, entry.source], [BUDI, budi.lidJid, "Stop!", "message"]);
  assertEquals(first[SARI][1], null);
  assertEquals(first[BUDI], ["failed", "opted_out"]);
  assertEquals(gotSoFar, 0);
  assertEquals(second[BUDI][1], null);
  const [out] = await eventsOf(gateway, "contact.opted_out");
  const [back] = await eventsOf(gateway, "contact.opted_in");
  assertEquals([out.data.word, back.data.word, out.device_id], ["Stop!", "MULAI", id]);
  assertEquals((await eventsOf(gateway, "message.received")).length, 3);
});

Deno.test("an opt-out is answered once where the tenant wants that, and other words count when they are set", async () => {
  await using gateway = await runGateway({ whatsapp: true, settings: FAST });
  const { phone } = await gateway.pair({ alias: "shop" });
  const budi = gateway.simulator.contact(BUDI, "Budi");
  const saved = await gateway.api("PUT", "/v1/opt-out-settings", {
    stop_words: ["Tidak mau"],
    stop_answer: "You get no more. START brings it back.",
  });

  await budi.sendText(phone, "STOP");
  await budi.sendText(phone, "tidak mau!");
  await budi.sendText(phone, "TIDAK MAU");
  await budi.sendText(phone, "last");
  await until(async () => (await eventsOf(gateway, "message.received")).length === 4, "all to be taken");
  await budi.waitMessage(({ message }) => message.extendedTextMessage?.text?.startsWith("You get") === true);
  await gateway.stop();
  await gateway.start();
  const { body } = await gateway.api("GET", "/v1/opt-out-settings");

  assertEquals(saved.body.data.start_words, ["START", "MULAI"]);
  assertEquals(body.data, saved.body.data);
  assertEquals(
    (await eventsOf(gateway, "contact.opted_out")).map((event: { data: { word: string } }) =>
      event.data.word
    ),
    [
      "tidak mau!",
    ],
  );
  assertEquals(new Set(budi.inbox.map((message) => message.id)).size, 1);
});

Deno.test("the list is read and edited over the API, each tenant's by itself", async () => {
  await using gateway = await runGateway({ settings: { MASTER_KEY: "open sesame" } });
  const { key } = await gateway.tenant();
  const add = (person: string, reason?: string, by?: string) =>
    gateway.api("POST", "/v1/opt-outs", { person, reason }, by);

  const added = await add("0812-3456-789", "asked by phone");
  const again = await add(`${BUDI}@s.whatsapp.net`);
  const foreign = await gateway.api("GET", `/v1/opt-outs/${BUDI}`, undefined, key);
  const seen = await gateway.api("GET", "/v1/opt-outs/08123456789");
  const hidden = await add("9000000001@lid");
  const page = await gateway.api("GET", "/v1/opt-outs?limit=1");
  const next = await gateway.api("GET", `/v1/opt-outs?limit=1&cursor=${page.body.data.next_cursor}`);
  const removed = await gateway.api("DELETE", `/v1/opt-outs/${BUDI}`);
  const gone = await gateway.api("DELETE", `/v1/opt-outs/${BUDI}`);

  assertEquals([added.status, again.status, hidden.status], [201, 200, 201]);
  assertEquals([seen.body.data.phone, seen.body.data.reason, seen.body.data.source], [
    BUDI,
    "asked by phone",
    "api",
  ]);
  assertEquals(again.body.data, seen.body.data);
  assertEquals([page.body.data.opt_outs[0].lid, next.body.data.opt_outs[0].phone], ["9000000001@lid", BUDI]);
  assertEquals([foreign.status, removed.status, gone.status], [404, 200, 404]);
});

Deno.test("what the list and its words cannot be is refused by name", async () => {
  await using gateway = await runGateway();
  const put = (body: unknown) => gateway.api("PUT", "/v1/opt-out-settings", body);

  const nobody = await gateway.api("POST", "/v1/opt-outs", { person: "nobody" });
  const group = await gateway.api("POST", "/v1/opt-outs", { person: "120363000000000001@g.us" });
  const signs = await put({ stop_words: ["!!"] });
  const both = await put({ stop_words: ["Stop"], start_words: ["stop."] });
  const typo = await put({ stopword: ["x"] });

  assertEquals([nobody, group, signs, both, typo].map(({ status }) => status), [400, 400, 400, 400, 400]);
  assertMatch(group.text, /`person` must be a person, got a group/);
  assertMatch(signs.text, /`stop_words\[0\]` must have a letter or a digit/);
  assertMatch(both.text, /`start_words` must name other words than `stop_words`/);
  assertMatch(typo.text, /did you mean `stop_words`/);
});
