import { configure, reset } from "@logtape/logtape";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { HOUR_MS } from "../../src/spans.ts";
import { KEY, MASTER_KEY, runGateway } from "../support/gateway.ts";
import { signedIn } from "../support/ui.ts";

Deno.test("dashboard lists the sessions of a key and ends the others", async () => {
  await using gateway = await runGateway();
  const here = await signedIn(gateway);
  const elsewhere = await signedIn(gateway);
  assertEquals(
    (await here.get("/ui/settings")).html.match(/\/ui\/settings\/sessions\/ses_\w+\/end/g)?.length,
    2,
  );

  await here.post("/ui/settings/sessions/end-others", {});

  assertEquals((await elsewhere.get("/ui/settings")).status, 303);
  assertEquals((await here.get("/ui/settings")).status, 200);
});

Deno.test("dashboard ends no session of another tenant", async () => {
  await using gateway = await runGateway();
  const own = await signedIn(gateway);
  const foreign = await signedIn(gateway, (await gateway.tenant()).key);
  const [id] = /ses_\w+/.exec((await own.get("/ui/settings")).html) ?? [];

  assertEquals((await foreign.post(`/ui/settings/sessions/${id}/end`, {})).status, 404);
  assertEquals((await own.get("/ui/settings")).status, 200);
});

Deno.test("dashboard shows settings to the operator's tenant alone, and never a secret", async () => {
  const settings = { QISCUS_SECRET_KEY: "very-secret-qiscus", RECEIVERS_OPEN: "true" };
  await using gateway = await runGateway({ settings });
  const own = await (await signedIn(gateway)).get("/ui/settings");
  const foreign = await (await signedIn(gateway, (await gateway.tenant()).key)).get("/ui/settings");

  assertStringIncludes(own.html, "WEBHOOK_CONCURRENCY");
  assertStringIncludes(own.html, "ENCRYPTION_KEY is not set");
  assertStringIncludes(own.html, "RECEIVERS_OPEN is on: whoever reaches");
  const rowOf = (name: string) => own.html.split(`>${name}</code>`)[1]?.split("</tr>")[0] ?? "";
  assertStringIncludes(rowOf("RECEIVERS_OPEN"), ">environment</td>");
  assertStringIncludes(rowOf("WEBHOOK_CONCURRENCY"), ">default</td>");
  for (const secret of [KEY, MASTER_KEY, "very-secret-qiscus"]) assert(!own.html.includes(secret));
  assert(!foreign.html.includes("WEBHOOK_CONCURRENCY"));
});

Deno.test("dashboard rotates a tenant's own key and shows the new one once", async () => {
  await using gateway = await runGateway();
  const tenant = await gateway.tenant();
  const visitor = await signedIn(gateway, tenant.key);

  const { html } = await visitor.post("/ui/settings/rotate-key", {});

  const [key] = /kbr_\w{43}/.exec(html) ?? [""];
  assertEquals((await gateway.api("GET", "/v1/webhooks", undefined, key)).status, 200);
  assertEquals((await gateway.api("GET", "/v1/webhooks", undefined, tenant.key)).status, 401);
  assertEquals((await visitor.get("/ui/settings")).status, 303);
});

Deno.test("dashboard keeps tenants to the operator", async () => {
  await using gateway = await runGateway();
  const tenant = await gateway.tenant();
  for (const key of [KEY, tenant.key]) {
    const visitor = await signedIn(gateway, key);
    assertEquals((await visitor.get("/ui/tenants")).status, 404);
    assertEquals((await visitor.get(`/ui/tenants/${tenant.id}`)).status, 404);
    for (const verb of ["sign-in", "suspend", "activate", "rename", "rotate", "delete"]) {
      const fields = { name: "x", must: "Toko Maju" };
      assertEquals((await visitor.post(`/ui/tenants/${tenant.id}/${verb}`, fields)).status, 404, verb);
    }
    assertEquals((await visitor.post("/ui/tenants", { name: "x" })).status, 404);
  }
});

