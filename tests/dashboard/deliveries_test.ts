import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { browserTest, flawsOf, signIn, watched } from "../support/chromium.ts";
import { DEFAULT_TENANT } from "../../src/ids.ts";
import { aDraft, aNewDelivery } from "../store/contracts/samples.ts";
import { until } from "../support/until.ts";
import { type Gateway, KEY, runGateway } from "../support/gateway.ts";
import { type Receiver, startReceiver } from "../support/receiver.ts";
import { signedIn } from "../support/ui.ts";

const HOSTILE = `"><img src=x onerror=alert(1)><b hx-get="/ui/sign-out" hx-trigger="load">`;

/** A gateway whose one webhook got a stranger's message and refused it until its retries were used up. */
async function withFailure(receiver: Receiver, gateway: Gateway): Promise<{ readonly delivery: string }> {
  const webhook = { url: receiver.url, events: ["message.received"], retry: [] };
  assertEquals((await gateway.api("POST", "/v1/webhooks", webhook)).status, 201);
  const { phone } = await gateway.pair();
  await gateway.simulator.contact("628120000142", HOSTILE).sendText(phone, HOSTILE);
  const delivery = await until(async () => {
    const { body } = await gateway.api("GET", "/v1/deliveries?status=failed");
    return body.data.deliveries[0]?.delivery_id as string | undefined;
  }, "the failure");
  return { delivery };
}

const SETTINGS = { settings: { WEBHOOK_RETRY_SCALE: "1" }, whatsapp: true };

Deno.test("dashboard shows a failed delivery with its attempts, and sends it again", async () => {
  await using gateway = await runGateway(SETTINGS);
  await using receiver = await startReceiver({ status: 503, body: "<script>alert(1)</script> back soon" });
  const { delivery } = await withFailure(receiver, gateway);
  const visitor = await signedIn(gateway);

  const list = await visitor.get("/ui/deliveries?state=failed");
  const one = await visitor.get(`/ui/deliveries/${delivery}`);
  receiver.respond(200);
  const retried = await visitor.post(`/ui/deliveries/${delivery}/retry`, {});

  assertEquals(list.status, 200);
  assertStringIncludes(list.html, `/ui/deliveries/${delivery}`);
  assertMatch(list.html, /<kbd>j<\/kbd><kbd>k<\/kbd> move<kbd>↵<\/kbd> open<kbd>c<\/kbd> copy the id/);
  assertStringIncludes(list.html, "One event to one webhook each. Kept for 30 days.");
  assertStringIncludes(one.html, "back soon");
  assertMatch(
    one.html,
    /class="dry-run[^]*Dry run[^]*1 delivery would be sent again[^]*message\.received[^]*>1</,
  );
  assertMatch(
    one.html,
    /action="\/ui\/replays\/new\?span=month&amp;state=failed&amp;webhook=[^]*Replay 1 all the same/,
  );
  assertMatch(
    one.html,
    /<dt>Chat<\/dt><dd><a href="\/ui\/chats\?device=device_\w+&amp;chat=628120000142%40s\.whatsapp\.net"/,
  );
  assert(!/<img src=x|<script>alert|<b hx-get/.test(list.html + one.html));
  assertEquals([retried.status, retried.location], [303, `/ui/deliveries/${delivery}`]);
  await until(async () => {
    const { body } = await gateway.api("GET", `/v1/deliveries/${delivery}`);
    return body.data.status === "success";
  }, "the second attempt");
});

Deno.test("dashboard tells deliveries that are tried again from those that are given up", async () => {
  await using gateway = await runGateway(SETTINGS);
  await using receiver = await startReceiver(503);
  await gateway.api("POST", "/v1/webhooks", {
    url: `${receiver.url}/once`,
    events: ["message.received"],
    retry: [],
    recovery: false,
  });
  await withFailure(receiver, gateway);
  const failed = await until(async () => {
    const { body } = await gateway.api("GET", "/v1/deliveries?status=failed");
    return body.data.deliveries.length === 2 ? body.data.deliveries : undefined;
  }, "both failures");
  const { webhooks } = (await gateway.api("GET", "/v1/webhooks")).body.data;
  const [givenUp, failing] = webhooks.map(({ webhook_id }: { webhook_id: string }) =>
    failed.find((delivery: { webhook_id: string }) => delivery.webhook_id === webhook_id).delivery_id
  );
  const visitor = await signedIn(gateway);
  const shown = async (query: string) => {
    const { html } = await visitor.get(`/ui/deliveries?${query}`);
    return [...html.matchAll(/data-id="(dlv_\w+)"/g)].map(([, id]) => id);
  };

  await until(async () => (await shown("state=failing")).length === 1, "the probes");
  assertEquals(await shown("state=failing"), [failing]);
  assertEquals(await shown("state=given_up"), [givenUp]);
  assertEquals((await shown("state=failed")).toSorted(), [failing, givenUp].toSorted());
  const { html } = await visitor.get("/ui/deliveries");
  assertMatch(html, /Failing<small[^>]*>1<[^]*Given up<small[^>]*>1</);
  assertMatch(html, /<th[^>]*>Duration<[^]*<td class="num unlisted nowrap">[\d.,]+ m?s</);
  const bar = await visitor.get("/ui/deliveries?since=1790000000000&until=1790003600000");
  assertMatch(
    bar.html,
    /<form action="\/ui\/deliveries"[^]*name="since" value="1790000000000"[^]*name="until"[^]*<\/form>/,
  );
  const dry = await visitor.get("/ui/replays/new?state=given_up");
  assertStringIncludes(dry.html, "1 delivery would be sent again");
  const event = await visitor.get(`/ui/events/${failed[0].event_id}`);
  assertEquals(
    [...event.html.matchAll(/class="state (?:warn|bad)"[^]*?<\/svg>([^<]+)</g)].map(([, word]) => word)
      .toSorted(),
    ["Failing", "Given up"],
  );
  assertMatch(event.html, /data-copy="#body"[^]*Copy as fixture[^]*id="body"/);
  const indonesian = await visitor.get("/ui/deliveries?lang=id");
  assertMatch(indonesian.html, /Gagal, masih dicoba<small[^>]*>1<[^]*Gagal, tidak dicoba lagi<small[^>]*>1</);
});

