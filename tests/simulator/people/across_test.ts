import { assertEquals } from "@std/assert";
import { pollContent } from "../../../src/simulator/people/content.ts";
import { openVote } from "../../../src/simulator/people/poll_vote.ts";
import { aNumber, link, withSimulator } from "../../support/simulated.ts";

withSimulator("contacts get each other's messages in a group, and answer those", async (simulator) => {
  const { client, phone } = await link(simulator);
  const anna = simulator.contact(aNumber(), "Anna");
  const budi = simulator.contact(aNumber(), "Budi");
  const group = simulator.group("Family", [anna, budi, phone]);
  const said = await anna.sendText(group, "who comes?");

  const [got] = budi.inbox;
  const reaction = await budi.react(group, { id: said, by: anna }, "👍");
  const reply = await budi.sendText(group, "me", { quoted: { id: said, by: anna } });
  const told = await client.message(reply);
  const reacted = await client.message(reaction);

  assertEquals([got.id, got.from, got.to, got.encType], [said, anna, group.jid, "phone"]);
  assertEquals(reacted.message.message?.reactionMessage?.key?.participant, anna.lidJid);
  const quoted = told.message.message?.extendedTextMessage?.contextInfo;
  assertEquals([quoted?.stanzaId, quoted?.participant, quoted?.quotedMessage?.extendedTextMessage?.text], [
    said,
    anna.lidJid,
    "who comes?",
  ]);
  assertEquals(anna.inbox.map(({ id }) => id), [reaction, reply]);
  await client.end();
});

withSimulator("contacts vote in each other's polls, and in their own", async (simulator) => {
  const { client, phone } = await link(simulator);
  const anna = simulator.contact(aNumber(), "Anna");
  const budi = simulator.contact(aNumber(), "Budi");
  const group = simulator.group("Family", [anna, budi, phone]);
  const poll = pollContent("When?", ["today", "tomorrow"]);
  const pollId = await anna.send(group, poll);

  const votes = [
    { voter: budi, id: await budi.vote(group, pollId, ["today"]) },
    { voter: anna, id: await anna.vote(group, pollId, ["tomorrow"]) },
  ];
  const opened = await Promise.all(votes.map(async ({ voter, id }) => {
    const update = (await client.message(id)).message.message?.pollUpdateMessage;
    const secret = poll.messageContextInfo?.messageSecret ?? new Uint8Array();
    const ballot = { pollId, creatorJid: anna.lidJid, voterJid: voter.lidJid, secret };
    return openVote(ballot, update?.vote ?? {}, ["today", "tomorrow"]);
  }));

  assertEquals(opened, [["today"], ["tomorrow"]]);
  await client.end();
});
