import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { browserTest, flawsOf, signIn, watched } from "../support/chromium.ts";
import { until } from "../support/until.ts";
import { KEY, runGateway } from "../support/gateway.ts";
import { signedIn } from "../support/ui.ts";

const FAST = { BLAST_MIN_GAP_SECONDS: "0", BLAST_MAX_GAP_SECONDS: "0" };
const SARI = "6281100008001";
const WATI = "6281100008002";
const EVIL = '"><img src=x onerror=alert(1)><b hx-get="/ui/sign-out" hx-trigger="load">';
const LIST = `name;phone;points
Ibu Sari;+${SARI};240
"${EVIL.replaceAll('"', '""')}";+${WATI};7
Budi;12ab;3
Tono;+6281100008003;
Sari lagi;+${SARI};5
`;
const TEXT = "Halo {{name}}, poin Anda {{points}}.";

browserTest(
  "dashboard sends a list: every problem row first, the number typed, then live",
  async (browser) => {
    await using gateway = await runGateway({ whatsapp: true, settings: FAST });
    const sari = gateway.simulator.contact(SARI, "Ibu Sari");
    gateway.simulator.contact(WATI, "Wati");
    await gateway.pair();
    const page = await browser.newPage();
    const misdeeds = await watched(page);
    await signIn(page, gateway.url, KEY, "/ui/blasts/new");
    await page.$eval("#list", (area, list) => void (area.value = list), LIST);
    await page.$eval("#text", (area, text) => void (area.value = text), TEXT);
    assertEquals(await flawsOf(page), []);

    await Promise.all([page.waitForNavigation(), page.click(".actions .button.main")]);
    const check = await page.$eval("main", (main) => main.innerText);
    assertMatch(check, /2\s+will get it/);
    assertMatch(check, /2\s+cannot get it/);
    assertMatch(check, /1\s+are in the list twice/);
    assertStringIncludes(check, "Halo Ibu Sari, poin Anda 240.");
    assertEquals(await flawsOf(page), []);
    await Promise.all([page.waitForNavigation(), page.click(".actions .button.main")]);
    assertEquals(await page.$eval("[data-needs]", (button) => button.disabled), true);
    await page.type("#must", "2");
    await Promise.all([page.waitForNavigation(), page.click("[data-needs]")]);

    await page.waitForFunction("document.querySelector('#live-standing').innerText.includes('Completed')");
    const got = await sari.waitMessage(() => true);
    assertStringIncludes(JSON.stringify(got), "Halo Ibu Sari, poin Anda 240.");
    assert((await page.$("main img")) === null);
    assertEquals(await flawsOf(page), []);
    assertEquals(misdeeds.list, []);
  },
);

Deno.test("dashboard sends nothing while the number is not typed, and one blast however often it is", async () => {
  await using gateway = await runGateway({ whatsapp: true, settings: FAST });
  gateway.simulator.contact(SARI, "Ibu Sari");
  gateway.simulator.contact(WATI, "Wati");
  const { id } = await gateway.pair();
  const visitor = await signedIn(gateway);
  const { location } = await visitor.post("/ui/blasts/drafts", { list: LIST, text: TEXT, devices: [id] });
  const blasts = async () => (await gateway.api("GET", "/api/messages/blast")).body.blasts;

  assertEquals((await visitor.post(`${location}/send`, { must: "3" })).status, 422);
  assertEquals(await blasts(), []);
  const first = await visitor.post(`${location}/send`, { must: "2" });
  const second = await visitor.post(`${location}/send`, { must: "2" });

  assertEquals(first.location, second.location);
  assertEquals((await blasts()).length, 1);
});

Deno.test("dashboard sends to each what the check showed", async () => {
  await using gateway = await runGateway({ whatsapp: true, settings: FAST });
  const sari = gateway.simulator.contact(SARI, "Ibu Sari");
  const { id } = await gateway.pair();
  const visitor = await signedIn(gateway);
  const list = `customer;name;phone\nToko Maju;Ibu Sari;0${SARI.slice(2)}\n`;
  const fields = { list, text: "{{name}} dari {{customer}}, {{phone}}", devices: [id] };
  const draft = (await visitor.post("/ui/blasts/drafts", fields)).location!;
  const [, shown] = /class="bubble mine"[^>]*>(.*?)<\/div>/s.exec((await visitor.get(draft)).html) ?? [];

  await visitor.post(`${draft}/send`, { must: "1" });

  const got = JSON.stringify(await sari.waitMessage(() => true));
  assertStringIncludes(got, `Ibu Sari dari Toko Maju, +${SARI}`);
  assertStringIncludes(got, shown.replaceAll(/<[^>]+>/g, ""));
});

