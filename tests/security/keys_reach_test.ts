import { assertEquals, assertStringIncludes } from "@std/assert";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { aNumber, type Gateway, KEY, runGateway } from "../support/gateway.ts";
import { startReceiver } from "../support/receiver.ts";

/** How sending a file from this address ends, on every surface. */
async function endsOf(
  gateway: Gateway,
  device: string,
  key: string,
  url: string,
): Promise<readonly string[]> {
  const to = gateway.simulator.contact(aNumber(), "Anna").number;
  const answers = [
    await gateway.api("POST", `/v1/devices/${device}/messages/document`, { to, url }, key),
    await gateway.api("POST", "/api/message/send/file", { instanceId: device, to, fileUrl: url }, key),
    await gateway.api("POST", `/graph/${device}/messages`, {
      messaging_product: "whatsapp",
      to,
      type: "document",
      document: { link: url },
    }, key),
  ];
  return answers.map(({ status, text }) => status === 200 ? "sent" : text);
}

Deno.test("key that manages nothing leads files from the operator's network to nobody", async () => {
  await using rx = await startReceiver();
  rx.respond({ body: "%PDF-1.4", headers: { "Content-Type": "application/pdf" } });
  await using gateway = await runGateway({ whatsapp: true });
  const { id } = await gateway.pair();
  const wish = { name: "Assistant", scopes: ["read", "send"] };
  const { body } = await gateway.api("POST", "/v1/keys", wish);
  const sender = body.data.api_key;

  const operators = await endsOf(gateway, id, KEY, `${rx.url}/a.pdf`);
  const taken = rx.requests.length;
  const senders = await endsOf(gateway, id, sender, `${rx.url}/a.pdf`);
  const metrics = await endsOf(gateway, id, sender, `${gateway.url}/metrics`);

  assertEquals(operators, ["sent", "sent", "sent"]);
  for (const end of senders) assertStringIncludes(end, "leads to a loopback address");
  for (const end of metrics) assertStringIncludes(end, "is this gateway itself");
  assertEquals([taken, rx.requests.length], [3, 3]);
});

Deno.test("assistant's key leads files from the operator's network to nobody", async () => {
  await using gateway = await runGateway({ whatsapp: true });
  const { id, phone } = await gateway.pair();
  const { body } = await gateway.api("POST", "/v1/keys", { name: "Assistant", scopes: ["read", "send"] });
  const client = new Client({ name: "test", version: "1" }, { versionNegotiation: { mode: "auto" } });
  const headers = { Authorization: `Bearer ${body.data.api_key}` };
  const url = new URL("/mcp", gateway.url);
  await client.connect(new StreamableHTTPClientTransport(url, { requestInit: { headers } }));
  const anna = gateway.simulator.contact(aNumber(), "Anna");
  await anna.sendText(phone, "Halo");

  const answer = await client.callTool({
    name: "send_file",
    arguments: {
      device: id,
      chat: anna.pnJid,
      url: "https://127.0.0.1:1/a.pdf",
      idempotencyKey: "assistant-1",
    },
  });
  await client.close();

  assertStringIncludes(JSON.stringify(answer.content), "MEDIA_URL_REFUSED");
});
