import { assertEquals, assertStringIncludes } from "@std/assert";
import { FORMATS } from "../../../src/formats/mod.ts";
import { setUpHttp } from "../../support/http.ts";

const RX = "http://127.0.0.1:9/hook";

for (const { name, names, timeoutMs, ownHeaders } of Object.values(FORMATS)) {
  Deno.test(`format ${name} can be subscribed to, as a whole and event by event`, async () => {
    await using http = await setUpHttp();

    for (const events of [["*"], names]) {
      const answer = await http.ask("POST", "/v1/webhooks", { body: { url: RX, format: name, events } });

      assertEquals(answer.status, 201, answer.text);
      assertEquals(answer.at("data.format"), name);
      assertEquals(answer.at("data.retry"), name);
      assertEquals(answer.at("data.timeout"), timeoutMs / 1000);
    }
  });

  Deno.test(`format ${name} gives its name to a retry policy`, async () => {
    await using http = await setUpHttp();

    const answer = await http.ask("POST", "/v1/webhooks", { body: { url: RX, events: ["*"], retry: name } });

    assertEquals(answer.status, 201, answer.text);
  });

  Deno.test(`format ${name} keeps its own headers from users of every format`, async () => {
    await using http = await setUpHttp();

    for (const header of ownHeaders) {
      const body = { url: RX, events: ["*"], headers: { [header.toLowerCase()]: "x" } };
      const answer = await http.ask("POST", "/v1/webhooks", { body });

      assertEquals(answer.status, 400, answer.text);
      assertStringIncludes(answer.text, "Kabar sets itself");
    }
  });

  Deno.test(`format ${name} stands in the description of the API`, async () => {
    await using http = await setUpHttp();

    const answer = await http.ask("GET", "/openapi.json");

    assertStringIncludes(
      JSON.stringify(answer.at("components.schemas.Webhook.properties.format")),
      `"${name}"`,
    );
  });
}

Deno.test("webhooks take headers that other systems call a token or a secret", async () => {
  await using http = await setUpHttp();
  const headers = { "X-Webhook-Token": "v", "X-Webhook-Secret": "v", "X-Rijan-Shop": "1" };

  const answer = await http.ask("POST", "/v1/webhooks", { body: { url: RX, events: ["*"], headers } });

  assertEquals(answer.status, 201, answer.text);
  assertEquals(answer.at("data.headers"), {
    "X-Webhook-Token": "***",
    "X-Webhook-Secret": "***",
    "X-Rijan-Shop": "***",
  });
});