Deno.test("dashboard says what a blast lacks, and keeps what was written", async () => {
  await using gateway = await runGateway();
  const visitor = await signedIn(gateway);
  const { status, html } = await visitor.post("/ui/blasts/drafts", { list: "", text: "Halo" });

  assertEquals(status, 422);
  assertStringIncludes(html, "Choose a file, or paste the list.");
  assertStringIncludes(html, "No device is linked");
  assertStringIncludes(html, ">Halo</textarea>");
  const nameless = await visitor.post("/ui/blasts/drafts", { list: `+${SARI}\n+${WATI}`, text: "Halo" });
  assertStringIncludes(nameless.html, "The first row holds a phone number.");
});

Deno.test("dashboard keeps drafts and blasts to their tenant", async () => {
  await using gateway = await runGateway({ whatsapp: true, settings: FAST });
  gateway.simulator.contact(SARI, "Ibu Sari");
  gateway.simulator.contact(WATI, "Wati");
  const { id } = await gateway.pair();
  const own = await signedIn(gateway);
  const draft = (await own.post("/ui/blasts/drafts", { list: LIST, text: TEXT, devices: [id] })).location!;
  const foreign = await signedIn(gateway, (await gateway.tenant()).key);

  assertEquals((await foreign.get(draft)).status, 404);
  assertEquals((await foreign.post(`${draft}/send`, { must: "2" })).status, 404);
  const blast = (await own.post(`${draft}/send`, { must: "2" })).location!;
  for (const path of [blast, `${blast}/results.csv`]) {
    assertEquals((await foreign.get(path)).status, 404, path);
  }
  for (const verb of ["pause", "resume", "cancel"]) {
    assertEquals((await foreign.post(`${blast}/${verb}`, { must: "cancel" })).status, 404, verb);
  }
  const stolen = await foreign.post("/ui/blasts/drafts", { list: LIST, text: TEXT, devices: [id] });
  assertEquals(stolen.status, 422);
});

Deno.test("dashboard writes results that no spreadsheet takes for formulas", async () => {
  await using gateway = await runGateway({ whatsapp: true, settings: FAST });
  gateway.simulator.contact(SARI, "Ibu Sari");
  const { id } = await gateway.pair();
  const visitor = await signedIn(gateway);
  const list = `name;phone\n=HYPERLINK(1);+${SARI}\n`;
  const draft = (await visitor.post("/ui/blasts/drafts", { list, text: "Halo", devices: [id] })).location!;
  const blast = (await visitor.post(`${draft}/send`, { must: "1" })).location!;

  const { html, headers } = await visitor.get(`${blast}/results.csv`);

  assertMatch(headers.get("Content-Disposition") ?? "", /^attachment/);
  assertStringIncludes(html, `2,'+${SARI},'=HYPERLINK(1),`);
});

Deno.test("dashboard lets rows be mended before they are sent, and keeps the draft over a restart", async () => {
  await using gateway = await runGateway({ whatsapp: true, settings: FAST });
  gateway.simulator.contact(SARI, "Ibu Sari");
  const { id } = await gateway.pair();
  const first = await signedIn(gateway);
  const draft = (await first.post("/ui/blasts/drafts", { list: LIST, text: TEXT, devices: [id] })).location!;
  const before = (await first.get(draft)).html;
  assertStringIncludes(before, 'name="cell.4.1"');
  assertStringIncludes(before, 'name="cell.5.2"');
  assertMatch(before, /<b>2<\/b>/);
  const csv = await first.get(`${draft}/problems.csv`);
  assertMatch(csv.html, /^row,as_in_file,name,problem,detail\r\n4,12ab,Budi,No usable number,/);

  await gateway.start();
  const visitor = await signedIn(gateway);
  const { status, location } = await visitor.post(`${draft}/fix`, {
    "cell.4.1": "+6281100008009",
    "cell.5.2": "12",
  });

  assertEquals([status, location], [303, draft]);
  const after = (await visitor.get(draft)).html;
  assertMatch(after, /<b>4<\/b>/);
  assertEquals(after.includes('name="cell.4.1"'), false);
  assertMatch((await visitor.get(`${draft}?show=cannot`)).html, /Rows with something wrong/);
  const foreign = await signedIn(gateway, (await gateway.tenant()).key);
  assertEquals((await foreign.post(`${draft}/fix`, { "cell.4.1": "1" })).status, 404);
  assertEquals((await foreign.get(`${draft}/problems.csv`)).status, 404);
});

