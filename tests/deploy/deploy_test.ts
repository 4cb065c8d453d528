import { createHmac } from "node:crypto";
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { WhatsAppSimulator } from "../../src/simulator/mod.ts";
import { until } from "../support/until.ts";
import { execute, temporaryDatabase, testWithPostgres } from "../support/postgres.ts";
import { quietLibsignal } from "../support/quiet_libsignal.ts";
import { call, KEY, startGatewayProcess } from "../support/process.ts";
import { startReceiver } from "../support/receiver.ts";
import { startInstance, TESTED } from "./platform.ts";

quietLibsignal();

const SECRET = "a secret of the tests";

/** A file that a gateway hands out. */
async function fileAt(url: string, path: string): Promise<Uint8Array> {
  const response = await fetch(url + path, { headers: { "X-API-Key": KEY } });
  if (!response.ok) throw new Error(`${path} is answered ${response.status}: ${await response.text()}`);
  return await response.bytes();
}

/** Another server's report, which is answered as soon as it is stored. The answer's status. */
async function tell(url: string, sessionId: string): Promise<number> {
  const response = await fetch(`${url}/api/whatsapp/webhook`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ sessionId, event: "disconnected", data: { reason: "gone" } }),
  });
  await response.body?.cancel();
  return response.status;
}

testWithPostgres(
  `Deploy instance serves the API and the pages, and delivers what it publishes (${TESTED})`,
  async () => {
    await using database = await temporaryDatabase({ bare: true });
    const receiver = await startReceiver();
    await using instance = await startInstance({
      DATABASE_URL: database.url,
      WEBHOOK_URL: `${receiver.url}/hook`,
    });

    const made = await call(instance.url, "POST", "/v1/webhooks", {
      url: `${receiver.url}/other`,
      events: ["message.received"],
    });
    const sent = await call(instance.url, "POST", "/api/webhook/send", { eventType: "order.paid", data: {} });
    const pages = await Promise.all(
      ["/", "/docs", "/openapi.json", "/ui/sign-in", "/ready"].map(async (path) => {
        const response = await fetch(instance.url + path);
        await response.body?.cancel();
        return response.status;
      }),
    );
    const unsigned = await tell(instance.url, "s-1");

    assertEquals([made.status, sent.body.result.success], [201, true]);
    assertEquals(receiver.requests.map(({ json }) => json.event), ["order.paid"]);
    assertEquals(pages, [200, 200, 200, 200, 200]);
    assertEquals(unsigned, 401); // a connection of the platform is nobody's of this machine
    assertEquals(await instance.stop(), 0);
    await receiver.stop();
  },
);

testWithPostgres(`Deploy's pump works off what an ended instance has left (${TESTED})`, async () => {
  await using database = await temporaryDatabase();
  const receiver = await startReceiver();
  const env = {
    DATABASE_URL: database.url,
    WEBHOOK_URL: `${receiver.url}/hook`,
    RECEIVERS_OPEN: "true",
    LEASE_SECONDS: "2",
  };
  receiver.respond(503);
  const first = await startInstance(env);
  const sent = await tell(first.url, "s-1");
  await receiver.waitFor(1);
  await first.kill(); // evicted without a word
  const before = receiver.requests.length;
  receiver.respond(200);

  await using second = await startInstance(env);
  second.tick(); // nobody asks it for anything
  await until(() => receiver.requests.length > before, "the retry");

  assertEquals([sent, before >= 1], [200, true]);
  const outcomes = () => call(second.url, "GET", "/v1/deliveries?status=success");
  await until(async () => (await outcomes()).body.data.deliveries.length === 1, "the delivery to be done");
  assertEquals(await second.stop(), 0);
  await receiver.stop();
});

