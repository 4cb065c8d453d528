import { assertEquals } from "@std/assert";
import { setUpBlasting } from "../../support/blasting.ts";
import { until } from "../../support/until.ts";
import { mockQiscus } from "../../support/qiscus.ts";

const OUR_URL = "https://cb.example/webhooks/qiscus";

Deno.test("qiscus is told at the start where to send its webhooks", async () => {
  await using qiscus = await mockQiscus();
  await using _server = await setUpBlasting({ qiscus });

  await until(() => qiscus.requests.length > 0, "it is registered");

  const [{ method, path, headers, body }] = qiscus.requests;
  assertEquals([method, path, body], ["POST", "/whatsapp/app-1/4711/settings", {
    webhooks: { url: OUR_URL },
  }]);
  assertEquals([headers["qiscus-app-id"], headers["qiscus-secret-key"]], ["app-1", "key-1"]);
});

Deno.test("qiscus is told again until it listens, and nothing waits for it", async () => {
  await using qiscus = await mockQiscus();
  qiscus.settings = () => ({ status: 500 });
  await using server = await setUpBlasting({ qiscus });

  const { status } = await server.ask("GET", "/webhooks/qiscus");
  await until(() => qiscus.requests.length >= 3, "it was tried three times");
  qiscus.settings = () => ({ status: 200, body: {} });
  const tried = qiscus.requests.length;
  await until(() => qiscus.requests.length > tried, "it was tried once more");

  assertEquals(status, 200);
});

Deno.test("qiscus status shows where webhooks go", async () => {
  await using qiscus = await mockQiscus();
  qiscus.settings = () => ({
    status: 200,
    body: { webhooks: { url: OUR_URL, created_at: "2025-11-01T10:00:00Z" } },
  });
  await using server = await setUpBlasting({ qiscus });

  const { status, json } = await server.ask("GET", "/api/qiscus/webhook/status");

  assertEquals([status, json], [200, {
    success: true,
    webhook: {
      configured: true,
      baseUrl: qiscus.url,
      appId: "app-1",
      currentConfig: { url: OUR_URL, created_at: "2025-11-01T10:00:00Z" },
    },
  }]);
});

Deno.test("qiscus status says that qiscus does not answer, or is not configured", async () => {
  await using qiscus = await mockQiscus();
  qiscus.settings = () => ({ status: 500 });
  await using mute = await setUpBlasting({ qiscus });
  await using none = await setUpBlasting();

  const answers = [
    await mute.ask("GET", "/api/qiscus/webhook/status"),
    await none.ask("GET", "/api/qiscus/webhook/status"),
  ];

  assertEquals(answers.map(({ status, json }) => [status, json.webhook]), [
    [200, { configured: true, baseUrl: qiscus.url, appId: "app-1", currentConfig: null }],
    [200, { configured: false, baseUrl: "", appId: "", currentConfig: null }],
  ]);
});
