import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { createPages } from "../../src/dashboard/pages/mod.ts";
import { until } from "../support/until.ts";
import { type Gateway, MASTER_KEY, runGateway } from "../support/gateway.ts";
import { startReceiver } from "../support/receiver.ts";
import { aVisitor, type Shown, signedIn } from "../support/ui.ts";

interface Route {
  readonly method: "GET" | "POST";
  /** Under `/ui`, with the names of its parameters. */
  readonly path: string;
}

/** Every route of the pages: a new one is tested without being named here. */
const ROUTES: readonly Route[] = createPages(
  { addresses: {}, replays: {}, settings: {}, subscriptions: {}, templates: {} } as never,
).flatMap(({ routes }) => routes).filter((route): route is typeof route & Route =>
  route.method === "GET" || route.method === "POST"
);

/** Things of the default tenant, by the page that shows them; names that nobody else should learn are in them. */
async function furnished() {
  const app = await startReceiver(...new Array(50).fill(503));
  const gateway = await runGateway({ whatsapp: true });
  await gateway.api("POST", "/v1/webhooks", { url: app.url, events: ["message.*"], retry: [] });
  const [{ webhook_id: webhook }] = (await gateway.api("GET", "/v1/webhooks")).body.data.webhooks;
  const { id: device, phone } = await gateway.pair();
  await gateway.simulator.contact("628000000142", "Ibu Sari").sendText(phone, "halo");
  const failed = async () => (await gateway.api("GET", "/v1/deliveries?status=failed")).body.data.deliveries;
  await until(async () => (await failed()).length > 0, "a delivery to fail");
  const [{ delivery_id: delivery, event_id: event }] = await failed();
  const sent = await gateway.api("POST", `/v1/devices/${device}/messages/text`, {
    to: "628000000142",
    text: "x",
  });
  const blast = await gateway.api("POST", "/api/messages/blast", {
    channels: ["whatsapp"],
    devices: [device],
    message: "Halo",
    recipients: [{ phone: "+628000000142", name: "Ibu Sari" }],
  });
  await gateway.api("POST", "/api/templates", { id: "promo", name: "Promo", body: "Halo" });
  const key = await gateway.api("POST", "/v1/keys", { name: "n8n", scopes: ["read"] });
  const owner = await signedIn(gateway);
  const drafted = await owner.post("/ui/blasts/drafts", {
    list: "phone\n+628000000142\n",
    text: "Halo",
    devices: [device],
  });
  const replayed = await owner.post("/ui/replays/new?state=failed", {});
  const { html } = await owner.get("/ui/settings");
  const last = (text: string | null) => text?.split("/").at(-1) ?? "";
  return {
    gateway,
    ids: {
      devices: device,
      webhooks: webhook,
      deliveries: delivery,
      events: event,
      messages: sent.body.data.message_id,
      blasts: blast.body.blast_id,
      drafts: last(drafted.location),
      templates: "promo",
      keys: key.body.data.key_id,
      replays: last(replayed.location),
      sessions: /sessions\/(ses_\w+)\/end/.exec(html)?.[1] ?? "",
      tenants: "tenant_default",
    } as Readonly<Record<string, string>>,
    async [Symbol.asyncDispose]() {
      await gateway[Symbol.asyncDispose]();
      await app[Symbol.asyncDispose]();
    },
  };
}

/** The path of a route to one thing; undefined for routes that name nothing of a tenant. */
function pathTo({ path }: Route, ids: Readonly<Record<string, string>>): string | undefined {
  if (!path.includes(":") || path === "/catalogue/:name") return undefined;
  if (path === "/media/:device/:message") return `/ui/media/${ids.devices}/3EB0`;
  const [, thing] = /([\w-]+)\/:id/.exec(path) ?? [];
  const id = ids[thing ?? ""];
  if (!id) throw new Error(`No thing for ${path}: name one in furnished()`);
  return `/ui${path.replace(":id", id).replace(/:\w+\{(\w+)\|.*\}/, "$1")}`;
}

function isPage({ html, headers }: Shown): boolean {
  return /text\/html/.test(headers.get("Content-Type") ?? "") && /^<!doctype html>/.test(html) &&
    !/\bat .*\.tsx?:\d/.test(html) && headers.get("Content-Security-Policy") !== null;
}

