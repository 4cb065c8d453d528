import { assertEquals, assertRejects } from "@std/assert";
import type { BinaryNode } from "@whiskeysockets/baileys";
import { child, node, text } from "../../../src/simulator/wire/nodes.ts";
import { BaileysClient } from "../../support/baileys_client.ts";
import { aNumber, link, withSimulator } from "../../support/simulated.ts";

withSimulator("login is refused with all that WhatsApp says, so many times", async (simulator) => {
  const { client } = await link(simulator);
  await client.end();
  simulator.faults.loginFailure = {
    reason: 402,
    code: 101,
    expire: 21_600,
    message: "banned",
    url: "https://example.org/why",
    logoutMessage: { header: "Account restricted", subtext: "Open WhatsApp on the phone", locale: "en_US" },
    times: 2,
  };
  const failures: BinaryNode[] = [];

  const attempts: BaileysClient[] = [];
  for (let attempt = 0; attempt < 3; attempt++) {
    const again = new BaileysClient(simulator.url, { auth: client.auth.copy() });
    again.socket.ws.on("CB:failure", (failure: BinaryNode) => failures.push(failure));
    attempts.push(again);
    await again.until(() => again.state !== "connecting", "open or closed");
  }

  assertEquals(attempts.map(({ state }) => state), ["close", "close", "open"]);
  assertEquals(
    failures.map(({ attrs }) => attrs),
    Array(2).fill({
      reason: "402",
      location: "sim",
      code: "101",
      expire: "21600",
      message: "banned",
      url: "https://example.org/why",
      logout_message_header: "Account restricted",
      logout_message_subtext: "Open WhatsApp on the phone",
      logout_message_locale: "en_US",
    }),
  );
  for (const each of attempts) await each.end();
});

withSimulator("stream ends with any error", async (simulator) => {
  const { client, device } = await link(simulator);
  const errors: BinaryNode[] = [];
  client.socket.ws.on("CB:stream:error", (error: BinaryNode) => errors.push(error));

  device.endStream({ code: "429" }, node("text", { text: "rate-overlimit" }));
  await client.closed(429);

  assertEquals(child(errors[0], "text")?.attrs, { text: "rate-overlimit" });
  await client.end();
});

withSimulator("scan asks for a passkey instead of linking", async (simulator) => {
  const client = new BaileysClient(simulator.url);
  const asked: BinaryNode[] = [];
  client.socket.ws.on(
    "CB:notification,type:passkey_prologue_request",
    (request: BinaryNode) => asked.push(request),
  );
  simulator.faults.askPasskey = true;
  const qr = await client.until(() => client.qr, "qr");

  const scanning = simulator.scanQr(qr, simulator.phone(aNumber()));
  await assertRejects(() => scanning, Error, "passkey");
  await client.until(() => asked.length > 0, "request");

  const options = JSON.parse(text(child(asked[0], "passkey_request_options")));
  assertEquals([asked[0].attrs.from, options.rpId], ["s.whatsapp.net", "whatsapp.com"]);
  await client.end();
});