Deno.test("dashboard marks what is wrong in a number, and makes a row of each of several", async () => {
  await using gateway = await runGateway({ whatsapp: true, settings: FAST });
  const { id } = await gateway.pair();
  const visitor = await signedIn(gateway);
  const list = `name;phone\nRina;"+${SARI}, +${WATI}"\nEvil;"0812${
    EVIL.replaceAll('"', '""')
  }"\nBudi;0812-3456-78O9\n`;
  const draft = (await visitor.post("/ui/blasts/drafts", { list, text: "Halo {{name}}", devices: [id] }))
    .location!;

  const { html } = await visitor.get(draft);
  assertStringIncludes(html, '0812-3456-78<mark class="sign"><span class="hide">wrong: </span>O</mark>9');
  assertStringIncludes(html, `+${SARI}<mark class="sign"><span class="hide">wrong: </span>, </mark>+${WATI}`);
  assertStringIncludes(html, "This is no phone number. Write it like");
  assertEquals([html.includes("<img src=x"), html.includes("it takes a phone number")], [false, false]);
  const indonesian = (await visitor.get(`${draft}?lang=id`)).html;
  assertStringIncludes(indonesian, "Ini bukan nomor telepon. Tulis seperti");
  assertStringIncludes(indonesian, '<span class="hide">salah: </span>O');
  assertMatch(indonesian, /name="split" value="2"[^>]*>Jadikan dua baris/);
  assertEquals(/value="[34]"[^>]*>Jadikan/.test(indonesian), false);

  await visitor.post(`${draft}/fix?lang=en`, { split: "2", "cell.4.1": "+6281100008009" });

  const after = (await visitor.get(`${draft}?lang=en`)).html;
  assertStringIncludes(after, "what was added stands at the end as row 5.");
  assertMatch(after, /<b>3<\/b>[^]*will get it/);
  assertEquals(after.includes("Make two rows"), false);
});

Deno.test("dashboard sends a template at the time and in the hours that were chosen", async () => {
  await using gateway = await runGateway({ whatsapp: true, settings: FAST });
  gateway.simulator.contact(SARI, "Ibu Sari");
  const { id } = await gateway.pair();
  await gateway.api("POST", "/api/templates", { id: "promo", name: "Promo", body: "Halo {{name}}" });
  const visitor = await signedIn(gateway);
  assertMatch((await visitor.get("/ui/blasts/new?template=promo")).html, /value="promo" selected/);
  const fields = { list: `name;phone\nSari;+${SARI}\n`, text: "", devices: [id], template: "promo" };
  const at = new Date(Date.now() + 2 * 86_400_000).toISOString().slice(0, 16);
  for (
    const [wrong, field] of [
      [{ at: "2020-01-01T08:00" }, "at"],
      [{ at: "soon" }, "at"],
      [{ from: "08:00" }, "from"],
      [{ template: "gone" }, "template"],
    ] as const
  ) {
    const { status, html } = await visitor.post("/ui/blasts/drafts", { ...fields, ...wrong });
    assertEquals(status, 422);
    assertStringIncludes(html, `id="${field}-fault"`);
  }

  const draft = (await visitor.post("/ui/blasts/drafts", { ...fields, at, from: "08:00", to: "20:00" }))
    .location!;
  assertStringIncludes((await visitor.get(draft)).html, "08:00–20:00");
  assertMatch((await visitor.get(`${draft}?ask=send`)).html, /It begins \d.* It can be paused/);
  const blast = (await visitor.post(`${draft}/send`, { must: "1" })).location!;

  const [stored] = (await gateway.api("GET", "/api/messages/blast")).body.blasts;
  assertEquals(stored.status, "scheduled");
  const { html } = await visitor.get(blast);
  assertMatch(html, /template <a href="\/ui\/templates\/promo">/);
  assertStringIncludes(html, "Scheduled");
  assertStringIncludes(html, "08:00–20:00");
});

Deno.test("dashboard makes a new blast of those that failed, with the words that were meant for them", async () => {
  await using gateway = await runGateway({ whatsapp: true, settings: FAST });
  gateway.simulator.contact(SARI, "Ibu Sari");
  const { id } = await gateway.pair();
  const visitor = await signedIn(gateway);
  const list = `name;phone\nSari;+${SARI}\nHilang;+6281100008777\n`;
  const draft = (await visitor.post("/ui/blasts/drafts", { list, text: "Halo {{name}}", devices: [id] }))
    .location!;
  const blast = (await visitor.post(`${draft}/send`, { must: "2" })).location!;
  await until(
    async () => (await gateway.api("GET", "/api/messages/blast")).body.blasts[0].status === "completed",
    "the blast to end",
  );
  const { html } = await visitor.get(blast);
  assertStringIncludes(html, "New blast of those who failed");
  assertMatch(html, /\d\d:\d\d: 1 sent, 1 failed/);

  const again = (await visitor.post(`${blast}/anew`, {})).location!;

  const check = (await visitor.get(again)).html;
  assertStringIncludes(check, "Halo Hilang");
  assertEquals(check.includes("Halo Sari"), false);
  const foreign = await signedIn(gateway, (await gateway.tenant()).key);
  assertEquals((await foreign.post(`${blast}/anew`, {})).status, 404);
  assertEquals((await foreign.get(again)).status, 404);
});