Deno.test("dashboard answers a foreign tenant's ids on every route with a page that says what to do", async () => {
  await using it = await furnished();
  const tenant = await it.gateway.tenant("Orang lain");
  const foreign = await signedIn(it.gateway, tenant.key);

  for (const route of ROUTES) {
    const path = pathTo(route, it.ids);
    if (path === undefined) continue;
    const fields = { must: "Kasir", label: "Kasir", name: "x", phone: "+628000000142" };
    const answer = route.method === "GET" ? await foreign.get(path) : await foreign.post(path, fields);
    const where = `${route.method} ${path}`;
    assertEquals(answer.status, 404, where);
    assertEquals(isPage(answer), true, where);
    assertMatch(answer.html, /There is nothing here|There is no /, where);
  }
  // nothing was done on the way
  assertEquals((await it.gateway.api("GET", `/v1/devices/${it.ids.devices}`)).body.data.status, "connected");
  assertEquals((await it.gateway.api("GET", `/v1/webhooks/${it.ids.webhooks}`)).status, 200);
  assertEquals((await it.gateway.api("GET", "/v1/keys")).body.data.keys.length, 1);
});

Deno.test("dashboard shows nothing of a foreign tenant whose ids stand in a filter or a query", async () => {
  await using it = await furnished();
  const foreign = await signedIn(it.gateway, (await it.gateway.tenant("Orang lain")).key);
  const { devices, webhooks, deliveries, events, messages, blasts } = it.ids;

  for (
    const path of [
      `/ui/deliveries?webhook=${webhooks}&span=month`,
      `/ui/deliveries?device=${devices}&before=${deliveries}`,
      `/ui/deliveries?seen=${deliveries}`,
      `/ui/deliveries.csv?webhook=${webhooks}`,
      `/ui/replays/new?webhook=${webhooks}&span=month`,
      `/ui/events?device=${devices}`,
      `/ui/events.jsonl?device=${devices}`,
      `/ui/messages?before=${messages}`,
      `/ui/messages?seen=${messages}`,
      `/ui/messages/scheduled?after=${messages}`,
      `/ui/messages/new?again=${messages}`,
      ...[devices, webhooks, deliveries, events, messages, blasts, "628000000142"].map((id) =>
        `/ui/find?q=${id}`
      ),
    ]
  ) {
    const { status, html } = await foreign.get(path);
    assertEquals(status, 200, path);
    for (const secret of ["Ibu Sari", "127.0.0.1", 'data-id="', "/ui/devices/device_", "halo"]) {
      assertEquals(html.includes(secret), false, `${path} shows ${secret}`);
    }
  }
  for (
    const path of [
      `/ui/chats?device=${devices}`,
      `/ui/live?page=${encodeURIComponent(`/ui/devices/${devices}`)}`,
    ]
  ) {
    const { html } = path.includes("live")
      ? await firstOf(it.gateway, foreign.cookies, path)
      : await foreign.get(path);
    assertEquals(html.includes("Ibu Sari") || html.includes("hx-partial"), false, path);
  }
});

/** The beginning of a stream. */
async function firstOf(gateway: Gateway, cookies: ReadonlyMap<string, string>, path: string) {
  const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");
  const response = await fetch(gateway.url + path, { headers: { Cookie: cookie } });
  let html = "";
  for await (const text of response.body!.pipeThrough(new TextDecoderStream())) {
    html += text;
    if (html.includes("data:")) break;
  }
  return { html };
}

Deno.test("dashboard takes no form on any route without the session's token, and none from another site", async () => {
  await using it = await furnished();
  const visitor = await signedIn(it.gateway, MASTER_KEY);

  for (const route of ROUTES.filter(({ method }) => method === "POST")) {
    const path = pathTo(route, it.ids) ?? `/ui${route.path}`;
    const tokenless = await visitor.post(path, { csrf: "" });
    const crossSite = await visitor.post(path, {}, { "Sec-Fetch-Site": "cross-site" });
    for (const answer of [tokenless, crossSite]) {
      assertEquals(answer.status, 403, path);
      assertEquals(isPage(answer), true, path);
      assertStringIncludes(answer.html, "This form did not come from here", path);
    }
  }
});

Deno.test("dashboard leads to the sign-in from every route, and changes nothing, for whoever is not signed in", async () => {
  await using it = await furnished();

  for (const route of ROUTES) {
    const path = pathTo(route, it.ids) ?? `/ui${route.path.replace(":name", "message.received")}`;
    const stranger = aVisitor(it.gateway);
    const answer = route.method === "GET" ? await stranger.get(path) : await stranger.post(path, {});
    assertEquals(answer.status, 303, `${route.method} ${path}`);
    assertMatch(answer.location ?? "", /^\/ui\/sign-in/, path);
  }
});

Deno.test("dashboard writes events as JSON lines, those that the filter finds", async () => {
  await using it = await furnished();
  const visitor = await signedIn(it.gateway);

  const { html, headers } = await visitor.get("/ui/events.jsonl?types=message.received");

  assertEquals(headers.get("Content-Disposition"), 'attachment; filename="events.jsonl"');
  const events = html.trimEnd().split("\n").map((line) => JSON.parse(line));
  assertEquals([...new Set(events.map(({ event }) => event))], ["message.received"]);
  assertStringIncludes(html, "Ibu Sari");
});