testWithPostgres(
  `Deploy instance sends, pairs and hands out files through a gateway on a machine (${TESTED})`,
  async () => {
    const dir = await Deno.makeTempDir();
    await using database = await temporaryDatabase();
    const simulator = await WhatsAppSimulator.start();
    await Deno.writeTextFile(`${dir}/ca.pem`, simulator.tlsCaPem ?? "");
    const machine = await startGatewayProcess({
      dir,
      env: {
        DATABASE_URL: database.url,
        WHATSAPP_WS_URL: simulator.url,
        WHATSAPP_ROOT_KEY: simulator.rootKey.toString("hex"),
        WHATSAPP_MEDIA_CA: `${dir}/ca.pem`,
        WHATSAPP_WEBHOOK_SECRET: SECRET,
      },
    });
    await using instance = await startInstance({
      DATABASE_URL: database.url,
      WHATSAPP_WEBHOOK_SECRET: SECRET,
      MAX_ATTACHMENT_SIZE: "1000000",
    });
    const phone = simulator.phone("6281100000001", "Toko");
    const anna = simulator.contact("6281100000002", "Anna");

    const made = await call(instance.url, "POST", "/v1/devices", { label: "Toko" });
    const path = `/v1/devices/${made.body.data.id}`;
    const qr = await until(async () => {
      const answer = await call(instance.url, "POST", `${path}/pairing/qr`);
      if (answer.status === 503) return undefined; // on a busy machine a gateway may lose its leases meanwhile
      assertEquals(answer.status, 200, JSON.stringify(answer.body));
      return answer;
    }, "a QR code");
    await simulator.scanQr(qr.body.data.qr, phone);
    await until(
      async () => (await call(instance.url, "GET", path)).body.data.status === "connected",
      "the device",
    );
    const sent = await call(instance.url, "POST", `${path}/messages/text`, { to: anna.number, text: "Halo" });
    const bytes = Uint8Array.from({ length: 600_000 }, (_, index) => index * 7 % 251);
    const document = { to: anna.number, media_base64: bytes.toBase64(), file_name: "a.bin" };
    const file = await call(instance.url, "POST", `${path}/messages/document`, document);
    const tooLarge = { ...document, media_base64: new Uint8Array(1_000_001).toBase64() };
    const refused = await call(instance.url, "POST", `${path}/messages/document`, tooLarge);
    await anna.waitMessage(({ message }) => JSON.stringify(message).includes("a.bin"));
    await anna.sendMedia(phone, "document", bytes);
    const received = await until(async () => {
      const { body } = await call(instance.url, "GET", "/v1/events?types=message.received");
      return body.data.events[0];
    }, "the file to come in");
    const fetched = await fileAt(instance.url, `${path}/media/${received.data.media.id}`);
    const report = JSON.stringify({
      sessionId: "cabang",
      event: "media",
      data: {
        messageMedia: { mimetype: "text/plain", filename: "a.txt", data: btoa("kept by the receiver") },
        message: { id: { fromMe: false, remote: "628123456789@c.us", id: "M1" } },
      },
    });
    const reported = await fetch(`${instance.url}/api/whatsapp/webhook`, {
      method: "POST",
      headers: {
        "Content-Type": "application/json",
        "X-Webhook-Signature": `sha256=${createHmac("sha256", SECRET).update(report).digest("hex")}`,
      },
      body: report,
    });
    await reported.body?.cancel();
    const { body: { data: { devices } } } = await call(instance.url, "GET", "/v1/devices");
    const other = devices.find(({ id }: { readonly id: string }) => id !== made.body.data.id);
    const kept = await Promise.all(
      [instance, machine].map(({ url }) => fileAt(url, `/v1/devices/${other.id}/media/M1`)),
    );

    assertEquals([qr.status, sent.status, sent.body.data.status], [200, 200, "sent"]);
    assertEquals([file.status, file.body.data?.status], [200, "sent"], JSON.stringify(file.body));
    assertEquals([refused.status, refused.body.error.code], [413, "MEDIA_TOO_LARGE"]);
    assertEquals(fetched, bytes);
    assertEquals(kept.map((each) => new TextDecoder().decode(each)), [
      "kept by the receiver",
      "kept by the receiver",
    ]);
    assertEquals([await instance.stop(), await machine.stop()], [0, 0]);
    await simulator.stop();
    await Deno.remove(dir, { recursive: true });
  },
);

testWithPostgres(
  `Deploy instance says what it lacks, and starts as soon as the database is there (${TESTED})`,
  async () => {
    await using database = await temporaryDatabase();
    const away = new URL(database.url);
    away.pathname = `/kabar_${crypto.randomUUID().slice(0, 8)}`;
    const ask = async (url: string) => {
      const response = await fetch(`${url}/ready`);
      return { status: response.status, text: await response.text() };
    };
    await using unset = await startInstance({});
    await using guessable = await startInstance({ DATABASE_URL: database.url, API_KEY: "short" });
    await using early = await startInstance({ DATABASE_URL: away.href });

    const [without, short, tooEarly] = await Promise.all(
      [unset, guessable, early].map(({ url }) => ask(url)),
    );
    await execute(database.url, `CREATE DATABASE ${away.pathname.slice(1)}`);
    const later = await ask(early.url);

    assertEquals([without.status, short.status, tooEarly.status, later.status], [503, 503, 503, 200]);
    assertStringIncludes(without.text, "DATABASE_URL must be set");
    assertStringIncludes(short.text, "API_KEY must have at least 16 characters");
    assertEquals(tooEarly.text.includes(away.pathname.slice(1)), false); // whoever asks is a stranger
    assertMatch(
      early.output(),
      /Cannot start: Cannot reach the database: database "kabar_\w+" does not exist/,
    );
    assertEquals(await early.stop(), 0);
    await execute(database.url, `DROP DATABASE ${away.pathname.slice(1)} WITH (FORCE)`);
  },
);

testWithPostgres(
  `Deploy instances side by side lose nothing when they are evicted at random (${TESTED})`,
  async () => {
    await using database = await temporaryDatabase();
    const receiver = await startReceiver();
    const env = {
      DATABASE_URL: database.url,
      WEBHOOK_URL: `${receiver.url}/hook`,
      WEBHOOK_FORMAT: "session", // tells which session it is about
      LEASE_SECONDS: "2",
      RECEIVERS_OPEN: "true",
    };
    const instances = await Promise.all([startInstance(env), startInstance(env)]);
    await using last = await startInstance(env);
    const accepted: string[] = [];
    const publish = async (url: string, name: string) => {
      const status = await tell(url, name).catch(() => 0); // its instance is gone
      if (status === 200) accepted.push(name);
    };

    const load = instances.flatMap(({ url }, index) =>
      Array.from({ length: 40 }, (_, number) => publish(url, `session-${index}-${number}.`))
    );
    await until(() => accepted.length >= 5, "the first to be accepted");
    await Promise.all([instances[0].kill(), instances[1].stop()]);
    await Promise.all(load);
    last.tick();
    const told = () => receiver.requests.map(({ body }) => body).join();
    await until(
      () => accepted.every((name) => told().includes(name)),
      "everything that was accepted",
    );

    assertEquals(await last.stop(), 0);
    await receiver.stop();
  },
);
