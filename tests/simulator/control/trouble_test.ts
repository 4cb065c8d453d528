import { assertEquals } from "@std/assert";
import { downloadMediaMessage } from "@whiskeysockets/baileys";
import { ANNA, linkOver, PHONE, withControl } from "../../support/controlled.ts";

withControl("lets the file of one message fail", async (control, simulator) => {
  const client = await linkOver(control, simulator.url);
  const { body: { id } } = await control.ask("POST", `/contacts/${ANNA}/messages`, { to: PHONE, image: {} });
  const { message } = await client.message(id);
  const download = () =>
    downloadMediaMessage(message, "buffer", {}).then(() => 200, (error) => Number(error.output?.statusCode));

  const put = await control.ask("PUT", "/media/faults", [{ messageId: id, status: 410, times: 1 }]);
  const unknown = await control.ask("PUT", "/media/faults", [{ messageId: "NOBODYS", status: 410 }]);

  assertEquals([put.status, unknown.status, unknown.body.error.split(":")[0]], [200, 404, "messageId"]);
  assertEquals([await download(), await download()], [410, 200]);
  await client.end();
});

withControl("sets timers, and shows what will not disappear", async (control, simulator) => {
  const client = await linkOver(control, simulator.url);

  const { body: set } = await control.ask("PUT", `/contacts/${ANNA}/disappearing`, {
    to: PHONE,
    seconds: 86_400,
  });
  await client.message(set.id);
  await client.socket.sendMessage(`${ANNA}@s.whatsapp.net`, { text: "stays" });
  const { body: got } = await control.ask<
    readonly { readonly text: string; readonly willNotDisappear?: boolean }[]
  >(
    "GET",
    `/contacts/${ANNA}/messages?wait=5`,
  );

  assertEquals(got.map(({ text, willNotDisappear }) => [text, willNotDisappear]), [["stays", true]]);
  await client.end();
});

withControl("shows that a call was rejected", async (control, simulator) => {
  const client = await linkOver(control, simulator.url);
  const { body: { callId } } = await control.ask("POST", `/contacts/${ANNA}/calls`, { to: PHONE });
  const call = await client.until(() => client.of("call").flat().at(0), "the call");

  await client.socket.rejectCall(call.id, call.from);
  await simulator.until(() => simulator.network.findContact(ANNA)?.callAnswers.length, "the answer");
  const { body } = await control.ask<readonly { readonly callId: string; readonly step: string }[]>(
    "GET",
    `/contacts/${ANNA}/calls`,
  );

  assertEquals(body.map((answer) => [answer.callId, answer.step]), [[callId, "reject"]]);
  await client.end();
});

withControl("refuses logins for a while, and ends streams with any error", async (control, simulator) => {
  const client = await linkOver(control, simulator.url);

  const put = await control.ask("PUT", "/faults", {
    loginFailure: { reason: 402, code: 101, expire: 60, times: 1 },
  });
  await control.ask("POST", `/phones/${PHONE}/devices/1/stream-error`, {
    attrs: { code: "503" },
    children: [{ tag: "text", attrs: { text: "service-unavailable" } }],
  });
  await client.closed(503);
  client.connect();
  await client.closed(402);
  client.connect();
  await client.open();

  assertEquals(put.status, 200);
  await client.end();
});
