import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { browserTest, flawsOf, signIn, watched } from "../support/chromium.ts";
import { until } from "../support/until.ts";
import { KEY, runGateway } from "../support/gateway.ts";
import { signedIn } from "../support/ui.ts";

const SARI = "6281100007001";
const CHAT = `${SARI}@s.whatsapp.net`;

browserTest("dashboard shows a conversation, what an application gets, and writes back", async (browser) => {
  await using gateway = await runGateway({ whatsapp: true });
  const { id, phone } = await gateway.pair();
  const sari = gateway.simulator.contact(SARI, "Ibu Sari");
  await sari.sendText(phone, "Halo, yang biru masih ada?");
  const page = await browser.newPage();
  const misdeeds = await watched(page);
  await page.setViewport({ width: 1280, height: 900 });
  await signIn(page, gateway.url, KEY, `/ui/chats?device=${id}`);
  await page.waitForFunction("document.querySelector('#live-chats').innerText.includes('Ibu Sari')");
  await Promise.all([page.waitForNavigation(), page.click("#live-chats a")]);
  assertStringIncludes(await page.$eval("#live-messages", (node) => node.innerText), "yang biru masih ada?");
  assertStringIncludes(await page.$eval("#gets", (node) => node.innerText), '"event": "message.received"');
  assertEquals(await flawsOf(page), []);

  await page.type("textarea[name=text]", "Masih ada, ukuran M.");
  await Promise.all([page.waitForNavigation(), page.click(".composer button")]);

  const got = await sari.waitMessage(() => true);
  assertStringIncludes(JSON.stringify(got), "Masih ada, ukuran M.");
  await page.waitForFunction("document.querySelector('#live-messages').innerText.includes('ukuran M')");
  await page.waitForFunction("document.querySelector('.bubble.mine .stamp').innerText.includes('sent')");
  // the name stays although the last message is ours
  assertStringIncludes(await page.$eval("#live-chats", (node) => node.innerText), "Ibu Sari");
  await sari.sendText(phone, "Saya ambil besok");
  await page.waitForFunction("document.querySelector('#live-messages').innerText.includes('ambil besok')");
  assertEquals(await flawsOf(page), []);
  assertEquals(misdeeds.list, []);
});

Deno.test("dashboard asks the phone for older messages of a conversation", async () => {
  await using gateway = await runGateway({ whatsapp: true });
  const { id, phone } = await gateway.pair();
  const sari = gateway.simulator.contact(SARI, "Ibu Sari");
  const t = Math.floor(Date.now() / 1_000) - 9_000;
  const key = { id: "3EB0PAST", remoteJid: sari.lidJid, fromMe: false };
  phone.archive.prepend(sari.lidJid, [{
    key,
    message: { conversation: "dulu sekali" },
    t,
    pushName: "Sari",
  }]);
  await sari.sendText(phone, "Halo");
  const visitor = await signedIn(gateway);
  const query = `device=${id}&chat=${encodeURIComponent(CHAT)}`;
  const shown = async () => (await visitor.get(`/ui/chats?${query}`)).html;
  await until(async () => (await shown()).includes("Ask the phone for older messages"), "the button");

  const asked = await visitor.post(`/ui/chats/history?${query}`, {});

  assertEquals(asked.status, 303);
  await until(async () => (await shown()).includes("dulu sekali"), "the older message");
});

Deno.test("dashboard keeps conversations to their tenant", async () => {
  await using gateway = await runGateway({ whatsapp: true });
  const { id, phone } = await gateway.pair();
  await gateway.simulator.contact(SARI, "Ibu Sari").sendText(phone, "rahasia");
  const foreign = await signedIn(gateway, (await gateway.tenant()).key);
  const query = `device=${id}&chat=${encodeURIComponent(CHAT)}`;

  assertEquals((await foreign.get(`/ui/chats?${query}`)).status, 404);
  assertEquals((await foreign.post(`/ui/chats/send?${query}`, { text: "x" })).status, 404);
  assertEquals((await foreign.post(`/ui/chats/read?${query}`, {})).status, 404);
  assert(!(await foreign.get("/ui/chats")).html.includes("rahasia"));
});