Deno.test("dashboard shows of a blast who answered and who said stop", async () => {
  await using gateway = await runGateway({ whatsapp: true, settings: FAST });
  const sari = gateway.simulator.contact(SARI, "Ibu Sari");
  sari.autoReceipts = ["delivered", "read"];
  gateway.simulator.contact(WATI, "Wati").autoReceipts = ["delivered"];
  const { id, phone } = await gateway.pair();
  const { body } = await gateway.api("POST", "/api/messages/blast", {
    channels: ["whatsapp"],
    devices: [id],
    message: "Halo {{name}}",
    recipients: [{ phone: `+${SARI}`, name: "Ibu Sari" }, { phone: `+${WATI}`, name: "Wati" }],
  });
  const visitor = await signedIn(gateway);
  const shown = async (lang: string) => (await visitor.get(`/ui/blasts/${body.blast_id}?lang=${lang}`)).html;
  await sari.waitMessage(() => true);
  await until(async () => (await shown("en")).includes("2 of 2 done"), "the blast to end");

  await sari.sendText(phone, "STOP");

  await until(
    async () => (await shown("en")).includes("<dt>Said STOP</dt><dd>1</dd>"),
    "the one who said stop",
  );
  assertStringIncludes(await shown("en"), "<dt>Replied</dt><dd>1</dd>");
  assertStringIncludes(await shown("id"), "<dt>Minta berhenti</dt><dd>1</dd>");

  const people = async (state: string) => {
    const { html } = await visitor.get(`/ui/blasts/${body.blast_id}?state=${state}`);
    assertMatch(html, new RegExp(`state=${state}"[^>]*aria-current="true"`));
    return ["Ibu Sari", "Wati"].filter((name) => html.includes(name));
  };
  await until(async () => (await people("read")).length === 1, "it is read");
  await until(async () => (await people("delivered")).length === 1, "the other one is delivered");
  assertEquals([await people("read"), await people("delivered"), await people("sent")], [["Ibu Sari"], [
    "Wati",
  ], []]);
  const logs = async (query: string) => {
    const answer = await gateway.api("GET", `/api/logs/messages?limit=1&blast_id=${body.blast_id}&${query}`);
    return answer.body.logs.map(({ recipient_name, job_id }: Record<string, string>) => [
      recipient_name,
      job_id,
    ]);
  };
  const [[last, lastId]] = await logs("");
  const [[first]] = await logs(`before=${lastId}`);
  assertEquals([last, first], ["Wati", "Ibu Sari"]);
  assertEquals((await logs("reached=read")).map(([name]: string[]) => name), ["Ibu Sari"]);
  assertEquals(await logs(`reached=sent`), []);
  assertEquals((await gateway.api("GET", "/api/logs/messages?reached=read")).status, 400);
});

