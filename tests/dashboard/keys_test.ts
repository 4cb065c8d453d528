import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { browserTest, flawsOf, signIn, watched } from "../support/chromium.ts";
import { KEY, runGateway } from "../support/gateway.ts";
import { signedIn } from "../support/ui.ts";

browserTest("dashboard makes a key that may only read, shows it once, and revokes it", async (browser) => {
  await using gateway = await runGateway();
  const page = await browser.newPage();
  const misdeeds = await watched(page);
  await signIn(page, gateway.url, KEY, "/ui/keys");
  assertEquals(await flawsOf(page), []);
  await page.type("#name", "Asisten <b>");
  await page.click("input[value=send]");
  await Promise.all([page.waitForNavigation(), page.click("#new .button.main")]);
  const key = await page.$eval("#new-key", (input) => input.value);
  assertEquals(await flawsOf(page), []);
  assertEquals((await gateway.api("GET", "/v1/devices", undefined, key)).status, 200);
  assertEquals((await gateway.api("POST", "/v1/devices", { label: "x" }, key)).status, 403);

  await page.goto(`${gateway.url}/ui/keys`);
  const listed = await page.$eval("table", (table) => table.innerText);
  assertStringIncludes(listed, "Asisten <b>");
  assertMatch(listed, /read/);
  assertEquals(listed.includes("not yet"), false);
  assertEquals((await page.content()).includes(key), false);
  await Promise.all([page.waitForNavigation(), page.click("table .danger")]);
  assertEquals(await flawsOf(page), []);
  await Promise.all([page.waitForNavigation(), page.click(".ask button.danger")]);

  assertEquals((await gateway.api("GET", "/v1/devices", undefined, key)).status, 401);
  assertEquals(misdeeds.list, []);
});

Deno.test("dashboard binds a key to devices and a day", async () => {
  await using gateway = await runGateway();
  const id = await gateway.device();
  const visitor = await signedIn(gateway);
  const tomorrow = new Date(Date.now() + 2 * 86_400_000).toISOString().slice(0, 10);

  await visitor.post("/ui/keys", { name: "n8n", scopes: ["read", "send"], devices: [id], ends: tomorrow });

  const [key] = (await gateway.api("GET", "/v1/keys")).body.data.keys;
  assertEquals([key.name, key.scopes, key.devices], ["n8n", ["read", "send"], [id]]);
  assertEquals(key.expires_at > Date.now() / 1000, true);
});

Deno.test("dashboard fences a key to chats, and says what is no chat", async () => {
  await using gateway = await runGateway();
  const visitor = await signedIn(gateway);
  const wanted = {
    name: "Asisten",
    scopes: ["read", "send"],
    sendChats: "0811 0000 7001,\n120363025246@g.us",
  };

  const wrong = await visitor.post("/ui/keys", { ...wanted, readChats: "somebody" });
  const managing = await visitor.post("/ui/keys", { ...wanted, scopes: ["manage"] });
  const made = await visitor.post("/ui/keys", wanted);
  const shown = await visitor.get("/ui/keys");

  assertEquals([wrong.status, managing.status, made.status], [422, 422, 200]);
  assertStringIncludes(wrong.html, "Write phone numbers or addresses of groups");
  assertStringIncludes(managing.html, "A key for some chats cannot manage");
  const [key] = (await gateway.api("GET", "/v1/keys")).body.data.keys;
  assertEquals([key.read_chats, key.send_chats], [null, [
    "6281100007001@s.whatsapp.net",
    "120363025246@g.us",
  ]]);
  assertStringIncludes(shown.html, "6281100007001");
});

Deno.test("dashboard says what a key lacks, and keeps keys to their tenant", async () => {
  await using gateway = await runGateway();
  const visitor = await signedIn(gateway);
  const empty = await visitor.post("/ui/keys", { name: "", ends: "2020-01-01" });
  assertEquals(empty.status, 422);
  for (const sentence of ["Give a name of at most", "Choose at least one.", "Choose a day after today."]) {
    assertStringIncludes(empty.html, sentence);
  }
  const { key_id } = (await gateway.api("POST", "/v1/keys", { name: "n8n", scopes: ["read"] })).body.data;
  const device = await gateway.device();
  const foreign = await signedIn(gateway, (await gateway.tenant()).key);

  assertEquals((await foreign.post(`/ui/keys/${key_id}/revoke`, {})).status, 404);
  const bound = await foreign.post("/ui/keys", { name: "x", scopes: ["read"], devices: [device] });
  assertEquals(bound.status, 404);
  assertEquals((await visitor.post(`/ui/keys/${key_id}/revoke`, { csrf: "" })).status, 403);
  assertEquals((await gateway.api("GET", "/v1/keys")).body.data.keys.length, 1);
});