Deno.test("dashboard says what is wrong with a number or an empty message", async () => {
  await using gateway = await runGateway({ whatsapp: true });
  const { id } = await gateway.pair();
  const visitor = await signedIn(gateway);

  const number = await visitor.get(`/ui/chats?device=${id}&chat=12ab`);
  assertEquals(number.status, 422);
  assertStringIncludes(number.html, 'id="chat-fault"');
  const empty = await visitor.post(`/ui/chats/send?device=${id}&chat=${encodeURIComponent(CHAT)}`, {
    text: "  ",
  });
  assertEquals(empty.status, 422);
  assertStringIncludes(empty.html, "Write something first.");
});

Deno.test("dashboard searches conversations, leads to older messages, answers one and deletes its own", async () => {
  await using gateway = await runGateway({ whatsapp: true });
  const { id, phone } = await gateway.pair();
  const sari = gateway.simulator.contact(SARI, "Ibu Sari");
  for (let n = 1; n <= 55; n++) await sari.sendText(phone, `pesan nomor ${n}`);
  const visitor = await signedIn(gateway);
  const query = `device=${id}&chat=${encodeURIComponent(CHAT)}`;
  const newest = await until(async () => {
    const { html } = await visitor.get(`/ui/chats?${query}`);
    return html.includes("pesan nomor 55") ? html : undefined;
  }, "all messages");
  const [, older] = /href="(\/ui\/chats\?[^"]*before=[^"]+)"/.exec(newest) ?? [];
  const before = (await visitor.get(older.replaceAll("&amp;", "&"))).html;
  assertStringIncludes(before, "pesan nomor 3<");
  assertEquals(/id="live-messages"[^]*pesan nomor 40</.test(before), false);
  const found = (await visitor.get(`/ui/chats?device=${id}&q=nomor+17`)).html;
  assertStringIncludes(found, "1 messages found");
  assertEquals((await visitor.get(`/ui/chats?device=${id}&q=%21`)).status, 422);
  const [message] = [...newest.matchAll(/id="message-([^"]+)"/g)].map(([, one]) => one).slice(-1);
  assertStringIncludes((await visitor.get(`/ui/chats?${query}&reply=${message}`)).html, `value="${message}"`);

  await visitor.post(`/ui/chats/send?${query}`, { text: "Siap", quoted: message });
  const got = JSON.stringify(await sari.waitMessage(() => true));
  assertStringIncludes(got, "Siap");
  assertStringIncludes(got, message);
  const own = await until(async () => {
    const { html } = await visitor.get(`/ui/chats?${query}`);
    return /id="message-([^"]+)" class="bubble mine"/.exec(html)?.[1];
  }, "the answer in the conversation");
  const foreign = await signedIn(gateway, (await gateway.tenant()).key);
  assertEquals((await foreign.post(`/ui/chats/delete?${query}&message=${own}`, {})).status, 404);
  assertStringIncludes(
    (await visitor.get(`/ui/chats?${query}&message=${own}&ask=delete`)).html,
    "alertdialog",
  );
  const deleted = await visitor.post(`/ui/chats/delete?${query}&message=${own}`, {});
  assertEquals(deleted.status, 303);
  await until(
    async () => (await visitor.get(`/ui/chats?${query}`)).html.includes("deleted a message"),
    "the deletion",
  );
});

Deno.test("dashboard hands out a stranger's file by its bytes, kept from doing anything, to its tenant only", async () => {
  await using gateway = await runGateway({ whatsapp: true });
  const { id, phone } = await gateway.pair();
  const sari = gateway.simulator.contact(SARI, "Ibu Sari");
  const page = new TextEncoder().encode("<!doctype html><script>alert(1)</script>");
  await sari.sendMedia(phone, "image", page, { mimetype: "image/png" });
  const visitor = await signedIn(gateway);
  const query = `device=${id}&chat=${encodeURIComponent(CHAT)}`;
  const url = await until(async () => {
    const { html } = await visitor.get(`/ui/chats?${query}`);
    return /src="(\/ui\/media\/[^"]+)"/.exec(html)?.[1];
  }, "the picture");

  const file = await visitor.get(url);

  assertEquals(file.status, 200);
  assertEquals(file.headers.get("Content-Type"), "application/octet-stream");
  assertStringIncludes(file.headers.get("Content-Disposition") ?? "", "attachment");
  assertEquals(file.headers.get("Content-Security-Policy"), "default-src 'none'; sandbox");
  assertEquals(file.headers.get("X-Content-Type-Options"), "nosniff");
  const foreign = await signedIn(gateway, (await gateway.tenant()).key);
  assertEquals((await foreign.get(url)).status, 404);
});
