import { assertEquals, assertStringIncludes } from "@std/assert";
import { browserTest, flawsOf, signIn, watched } from "../support/chromium.ts";
import { KEY, runGateway } from "../support/gateway.ts";
import { signedIn } from "../support/ui.ts";

const EVIL = '"><img src=x onerror=alert(1)><b hx-get="/ui/sign-out" hx-trigger="load">';

browserTest(
  "dashboard makes a template, shows how it reads while it is written, and deletes it",
  async (browser) => {
    await using gateway = await runGateway();
    const page = await browser.newPage();
    const misdeeds = await watched(page);
    await signIn(page, gateway.url, KEY, "/ui/templates");
    await Promise.all([page.waitForNavigation(), page.click(".empty .button.main")]);
    await page.type("#name", "Promo poin");
    await page.type("#id", "promo-poin");
    await page.type("#body", `Halo {{name}}, poin: {{points}}. ${EVIL}`);
    assertEquals(
      await page.$eval("#filled", (node) => node.innerText),
      `Halo {{name}}, poin: {{points}}. ${EVIL}`,
    );
    await Promise.all([page.waitForNavigation(), page.click("button[value=preview]")]);
    await page.type("[data-gap=name]", EVIL);
    assertStringIncludes(await page.$eval("#filled", (node) => node.innerText), `Halo ${EVIL}, poin`);
    assertEquals(await page.$("#filled img, #filled b"), null);
    assertEquals(await flawsOf(page), []);

    await Promise.all([page.waitForNavigation(), page.click(".actions .button.main")]);

    assertStringIncludes(await page.$eval("main h1", (node) => node.innerText), "Promo poin");
    const { template } = (await gateway.api("GET", "/api/templates/promo-poin")).body;
    assertEquals(template.variables, ["name", "points"]);
    assertEquals(await flawsOf(page), []);
    await Promise.all([page.waitForNavigation(), page.click(".actions a.danger")]);
    await Promise.all([page.waitForNavigation(), page.click(".ask button.danger")]);
    assertEquals((await gateway.api("GET", "/api/templates")).body.count, 0);
    assertEquals(misdeeds.list, []);
  },
);

Deno.test("dashboard says what a template lacks, and keeps what was written", async () => {
  await using gateway = await runGateway();
  const visitor = await signedIn(gateway);

  const empty = await visitor.post("/ui/templates", { name: "", id: "a b", body: "" });
  assertEquals(empty.status, 422);
  assertStringIncludes(empty.html, "Give a name of at most 200 characters.");
  assertStringIncludes(empty.html, "An id has letters");
  assertStringIncludes(empty.html, "Write the text.");
  const nameless = await visitor.post("/ui/templates", { name: "Promo", body: "Halo {{ }}" });
  assertStringIncludes(nameless.html, "{{}} has no name");
  assertStringIncludes(nameless.html, 'value="Promo"');
  await visitor.post("/ui/templates", { name: "Promo", id: "promo", body: "Halo" });
  const taken = await visitor.post("/ui/templates", { name: "Other", id: "promo", body: "Halo" });

  assertEquals(taken.status, 422);
  assertStringIncludes(taken.html, "There is a template promo already.");
  assertEquals((await gateway.api("GET", "/api/templates/promo")).body.template.name, "Promo");
});

Deno.test("dashboard changes a template, and keeps templates to their tenant", async () => {
  await using gateway = await runGateway();
  const own = await signedIn(gateway);
  await own.post("/ui/templates", { name: "Promo", id: "promo", body: "Halo {{name}}" });
  const { html } = await own.get("/ui/templates/promo");
  assertStringIncludes(html, "1 gap found");
  assertStringIncludes(html, "Halo <mark>Ibu Sari</mark>");
  const foreign = await signedIn(gateway, (await gateway.tenant()).key);

  assertEquals((await foreign.get("/ui/templates/promo")).status, 404);
  assertEquals((await foreign.post("/ui/templates/promo", { name: "x", body: "x" })).status, 404);
  assertEquals((await foreign.post("/ui/templates/promo/delete", {})).status, 404);
  const forged = await own.post("/ui/templates/promo/delete", { csrf: "x" });
  assertEquals(forged.status, 403);
  await own.post("/ui/templates/promo", { name: "Promo 2", type: "promo", body: "Hai {{nama}}" });

  const { template } = (await gateway.api("GET", "/api/templates/promo")).body;
  assertEquals([template.name, template.type, template.body], ["Promo 2", "promo", "Hai {{nama}}"]);
  assertEquals(template.variables, ["nama"]);
});

Deno.test("dashboard names the blasts that a template was sent with, before it is deleted", async () => {
  await using gateway = await runGateway({ whatsapp: true });
  const { id } = await gateway.pair();
  const visitor = await signedIn(gateway);
  await visitor.post("/ui/templates", { name: "Promo", id: "promo", body: "Halo" });
  const { body } = await gateway.api("POST", "/api/messages/blast", {
    channels: ["whatsapp"],
    devices: [id],
    templateId: "promo",
    recipients: [{ phone: "+6281100007001", name: "Ibu Sari" }],
  });

  const { html } = await visitor.get("/ui/templates/promo?ask=delete");

  assertStringIncludes(html, `<a href="/ui/blasts/${body.blast_id}">Blast of`);
});
