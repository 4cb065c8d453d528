import { assertEquals, assertStringIncludes } from "@std/assert";
import { browserTest, flawsOf, signIn, watched } from "../support/chromium.ts";
import { KEY, runGateway } from "../support/gateway.ts";
import { signedIn } from "../support/ui.ts";

const SARI = "+62 812 3456 789";

browserTest("dashboard enters somebody who wants no more, and takes it back", async (browser) => {
  await using gateway = await runGateway();
  const page = await browser.newPage();
  const misdeeds = await watched(page);
  await signIn(page, gateway.url, KEY, "/ui/opt-outs");
  assertEquals(await flawsOf(page), []);
  await page.type("#person", SARI);
  await page.type("#reason", "Minta lewat telepon <b>");
  await Promise.all([page.waitForNavigation(), page.click("form[action='/ui/opt-outs'] .button.main")]);
  assertEquals(await flawsOf(page), []);
  assertEquals((await gateway.api("GET", "/v1/opt-outs/628123456789")).status, 200);
  assertStringIncludes(await page.$eval("table", (table) => table.textContent), "Minta lewat telepon <b>");

  await Promise.all([page.waitForNavigation(), page.click(".toast button")]);

  assertEquals((await gateway.api("GET", "/v1/opt-outs/628123456789")).status, 404);
  assertEquals(misdeeds.list, []);
});

Deno.test("dashboard pages through those who want no more, and says of one whether they are among them", async () => {
  await using gateway = await runGateway();
  for (let n = 0; n < 60; n++) {
    await gateway.api("POST", "/v1/opt-outs", { person: `+6281234000${String(n).padStart(2, "0")}` });
  }
  const visitor = await signedIn(gateway);

  const first = await visitor.get("/ui/opt-outs");
  const second = await visitor.get(/\/ui\/opt-outs\?before=\d+/.exec(first.html)?.[0] ?? "");
  const found = await visitor.get("/ui/opt-outs?person=0812-3400-007");
  const missing = await visitor.get("/ui/opt-outs?person=0812-3400-0999");
  const nobody = await visitor.get("/ui/opt-outs?person=abc");

  const rowsIn = ({ html }: { readonly html: string }) => html.match(/opt-outs\/remove/g)?.length;
  assertEquals([rowsIn(first), rowsIn(second)], [50, 10]);
  assertStringIncludes(found.html, "is on the list, since");
  assertStringIncludes(missing.html, "is not on the list");
  assertEquals(nobody.status, 422);
  assertStringIncludes(nobody.html, "That is no phone number");
});

Deno.test("dashboard says what is wrong with words that opt out, and keeps what was written", async () => {
  await using gateway = await runGateway();
  const visitor = await signedIn(gateway);
  const words = { stopWords: "STOP\n!!!", startWords: "stop", stopAnswer: "Baik.", startAnswer: "" };

  const wrong = await visitor.post("/ui/opt-outs/words", words);
  const right = await visitor.post("/ui/opt-outs/words", {
    ...words,
    stopWords: "STOP\r\nBERHENTI\r\n",
    startWords: "MULAI",
  });

  assertEquals(wrong.status, 422);
  assertStringIncludes(wrong.html, "“!!!” must have a letter or a digit");
  assertStringIncludes(wrong.html, "“stop” cannot mean both.");
  assertStringIncludes(wrong.html, "Baik.</textarea>");
  assertEquals(right.location, "/ui/opt-outs#words");
  assertEquals((await gateway.api("GET", "/v1/opt-out-settings")).body.data, {
    stop_words: ["STOP", "BERHENTI"],
    start_words: ["MULAI"],
    stop_answer: "Baik.",
    start_answer: null,
  });
});

Deno.test("dashboard keeps those who want no more to their tenant", async () => {
  await using gateway = await runGateway();
  await gateway.api("POST", "/v1/opt-outs", { person: SARI, reason: "rahasia kita" });
  const foreign = await signedIn(gateway, (await gateway.tenant()).key);

  const list = await foreign.get(`/ui/opt-outs?person=${encodeURIComponent(SARI)}`);
  const removed = await foreign.post("/ui/opt-outs/remove", { person: SARI });

  assertEquals(list.html.includes("rahasia kita"), false);
  assertStringIncludes(list.html, "is not on the list");
  assertEquals(removed.status, 404);
  assertEquals((await gateway.api("GET", "/v1/opt-outs/628123456789")).status, 200);
});

Deno.test("dashboard offers to take back only what this session did", async () => {
  await using gateway = await runGateway();
  const visitor = await signedIn(gateway);
  await visitor.post("/ui/opt-outs", { person: SARI });
  const planted = visitor.cookies.get("kabar_flash") ?? "";
  const other = await signedIn(gateway);
  other.cookies.set("kabar_flash", planted);

  const theirs = await other.get("/ui/opt-outs");
  const own = await visitor.get("/ui/opt-outs");
  const again = await visitor.get("/ui/opt-outs");

  assertEquals(theirs.html.includes('class="toast"'), false);
  assertStringIncludes(own.html, ">Undo<");
  assertEquals(again.html.includes('class="toast"'), false);
});