Deno.test("dashboard shows how fast a blast's devices send, and who paused it when", async () => {
  await using gateway = await runGateway({ whatsapp: true });
  gateway.simulator.contact(SARI, "Ibu Sari");
  gateway.simulator.contact(WATI, "Wati");
  const { id } = await gateway.pair();
  const { body } = await gateway.api("POST", "/api/messages/blast", {
    channels: ["whatsapp"],
    devices: [id],
    message: "Halo",
    recipients: [`+${SARI}`, `+${WATI}`],
    pace: { minGapSeconds: 3_000, maxGapSeconds: 3_600, perHour: 40, perDay: 1 },
  });
  const made = await gateway.api("POST", "/v1/keys", {
    name: `Toko ${EVIL}`,
    scopes: ["read", "send", "manage"],
  });
  const key: string = made.body.data.api_key;
  const visitor = await signedIn(gateway);
  const at = `/ui/blasts/${body.blast_id}`;
  const shown = async (lang: string) => (await visitor.get(`${at}?lang=${lang}`)).html;
  const act = (verb: string) =>
    gateway.api("POST", `/api/messages/blast/${body.blast_id}/${verb}`, undefined, key);

  await until(async () => (await shown("en")).includes("1 of 2 done"), "the first is sent");
  assertEquals((await shown("en")).includes("When it was paused"), false);
  const running = await shown("en");
  assertMatch(running, /\d+ a minute, its pace allows about 1\.1 an hour/);
  assertStringIncludes(running, "1 of 40 in the last hour<");
  assertStringIncludes(running, "1 of 1 in the last 24 hours, so it waits");
  assertEquals((await act("pause")).status, 200);
  await visitor.post(`${at}/resume`, {});
  await visitor.post(`${at}/pause`, {});

  const order = /Paused[^]*in the dashboard[^]*Went on[^]*in the dashboard[^]*Paused[^]*with the key Toko/;
  const paused = await shown("en");
  const turns = paused.slice(paused.indexOf("When it was paused"));
  assertMatch(turns, order);
  assertEquals(paused.includes("<img src=x"), false);
  const indonesian = await shown("id");
  assertMatch(indonesian, /Kapan dijeda[^]*di dasbor[^]*Berlanjut[^]*dengan kunci Toko/);
  assertStringIncludes(indonesian, "1 dari 1 dalam 24 jam terakhir, jadi menunggu");
  const { turns: told } = (await gateway.api("GET", `/api/messages/blast/${body.blast_id}`)).body.blast;
  assertEquals(told.map(({ what, by }: Record<string, string>) => [what, by]), [
    ["paused", made.body.data.key_id],
    ["resumed", "dashboard"],
    ["paused", "dashboard"],
  ]);
});

Deno.test("dashboard sends again to one who failed, once, and names the row and the device", async () => {
  await using gateway = await runGateway({ whatsapp: true, settings: FAST });
  gateway.simulator.contact(SARI, "Ibu Sari");
  const { id } = await gateway.pair();
  const visitor = await signedIn(gateway);
  const list = `name;phone\nSalah;12ab\nSari;+${SARI}\nHilang;+${WATI}\n`;
  const draft = (await visitor.post("/ui/blasts/drafts", { list, text: "Halo {{name}}", devices: [id] }))
    .location!;
  const blast = (await visitor.post(`${draft}/send`, { must: "2" })).location!;
  const stored = async () => (await gateway.api("GET", "/api/messages/blast")).body.blasts[0];
  await until(async () => (await stored()).status === "completed", "the blast to end");
  const { html } = await visitor.get(`${blast}?state=failed`);
  assertMatch(html, /id="row-4"[^]*?>4<\/td>[^]*?Hilang/);
  assertMatch(html, /Failed 1<\/a>/);
  const message = /name="message" value="(msg_\w+)"/.exec(html)![1];
  const device = (await gateway.api("GET", `/v1/devices/${id}`)).body.data.label;
  assertStringIncludes(html, `>${device}<`);
  const foreign = await signedIn(gateway, (await gateway.tenant()).key);
  assertEquals((await foreign.post(`${blast}/again`, { message })).status, 404);
  const wati = gateway.simulator.contact(WATI, "Wati");

  const { location } = await visitor.post(`${blast}/again`, { message, state: "failed" });

  assertEquals(location, `${blast}?state=failed`);
  assertStringIncludes(JSON.stringify(await wati.waitMessage(() => true)), "Halo Hilang");
  await until(async () => (await stored()).status === "completed", "the blast to end again");
  const after = (await visitor.get(blast)).html;
  assertStringIncludes(after, "2 of 2 done");
  assertEquals(after.includes(`name="message" value="${message}"`), false);
  const second = await visitor.post(`${blast}/again?lang=id`, { message });
  assertEquals(second.status, 409);
  assertStringIncludes(second.html, "tidak dikirim lagi");
  const all = await gateway.api("POST", `/api/messages/blast/${blast.split("/").at(-1)}/again`);
  assertEquals([all.status, all.body.queuedAgain, all.body.blast.counts.sent], [200, 0, 2]);
});

Deno.test("dashboard warns before a number that is new writes to many", async () => {
  await using gateway = await runGateway({ whatsapp: true, settings: FAST });
  const { id } = await gateway.pair();
  const visitor = await signedIn(gateway);
  const check = async (people: number) => {
    const rows = Array.from({ length: people }, (_, n) => `+62811000${8_100 + n}`);
    const fields = { list: ["phone", ...rows].join("\n"), text: "Halo", devices: [id] };
    return (await visitor.get((await visitor.post("/ui/blasts/drafts", fields)).location!)).html;
  };

  assertMatch(await check(50), /Ends about[^]*WhatsApp bans young numbers/);
  assertEquals((await check(49)).includes("young numbers"), false);
});