Deno.test("dashboard shows what a replay would send before it sends anything", async () => {
  await using gateway = await runGateway(SETTINGS);
  await using receiver = await startReceiver(503);
  await withFailure(receiver, gateway);
  const visitor = await signedIn(gateway);

  const dry = await visitor.get("/ui/replays/new?state=failed");
  const before = receiver.requests.length;
  receiver.respond(200);
  const begun = await visitor.post("/ui/replays/new?state=failed", {});

  assertStringIncludes(dry.html, "1 delivery would be sent again");
  assertEquals(before, 1);
  assertEquals(begun.status, 303);
  assertMatch(begun.location ?? "", /^\/ui\/replays\/rpl_/);
  await receiver.waitFor(2);
  await until(
    async () => (await visitor.get(begun.location!)).html.includes("1 of 1 sent again"),
    "progress",
  );
});

Deno.test("dashboard keeps deliveries, events and messages of tenants apart", async () => {
  await using gateway = await runGateway(SETTINGS);
  await using receiver = await startReceiver(200);
  assertEquals((await gateway.api("POST", "/v1/webhooks", { url: receiver.url, events: ["*"] })).status, 201);
  const { phone, id } = await gateway.pair();
  await gateway.simulator.contact("628120000142", "Ibu Sari").sendText(phone, "Halo");
  await receiver.waitFor(1);
  const sent = await gateway.api("POST", `/v1/devices/${id}/messages/text`, {
    to: "628120000142",
    text: "Ya",
  });
  const deliveries = await gateway.api("GET", "/v1/deliveries");
  const [{ delivery_id, event_id }] = deliveries.body.data.deliveries;
  const { key } = await gateway.tenant();
  const stranger = await signedIn(gateway, key);

  for (
    const path of [
      `/ui/deliveries/${delivery_id}`,
      `/ui/events/${event_id}`,
      `/ui/messages/${sent.body.data.message_id}`,
    ]
  ) {
    const own = await (await signedIn(gateway)).get(path);
    const foreign = await stranger.get(path);
    assertEquals([own.status, foreign.status], [200, 404], path);
    assert(!foreign.html.includes("Ibu Sari"));
  }
  assert(!(await stranger.get("/ui/find?q=628120000142")).html.includes("/ui/messages/"));
  assert(!(await stranger.get("/ui/logs")).html.includes("/ui/webhooks/"));
});

Deno.test("dashboard writes the list as a file that no spreadsheet takes for a program", async () => {
  await using gateway = await runGateway(SETTINGS);
  await using receiver = await startReceiver(503);
  const { delivery } = await withFailure(receiver, gateway);
  const visitor = await signedIn(gateway);

  const file = await visitor.get("/ui/deliveries.csv?state=failed");

  assertEquals(file.headers.get("Content-Type"), "text/csv; charset=utf-8");
  const [head, line] = file.html.replace("\ufeff", "").split("\r\n");
  assertEquals(head.split(",").slice(0, 3), ["delivery_id", "created_at", "event"]);
  assertEquals([line.split(",")[0], line.split(",")[6]], [delivery, "failed"]);
});

