import { assertEquals } from "@std/assert";
import type { BinaryNode } from "@whiskeysockets/baileys";
import { child, children } from "../../../src/simulator/wire/nodes.ts";
import { ANNA, linkOver, PHONE, withControl } from "../../support/controlled.ts";

const BUDI = "4917200000002";

interface ShownGroup {
  readonly jid: string;
  readonly requests: readonly { readonly phone: string; readonly method: string }[];
  readonly disappearAfterS: number;
  readonly memberAddMode: string;
  readonly isDeleted: boolean;
  readonly parent: string;
  readonly members: readonly { readonly phone: string }[];
}

withControl("runs a group: requests, settings, a community, its end", async (control, simulator) => {
  const client = await linkOver(control, simulator.url);
  const tags: string[] = [];
  client.socket.ws.on("CB:notification,type:w:gp2", (notice: BinaryNode) => {
    tags.push(...children(notice).map(({ tag }) => tag));
  });
  await control.ask("POST", "/contacts", { phone: BUDI, name: "Budi" });
  const make = async (body: unknown) => (await control.ask<ShownGroup>("POST", "/groups", body)).body.jid;
  const town = await make({ subject: "Town", members: [PHONE, ANNA], isParent: true });
  const jid = await make({ subject: "Family", members: [PHONE, ANNA] });
  const ask = (method: string, path: string, body: unknown) =>
    control.ask<ShownGroup>(method, `/groups/${jid}${path}`, body);

  const asked = await ask("POST", "/requests", { who: BUDI, method: "non_admin_add", by: ANNA });
  await ask("PUT", "/requests", { by: ANNA, who: [BUDI], approve: true });
  await ask("PUT", "/disappearing", { by: ANNA, seconds: 604_800 });
  await ask("PUT", "/add-mode", { by: ANNA, mode: "admin_add" });
  await ask("PUT", "/approval", { by: ANNA, on: true });
  await ask("PUT", "/parent", { by: ANNA, parent: town });
  await ask("POST", "/notifications", {
    by: ANNA,
    children: [{ tag: "growth_locked", attrs: { type: "invite" } }],
  });
  await ask("POST", "/announcement", { by: ANNA, reason: "invite" });
  await ask("PUT", "/setting", { by: ANNA, setting: "announcement" });
  const notAdmin = await ask("POST", "/messages", { from: BUDI, text: "may I?" });
  const { body: shown } = await control.ask<ShownGroup>("GET", `/groups/${jid}`);
  await ask("DELETE", "/parent", { by: ANNA });
  await ask("DELETE", "/invite", { by: ANNA });
  const { body: gone } = await ask("DELETE", "", { by: ANNA, reason: "over" });
  await client.until(() => tags.includes("delete"), "the end");

  assertEquals(notAdmin.status, 403);
  assertEquals(asked.body.requests.map(({ phone, method }) => [phone, method]), [[BUDI, "non_admin_add"]]);
  assertEquals([shown.disappearAfterS, shown.memberAddMode, shown.parent], [604_800, "admin_add", town]);
  assertEquals(shown.members.map(({ phone }) => phone), [PHONE, ANNA, BUDI]);
  assertEquals([gone.isDeleted, gone.parent], [true, undefined]);
  assertEquals(tags, [
    "create",
    "create",
    "created_membership_requests",
    "add",
    "ephemeral",
    "member_add_mode",
    "membership_approval_mode",
    "link",
    "link",
    "growth_locked",
    "create",
    "announcement",
    "unlink",
    "unlink",
    "invite",
    "delete",
  ]);
  await client.end();
});

withControl("tells receipts of many, of the owner, and of every kind", async (control, simulator) => {
  const client = await linkOver(control, simulator.url);
  const seen: BinaryNode[] = [];
  client.socket.ws.on("CB:receipt", (receipt: BinaryNode) => seen.push(receipt));
  const { body: { jid } } = await control.ask("POST", "/groups", {
    subject: "Family",
    members: [PHONE, ANNA],
  });
  const sent = await client.socket.sendMessage(jid, { text: "hi" });
  const id = sent?.key.id;

  await control.ask("POST", `/groups/${jid}/receipts`, { id, kind: "read", readers: [ANNA] });
  await control.ask("POST", `/phones/${PHONE}/receipts`, { chat: ANNA, id: "X1", kind: "read-self" });
  await control.ask("POST", `/contacts/${ANNA}/receipts`, { to: PHONE, id: ["X2"], kind: "server-error" });
  await client.until(() => seen.length === 3, "three receipts");

  assertEquals(seen.map(({ attrs }) => attrs.type), ["read", "read-self", "server-error"]);
  assertEquals(child(seen[0], "participants")?.attrs.key, id);
  await client.end();
});

withControl("tells what the owner reads and marks on the phone", async (control, simulator) => {
  const client = await linkOver(control, simulator.url);
  const seen: BinaryNode[] = [];
  client.socket.ws.on("CB:receipt", (receipt: BinaryNode) => seen.push(receipt));
  const { body: { id } } = await control.ask("POST", `/contacts/${ANNA}/messages`, { to: PHONE, text: "hi" });

  const first = await control.ask("POST", `/phones/${PHONE}/read`, { chat: ANNA, kind: "read-self" });
  const again = await control.ask("POST", `/phones/${PHONE}/read`, { chat: ANNA });
  await control.ask("POST", `/phones/${PHONE}/marks`, { chat: ANNA, read: false });
  await client.until(() => seen.length === 1, "the receipt");

  assertEquals([first.body.ids, again.body.ids], [[id], []]);
  assertEquals([seen[0].attrs.id, seen[0].attrs.type], [id, "read-self"]);
  assertEquals(simulator.phone(PHONE).appState.version("regular_low"), 1);
  await client.end();
});

withControl("changes a number, hides one, and answers look-ups with another", async (control, simulator) => {
  const client = await linkOver(control, simulator.url);
  await control.ask("POST", "/contacts", {
    phone: "525512345678",
    name: "Lupe",
    isNumberHidden: true,
    alsoFoundAs: ["49301"],
  });

  const changed = await control.ask<{ readonly phone: string; readonly lid: string }>(
    "POST",
    `/contacts/${ANNA}/number`,
    { phone: BUDI },
  );
  const taken = await control.ask("POST", "/contacts/525512345678/number", { phone: BUDI });
  const found = await client.socket.onWhatsApp("5215512345678", ANNA);
  const migrated = await control.ask("POST", `/phones/${PHONE}/lid-migration`, {
    contacts: ["525512345678"],
  });

  assertEquals([changed.body.phone, changed.body.lid], [BUDI, `8${ANNA}@lid`]);
  assertEquals([taken.status, taken.body.error], [409, `phone: ${BUDI} belongs to Anna`]);
  assertEquals(found?.map(({ jid }) => jid), ["525512345678@s.whatsapp.net"]);
  assertEquals(migrated.status, 204);
  await client.end();
});
