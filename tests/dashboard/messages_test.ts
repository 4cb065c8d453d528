import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { browserTest, flawsOf, signIn, watched } from "../support/chromium.ts";
import { KEY, runGateway } from "../support/gateway.ts";
import { signedIn } from "../support/ui.ts";
import { until } from "../support/until.ts";

const SARI = "628000000142";

browserTest("dashboard writes a message for later, lists it and takes it back", async (browser) => {
  await using gateway = await runGateway({ whatsapp: true });
  const { id } = await gateway.pair();
  gateway.simulator.contact(SARI, "Ibu Sari");
  const page = await browser.newPage();
  const misdeeds = await watched(page);
  await page.setViewport({ width: 1280, height: 900 });
  await signIn(page, gateway.url, KEY, "/ui/messages/new");
  assertEquals(await flawsOf(page), []);
  await page.type("#to", "+62 800-0000-142");
  await page.type("#text", "Halo <b>Bu</b>");
  await page.$eval("#at", (field) => {
    const at = new Date(Date.now() + 90_000_000 - new Date().getTimezoneOffset() * 60_000);
    (field as unknown as { value: string }).value = at.toISOString().slice(0, 16);
  });
  await Promise.all([page.waitForNavigation(), page.click("main form .button.main")]);
  assertStringIncludes(await page.$eval("main", (main) => main.textContent ?? ""), "Scheduled");
  await page.goto(`${gateway.url}/ui/messages/scheduled`);
  assertEquals(await flawsOf(page), []);
  const { messages } = (await gateway.api("GET", "/v1/messages/scheduled")).body.data;
  assertEquals(messages.map(({ device_id }: { device_id: string }) => device_id), [id]);

  await Promise.all([page.waitForNavigation(), page.click("table form button")]);

  assertStringIncludes(await page.$eval("main", (main) => main.textContent ?? ""), "Cancelled");
  assertEquals((await gateway.api("GET", "/v1/messages/scheduled")).body.data.messages, []);
  assertEquals(misdeeds.list, []);
});

Deno.test("dashboard says what a message lacks, keeps what was written, and sends it once", async () => {
  await using gateway = await runGateway({ whatsapp: true });
  const { id } = await gateway.pair();
  const sari = gateway.simulator.contact(SARI, "Ibu Sari");
  const visitor = await signedIn(gateway);

  const wrong = await visitor.post("/ui/messages", {
    device: id,
    to: "abc",
    text: " ",
    at: "2020-01-01T10:00",
  });
  const form = await visitor.get("/ui/messages/new");
  const once = /name="once" value="([^"]+)"/.exec(form.html)?.[1] ?? "";
  const fields = { device: id, to: SARI, text: "Halo", once };
  const sent = await visitor.post("/ui/messages", fields);
  const twice = await visitor.post("/ui/messages", fields);
  await sari.waitMessage(({ message }) => JSON.stringify(message).includes("Halo"));
  const again = await visitor.get(`/ui/messages/new?again=${sent.location?.split("/").at(-1)}`);

  assertEquals(wrong.status, 422);
  for (const sentence of ["That is no phone number.", "Write 1 to 65,536", "Choose a time after now"]) {
    assertStringIncludes(wrong.html, sentence);
  }
  assertStringIncludes(wrong.html, 'value="abc"');
  assertMatch(sent.location ?? "", /^\/ui\/messages\/msg_/);
  assertEquals(twice.location, sent.location);
  assertStringIncludes(again.html, "A second message will go to +62 800 0000 142");
  assertStringIncludes(again.html, ">Halo</textarea>");
});

Deno.test("dashboard says what kind a message is, and what it was answered with", async () => {
  await using gateway = await runGateway({ whatsapp: true });
  const { id, phone } = await gateway.pair();
  const sari = gateway.simulator.contact(SARI, "Ibu Sari");
  await sari.sendText(phone, "Halo, masih ada?");
  const visitor = await signedIn(gateway);
  await until(
    async () => (await visitor.get(`/ui/chats?device=${id}`)).html.includes("masih ada"),
    "the chat",
  );
  const { body } = await gateway.api("POST", `/v1/devices/${id}/messages/text`, { to: SARI, text: "Masih" });
  const page = async (lang = "en") =>
    (await visitor.get(`/ui/messages/${body.data.message_id}?lang=${lang}`)).html;
  const answerIn = (html: string) => /Answered<[^]*?<\/li>/.exec(html)?.[0].replaceAll(/<[^>]+>/g, " ") ?? "";
  await sari.waitMessage(({ message }) => JSON.stringify(message).includes("Masih"));
  await until(async () => (await page()).includes('id="sentence"'), "that it was sent");

  const before = await page();
  await sari.sendText(phone, "Yang <b>ini</b>");
  const after = await until(async () => {
    const line = answerIn(await page());
    return line.includes("not yet") ? undefined : line;
  }, "the answer");

  assertMatch(before, /<title>Text to \+62 800 0000 142/);
  assertStringIncludes(answerIn(before), "not yet");
  assertStringIncludes(after, "“Yang &lt;b&gt;ini&lt;/b&gt;”");
  assertStringIncludes(await page("id"), "Teks kepada +62 800 0000 142");
  assertStringIncludes(await page("id"), "Dijawab");
});

Deno.test("dashboard keeps messages that leave later to their tenant", async () => {
  await using gateway = await runGateway({ whatsapp: true });
  const { id } = await gateway.pair();
  const at = Math.floor(Date.now() / 1_000) + 7_200;
  const { body } = await gateway.api("POST", `/v1/devices/${id}/messages/text`, {
    to: SARI,
    text: "nanti",
    send_at: at,
  });
  const foreign = await signedIn(gateway, (await gateway.tenant()).key);

  const list = await foreign.get(`/ui/messages/scheduled?after=${body.data.message_id}`);
  const cancelled = await foreign.post(`/ui/messages/${body.data.message_id}/cancel`, {});
  const copied = await foreign.get(`/ui/messages/new?again=${body.data.message_id}`);
  const sent = await foreign.post("/ui/messages", { device: id, to: SARI, text: "x" });

  assertStringIncludes(list.html, "Nothing is scheduled");
  assertEquals([cancelled.status, sent.status], [404, 404]);
  assertEquals(copied.html.includes("nanti"), false);
  assertEquals((await gateway.api("GET", "/v1/messages/scheduled")).body.data.messages.length, 1);
});