Deno.test("dashboard lets the operator see a tenant's pages under a banner, and go back", async () => {
  await using gateway = await runGateway();
  const tenant = await gateway.tenant("Toko Melati");
  await gateway.api(
    "POST",
    "/v1/webhooks",
    { url: "https://melati.example/hook", events: ["*"] },
    tenant.key,
  );
  const operator = await signedIn(gateway, MASTER_KEY);
  assert(!(await operator.get("/ui/webhooks")).html.includes("melati.example"));

  await operator.post(`/ui/tenants/${tenant.id}/sign-in`, {});

  const seen = await operator.get("/ui/webhooks");
  assertStringIncludes(seen.html, "melati.example");
  assertStringIncludes(seen.html, "You see the pages of Toko Melati");
  assertEquals((await operator.get("/ui/tenants")).status, 404);
  assertEquals((await operator.post("/ui/sign-out", {})).location, "/ui/tenants");
  assertEquals((await operator.get("/ui/tenants")).status, 200);
});

Deno.test("dashboard makes, suspends, activates and deletes tenants", async () => {
  await using gateway = await runGateway();
  const operator = await signedIn(gateway, MASTER_KEY);

  const { html } = await operator.post("/ui/tenants", { name: "Toko Melati" });
  const [key] = /kbr_\w{43}/.exec(html) ?? [""];
  const [id] = /tenant_(?!default)\w+/.exec(html) ?? [""];
  assertMatch(key, /^kbr_/);
  assertEquals((await operator.post("/ui/tenants", { name: "" })).status, 422);
  await operator.post(`/ui/tenants/${id}/suspend`, {});
  assertEquals((await gateway.api("GET", "/v1/webhooks", undefined, key)).status, 403);
  await operator.post(`/ui/tenants/${id}/activate`, {});
  assertEquals((await gateway.api("GET", "/v1/webhooks", undefined, key)).status, 200);
  assertEquals((await operator.post(`/ui/tenants/${id}/delete`, { must: "Toko" })).status, 422);
  assertEquals(
    (await operator.post(`/ui/tenants/${id}/delete`, { must: "Toko Melati" })).location,
    "/ui/tenants",
  );
  assertEquals((await gateway.admin("GET", `/admin/tenants/${id}`)).status, 404);
});

Deno.test("dashboard writes down every change with its session, and whose an operator stands in with", async () => {
  await using gateway = await runGateway();
  const tenant = await gateway.tenant("Toko Melati");
  const lines: Readonly<Record<string, unknown>>[] = [];
  await configure({
    reset: true,
    sinks: {
      kept: ({ category, message, properties }) => {
        if (category.join(".") === "kabar.dashboard") {
          lines.push({ message: message.join(""), ...properties });
        }
      },
    },
    loggers: [{ category: "kabar", sinks: ["kept"], lowestLevel: "info" }, {
      category: ["logtape", "meta"],
      sinks: [],
    }],
  });
  try {
    const operator = await signedIn(gateway, MASTER_KEY);
    await operator.post(`/ui/tenants/${tenant.id}/sign-in`, {});
    await operator.get("/ui/devices");
    await operator.post("/ui/devices", { label: "Rahasia Kasir" });

    const [signIn, made] = lines;
    assertEquals(lines.map(({ message }) => message), ["page.changed", "page.changed"]);
    assertEquals(made.tenantId, tenant.id);
    assertEquals(made.path, "/ui/devices");
    assertEquals(made.status, 303);
    assertEquals(made.standInOf, signIn.session);
    assertEquals(JSON.stringify(lines).includes("Rahasia"), false);
  } finally {
    await reset();
  }
});

