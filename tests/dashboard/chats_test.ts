import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { browserTest, flawsOf, signIn, watched } from "../support/chromium.ts";
import { until } from "../support/until.ts";
import { KEY, runGateway } from "../support/gateway.ts";
import { startReceiver } from "../support/receiver.ts";
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

Deno.test("dashboard says under a message that came in what each webhook got of it", async () => {
  await using gateway = await runGateway({ whatsapp: true });
  await using up = await startReceiver(200);
  await using down = await startReceiver(503);
  const hook = (url: string) =>
    gateway.api("POST", "/v1/webhooks", { url, events: ["message.received"], retry: [], recovery: false });
  for (const { url } of [up, down]) assertEquals((await hook(url)).status, 201);
  const { id, phone } = await gateway.pair();
  await gateway.simulator.contact(SARI, "Ibu Sari").sendText(phone, "Halo");
  const visitor = await signedIn(gateway);
  const path = `/ui/chats?device=${id}&chat=${encodeURIComponent(CHAT)}`;
  const lineIn = (html: string) => /<p class="became[^]*?<\/p>/.exec(html)?.[0] ?? "";

  const line = await until(async () => {
    const found = lineIn((await visitor.get(path)).html);
    return found.includes("Delivered") && found.includes("Given up") ? found : undefined;
  }, "both outcomes");
  const links = [...line.matchAll(/href="(\/ui\/deliveries\/dlv_[^"]+)"/g)].map(([, to]) => to);
  assertEquals(links.length, 2);
  for (const to of links) assertEquals((await visitor.get(to)).status, 200);

  for (const path of ["/a", "/b"]) assertEquals((await hook(up.url + path)).status, 201);
  await gateway.simulator.contact(SARI, "Ibu Sari").sendText(phone, "Masih ada?");
  const counted = await until(async () => {
    const [, , last] = (await visitor.get(path)).html.split('<p class="became');
    return last?.includes("Given up") && !last.includes("Waiting") ? last.split("</p>")[0] : undefined;
  }, "the outcomes of the second");
  assertStringIncludes(counted.replaceAll(/<[^>]+>/g, ""), "3 Delivered");
  assertEquals(/href="\/ui\/(events|deliveries)\//.exec(counted)?.[1], "events");
});

Deno.test("dashboard shows how many messages of a chat are unread, in words, too", async () => {
  await using gateway = await runGateway({ whatsapp: true });
  const { id, phone } = await gateway.pair();
  const sari = gateway.simulator.contact(SARI, "Ibu Sari");
  await sari.sendText(phone, "Halo");
  await sari.sendText(phone, "Masih ada?");
  const group = gateway.simulator.group("Reseller", [phone, sari]);
  await sari.sendText(group, "Kapan masuk?");
  const visitor = await signedIn(gateway);
  const query = `device=${id}&chat=${encodeURIComponent(CHAT)}`;
  const shown = async (lang = "en") => {
    const { html } = await visitor.get(`/ui/chats?device=${id}&lang=${lang}`);
    const own = html.split("<li>").find((line) => line.includes(encodeURIComponent(CHAT))) ?? "";
    return /<span class="unread[^]*?<\/a>/.exec(own)?.[0].replaceAll(
      /<(?!span class="unread dot)[^>]+>/g,
      "|",
    );
  };

  await until(async () => (await shown())?.includes("|2||2 unread messages|"), "two");
  assertStringIncludes(await shown("id") ?? "", "|2||2 pesan belum dibaca|");
  phone.read(sari);
  await until(async () => await shown() === undefined, "none");
  await phone.markChat(sari, false);
  await until(async () => (await shown())?.includes('aria-label="Marked as unread"'), "the dot");
  await sari.sendText(phone, "Ya?");
  await until(async () => (await shown())?.includes("|1||1 unread message|"), "one");
  assertEquals((await visitor.post(`/ui/chats/read?${query}`, {})).status, 303);

  assertEquals(await shown(), undefined);
  const list = async () => (await visitor.get(`/ui/chats?device=${id}`)).html;
  await until(async () => (await list()).includes("Ibu Sari: Kapan masuk?"), "who wrote in the group");
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
  assertEquals((await foreign.send(`/ui/chats/send?${query}`, { text: "x" })).status, 404);
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
  const empty = await visitor.send(`/ui/chats/send?device=${id}&chat=${encodeURIComponent(CHAT)}`, {
    text: "  ",
  });
  assertEquals(empty.status, 422);
  assertStringIncludes(empty.html, "Write something first, or attach a file.");
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
  const [, third, to] = /id="message-([^"]+)" class="bubble" href="([^"#]+)#gets"(?:(?!<\/a>).)*nomor 3</s
    .exec(before.slice(before.indexOf('id="live-messages"'))) ?? [];
  const picked = (await visitor.get(to.replaceAll("&amp;", "&"))).html;
  assertMatch(picked, new RegExp(`id="message-${third}"[^>]*aria-current="true"`));
  const [, reply] = /href="([^"]*&amp;reply=[^"]+)"/.exec(picked) ?? [];
  assertStringIncludes((await visitor.get(reply.replaceAll("&amp;", "&"))).html, `value="${third}"`);
  const elsewhere = (await visitor.get(`/ui/chats?${query}&message=${third}&ask=delete`)).html;
  assertEquals(elsewhere.includes("alertdialog"), false); // it would name another message
  const [message] = [...newest.matchAll(/id="message-([^"]+)"/g)].map(([, one]) => one).slice(-1);
  assertStringIncludes((await visitor.get(`/ui/chats?${query}&reply=${message}`)).html, `value="${message}"`);

  await visitor.send(`/ui/chats/send?${query}`, { text: "Siap", quoted: message });
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

Deno.test("dashboard sends a file from a conversation, with a caption, and refuses one that is too large", async () => {
  await using gateway = await runGateway({ whatsapp: true, settings: { MAX_ATTACHMENT_SIZE: "6000000" } });
  const { id, phone } = await gateway.pair();
  const sari = gateway.simulator.contact(SARI, "Ibu Sari");
  await sari.sendText(phone, "kirim notanya");
  const visitor = await signedIn(gateway);
  const query = `device=${id}&chat=${encodeURIComponent(CHAT)}`;
  assertMatch((await visitor.get(`/ui/chats?${query}`)).html, /enctype="multipart\/form-data"/);
  const file = (size: number) =>
    new File([new Uint8Array(size).fill(65)], "nota 11.txt", { type: "text/plain" });

  const large = await visitor.send(`/ui/chats/send?${query}`, {
    text: "ini <b>notanya",
    file: file(6_000_001),
  });
  assertEquals(large.status, 422);
  assertStringIncludes(large.html, "too large: at most 6 MB");
  assertStringIncludes(large.html, "ini &lt;b&gt;notanya</textarea>");
  const empty = await visitor.send(`/ui/chats/send?${query}`, { text: "", file: new File([], "kosong.txt") });
  assertEquals(empty.status, 422);
  assertStringIncludes(empty.html, "This file is empty.");
  // more than any other form takes
  const sent = await visitor.send(`/ui/chats/send?${query}`, { text: "ini notanya", file: file(5_500_000) });
  assertEquals(sent.status, 303);

  const got = JSON.stringify(await sari.waitMessage(() => true));
  assertStringIncludes(got, "nota 11.txt");
  assertStringIncludes(got, "ini notanya");
});

Deno.test("dashboard takes no message, and no file, from a form that carries no token of the session", async () => {
  await using gateway = await runGateway({ whatsapp: true });
  const { id } = await gateway.pair();
  const visitor = await signedIn(gateway);
  const path = `/ui/chats/send?device=${id}&chat=${encodeURIComponent(CHAT)}`;
  const file = new File(["x"], "x.txt");

  assertEquals((await visitor.send(path, { csrf: "", text: "palsu", file })).status, 403);
  assertEquals((await visitor.send(path, { csrf: "x".repeat(43), text: "palsu" })).status, 403);
  assertEquals((await visitor.post(path, { text: "palsu" })).status, 403, "no form of ours");
  const { messages } = (await gateway.api("GET", `/v1/devices/${id}/messages`)).body.data;
  assertEquals(messages, []);
});

Deno.test("dashboard pages through conversations, and leaves the one that is open open", async () => {
  await using gateway = await runGateway({ whatsapp: true });
  const { id } = await gateway.pair();
  const now = Date.now();
  await gateway.restored(async (store) => {
    await store.inbox.keep(Array.from({ length: 53 }, (_, n) => ({
      deviceId: id,
      messageId: `3EB0${n}`,
      chat: `62811000${String(n).padStart(4, "0")}@s.whatsapp.net`,
      sender: null,
      fromMe: true,
      payload: new Uint8Array(),
      sentAt: now - 1_000 * n,
    })));
  });
  const visitor = await signedIn(gateway);
  const query = `device=${id}&chat=${encodeURIComponent("628110000000@s.whatsapp.net")}`;
  const chatsIn = (html: string) =>
    [
      ...html.split('id="live-chats"')[1].split("data-live-to")[0].matchAll(/chat=62811000(\d{4})/g),
    ].map(([, number]) => Number(number));
  const { html } = await visitor.get(`/ui/chats?${query}`);
  const [, older] = /href="([^"]*from=[^"]+)">Older</.exec(html) ?? [];
  const second = (await visitor.get(older.replaceAll("&amp;", "&"))).html;

  assertEquals(chatsIn(html), Array.from({ length: 50 }, (_, n) => n));
  assertEquals(chatsIn(second), [50, 51, 52]);
  assertStringIncludes(second, 'id="chat-name"');
  assertStringIncludes(second, ">Newest<");
  assert(!/>Older</.test(second));
});