browserTest(
  "dashboard's lists and pages keep the policy and have no flaws, whatever strangers write",
  async (browser) => {
    await using gateway = await runGateway(SETTINGS);
    await using receiver = await startReceiver({ status: 503, body: HOSTILE });
    const { delivery } = await withFailure(receiver, gateway);
    const page = await browser.newPage();
    const misdeeds = await watched(page);
    await signIn(page, gateway.url, KEY, "/ui");
    const { body } = await gateway.api("GET", "/v1/events?after=0");
    const event = body.data.events.at(-1).event_id;
    const paths = [
      "",
      "/deliveries",
      `/deliveries/${delivery}`,
      "/replays",
      "/replays/new?state=failed",
      "/events",
      `/events/${event}`,
      "/messages",
      "/logs",
      `/find?q=${encodeURIComponent(HOSTILE)}`,
    ];

    for (const path of paths) {
      for (const width of [1280, 390]) {
        await page.setViewport({ width, height: 900 });
        const response = await page.goto(`${gateway.url}/ui${path}`);
        assertEquals(response?.status(), 200, path);
        assertEquals(await flawsOf(page), [], `${path} at ${width}`);
        const wider = await page.evaluate("document.documentElement.scrollWidth > innerWidth");
        assertEquals(wider, false, `${path} at ${width} is wider than the screen`);
      }
    }
    assertEquals(misdeeds.list, []);
  },
);

Deno.test("dashboard says of each attempt why it was made, what it met and how it can be made by hand", async () => {
  await using gateway = await runGateway({ settings: { WEBHOOK_RETRY_SCALE: "0.01" }, whatsapp: true });
  await using receiver = await startReceiver(503, {
    status: 503,
    headers: { "Retry-After": "1", "X-Proxy": "<b>edge-7</b>" },
    body: "deploying",
  });
  await gateway.api("POST", "/v1/webhooks", {
    url: receiver.url,
    events: ["message.received"],
    retry: [1, 1],
    headers: { Authorization: "Bearer hidden" },
  });
  const { phone } = await gateway.pair();
  await gateway.simulator.contact("628120000143", "Ibu Sari").sendText(phone, "Halo");
  const id = await until(async () => {
    const { body } = await gateway.api("GET", "/v1/deliveries?status=failed");
    return body.data.deliveries[0]?.delivery_id as string | undefined;
  }, "the failure");
  const visitor = await signedIn(gateway);

  const { html } = await visitor.get(`/ui/deliveries/${id}`);

  for (
    const words of [
      "as planned",
      "the response asked for it with",
      "Retry-After: 1",
      "x-proxy: &lt;b&gt;edge-7&lt;/b&gt;",
      "The receiver is in trouble itself.",
      "Ibu Sari wrote",
      "webhook-signature",
      "curl -X POST",
      "authorization: ***",
    ]
  ) assertStringIncludes(html, words);
  assert(!html.includes("Bearer hidden"));
  const inSession = await visitor.get(`/ui/deliveries/${id}?format=session`);
  assertStringIncludes(inSession.html, "&quot;sessionId&quot;");
  const indonesian = await visitor.get(`/ui/deliveries/${id}?lang=id`);
  assertStringIncludes(indonesian.html, "Penerima sendiri sedang bermasalah.");
});

Deno.test("dashboard counts rows that came since a list was opened, and moves none that somebody reads", async () => {
  await using gateway = await runGateway();
  await using app = await startReceiver();
  await gateway.api("POST", "/v1/webhooks", { url: app.url, events: ["webhook.test"] });
  const [{ webhook_id }] = (await gateway.api("GET", "/v1/webhooks")).body.data.webhooks;
  const test = () => gateway.api("POST", `/v1/webhooks/${webhook_id}/test`);
  await test();
  const visitor = await signedIn(gateway);
  const opened = await visitor.get("/ui/deliveries");
  const stream = decodeURIComponent(/\/ui\/live\?page=([^"]+)/.exec(opened.html)?.[1] ?? "");
  const [first] = /dlv_k\w+/.exec(opened.html) ?? [];

  await test();
  await test();
  const followed = await visitor.get(stream);

  assertEquals(/data-id="(dlv_\w+)"/.exec(followed.html)?.[1], first);
  assertStringIncludes(followed.html, "2 new, show");
});

Deno.test("dashboard looks at a part of a long history for a filter that hardly anything fits, and leads on", async () => {
  await using gateway = await runGateway();
  await using app = await startReceiver();
  await gateway.api("POST", "/v1/webhooks", { url: app.url, events: ["webhook.test"] });
  const [{ webhook_id }] = (await gateway.api("GET", "/v1/webhooks")).body.data.webhooks;
  await gateway.api("POST", `/v1/webhooks/${webhook_id}/test`);
  await gateway.restored(async (store) => {
    const now = Date.now();
    const many = Array.from({ length: 30_000 }, () => aNewDelivery(webhook_id, { name: "other" }));
    await store.events.append(aDraft({ tenantId: DEFAULT_TENANT }), many, now);
    await store.deliveries.cancelPending(webhook_id, now);
  });
  const visitor = await signedIn(gateway);

  const newest = await visitor.get("/ui/deliveries?event=webhook.test");
  const older = await visitor.get(
    /\/ui\/deliveries\?[^"]*before=dlv_\w+/.exec(newest.html)?.[0].replaceAll("&amp;", "&") ?? "",
  );

  assertStringIncludes(newest.html, "Nothing fits among the newest 20,000.");
  assertMatch(older.html, /data-id="dlv_/);
  assertEquals(older.html.includes("Look further"), false);
});