Deno.test("dashboard lists the tenant first where most needs somebody, and what each used by day", async () => {
  await using gateway = await runGateway();
  await gateway.restored(async (store) => {
    const calm = { status: "active" as const, createdAt: 0, updatedAt: 0 };
    for (let n = 0; n < 60; n++) {
      await store.tenants.create({ ...calm, id: `tenant_calm${n}`, name: `Tenang ${n}.` }, `hash ${n}`);
    }
  });
  const troubled = await gateway.tenant("Repot");
  const hook = { url: "https://repot.example/hook", events: ["*"] };
  const { body } = await gateway.api("POST", "/v1/webhooks", hook, troubled.key);
  await gateway.restored(async (store) => {
    const reason = { status: "disabled" as const, statusReason: "HTTP 410" };
    await store.webhooks.update(body.data.webhook_id, reason, Date.now());
    const hour = Math.floor(Date.now() / HOUR_MS);
    const event = { tenantId: troubled.id, deviceId: "device_a", hour, type: "message.received" };
    await store.hours.add({ attempts: [], events: [{ ...event, count: 4_321 }] });
  });
  const operator = await signedIn(gateway, MASTER_KEY);

  const { html } = await operator.get("/ui/tenants");
  const second = (await operator.get("/ui/tenants?from=50")).html;
  const odd = await Promise.all(
    ["1.5", "-3", "1e400", "x"].map((from) => operator.get(`/ui/tenants?from=${from}`)),
  );
  const one = await operator.get(`/ui/tenants/${troubled.id}`);
  const indonesian = await operator.get(`/ui/tenants/${troubled.id}?lang=id`);

  assert(html.indexOf("Repot") > 0 && html.indexOf("Repot") < html.indexOf("Tenang 0."), "first of 62");
  assertEquals(odd.map(({ status }) => status), [200, 200, 200, 200]);
  const listed = [html, second].map((page) =>
    [...page.matchAll(/data-id="(tenant_\w+)"/g)].map(([, id]) => id)
  );
  assertEquals(listed.map((ids) => ids.length), [50, 12]);
  assertEquals(new Set(listed.flat()).size, 62);
  assertMatch(html, /Repot[^]*<td class="num whole bad"><span[^>]*>Needs somebody: <\/span>1</);
  assertMatch(one.html, /Use by day[^]*<td class="num">4,321<[^]*Together[^]*4,321/);
  assertMatch(indonesian.html, /Pemakaian per hari[^]*<td class="num">4\.321</);
});

Deno.test("dashboard says on the first page how many messages each number had today", async () => {
  await using gateway = await runGateway();
  await gateway.device();
  const visitor = await signedIn(gateway);

  assertMatch((await visitor.get("/ui")).html, />0<span[^>]*>messages today</);
  assertMatch((await visitor.get("/ui?lang=id")).html, />0<span[^>]*>pesan hari ini</);
});

Deno.test("dashboard gives the operator the whole log, and a tenant what is about it", async () => {
  await using gateway = await runGateway();
  const tenant = await gateway.tenant();
  const createdAt = Date.UTC(2026, 10, 26);
  await gateway.restored(async ({ systemLog }) => {
    const metadata = { webhookId: "wh_a" };
    await systemLog.write({ level: "warn", message: "Nobody understood it", metadata, createdAt });
    await systemLog.write({ level: "info", message: "All is well", metadata: null, createdAt });
    await systemLog.write({
      level: "info",
      message: "Blast completed",
      metadata: { blastId: "blast_a" },
      createdAt,
      tenantId: tenant.id,
    });
  });
  const own = await signedIn(gateway);
  const foreign = await signedIn(gateway, tenant.key);
  const another = await signedIn(gateway, (await gateway.tenant()).key);

  const page = await own.get("/ui/logs?level=warn");
  const file = await own.get("/ui/logs.jsonl?level=warn");

  assertStringIncludes(page.html, 'href="/ui/logs.jsonl?level=warn"');
  assertMatch(file.headers.get("Content-Disposition") ?? "", /filename="logs\.jsonl"/);
  assertEquals(
    file.html.trim().split("\n").map((line) => JSON.parse(line)).map((line) => [
      line.at,
      line.level,
      line.message,
      line.metadata,
    ]),
    [["2026-11-26T00:00:00.000Z", "warn", "Nobody understood it", { webhookId: "wh_a" }]],
  );
  assertEquals((await own.get("/ui/logs.jsonl")).html.trim().split("\n").length, 3);
  const theirs = (await foreign.get("/ui/logs.jsonl")).html.trim().split("\n").map((line) =>
    JSON.parse(line)
  );
  assertEquals(theirs.map(({ message }) => message), ["Blast completed"]);
  assertStringIncludes((await foreign.get("/ui/logs")).html, 'href="/ui/blasts/blast_a"');
  assertEquals((await foreign.get("/ui/logs.jsonl?level=warn")).html, "");
  assertEquals((await another.get("/ui/logs.jsonl")).html, "");
  assertStringIncludes((await another.get("/ui/logs")).html, "Your blasts that ended");
});
