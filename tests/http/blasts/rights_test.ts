import { assertEquals, assertStringIncludes } from "@std/assert";
import { setUpBlasting } from "../../support/blasting.ts";

Deno.test("blast whose key stops to count while its body comes in is refused, and nothing of it is kept", async () => {
  const rights = new AbortController();
  await using server = await setUpBlasting({ rights: rights.signal });
  const line = await server.addDevice("device_1");
  const head = '{"channels":["whatsapp"],"message":"promo","device":"device_1","recipients":["628123456780",';
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(new TextEncoder().encode(head)),
    pull(controller) {
      rights.abort(); // the beginning has been read
      controller.enqueue(new TextEncoder().encode('"628123456781"]}'));
      controller.close();
    },
  }, { highWaterMark: 0 });

  const response = await server.app.request("/api/messages/blast", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body,
  }, { remoteAddr: { hostname: "127.0.0.1" } });

  const { success, message } = await response.json();
  assertEquals([response.status, success], [401, false]);
  assertStringIncludes(message, "stopped to count while the body came in");
  assertEquals(await server.store.blasts.list("tenant_default", { limit: 9 }), []);
  assertEquals(line.sent, []);
});
