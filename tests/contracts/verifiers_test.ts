// Receivers of all kinds take what was signed here: applications in Node and PHP, and the public libraries.
import { assertEquals, assertThrows } from "@std/assert";
import { Webhook as StandardWebhook } from "standardwebhooks";
import { Webhook as SvixWebhook } from "svix";
import { runGateway } from "../support/gateway.ts";
import { until } from "../support/until.ts";
import { type ReceivedRequest, startReceiver } from "../support/receiver.ts";
import { verifyWebhookSignature } from "./receivers/verify.mjs";

const SECRET = "your-webhook-secret-key";
/** Texts whose bytes differ between ways to write JSON. */
const TEXTS = [
  "Halo, saya tertarik dengan produk Anda.",
  "a/b <b> & 'c' \"d\" \\ \b\f\n\r\t \u007f",
  "\u2028 \u2029 \u0000 é 漢字 🎉👩‍👩‍👧 \ud83d",
  '{"10":1,"9":2,"a":1.0,"b":1e21}',
];

/** What a receiver gets when these texts come in on a device. */
async function requestsFor(
  texts: readonly string[],
  secret: string | undefined,
): Promise<{ readonly requests: readonly ReceivedRequest[]; readonly secret: string }> {
  await using rx = await startReceiver();
  await using gateway = await runGateway({ whatsapp: true });
  const { phone } = await gateway.pair();
  const created = await gateway.api("POST", "/v1/webhooks", {
    url: rx.url,
    events: ["message.received"],
    secret,
  });
  const budi = gateway.simulator.contact("628123456789", "Budi “B” & Co");
  for (const text of texts) await budi.sendText(phone, text);
  const requests = await rx.waitFor(texts.length);
  return { requests, secret: secret ?? created.body.data.secret };
}

async function phpIsInstalled(): Promise<boolean> {
  try {
    return (await new Deno.Command("php", { args: ["-v"], stdout: "null" }).output()).success;
  } catch {
    return false;
  }
}

/** PHP's own web server with one script; asks it with the bytes and headers that came in. */
async function startPhp(script: string) {
  const probe = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = probe.addr;
  probe.close();
  const path = new URL(script, import.meta.url).pathname;
  const php = new Deno.Command("php", {
    args: ["-S", `127.0.0.1:${port}`, path],
    stdout: "null",
    stderr: "null",
  }).spawn();
  const post = async (body: Uint8Array, headers: Readonly<Record<string, string>>) => {
    const response = await fetch(`http://127.0.0.1:${port}/`, {
      method: "POST",
      body: body as Uint8Array<ArrayBuffer>,
      headers,
    });
    await response.body?.cancel();
    return response.status;
  };
  await until(() => post(new Uint8Array(), {}).then(() => true, () => false), "PHP to listen");
  return {
    post,
    async [Symbol.asyncDispose]() {
      php.kill("SIGTERM");
      await php.status;
    },
  };
}

Deno.test("a Node application accepts our signature over the JSON that it makes again", async () => {
  const { requests } = await requestsFor(TEXTS, SECRET);

  const verdicts = requests.map(({ json, headers }) =>
    verifyWebhookSignature(json, headers["x-rijan-signature"], SECRET)
  );

  assertEquals(verdicts, TEXTS.map(() => true));
});

Deno.test({
  name: "a PHP application accepts our signature over the bytes (only where php is installed)",
  ignore: !(await phpIsInstalled()),
  async fn() {
    const { requests } = await requestsFor(TEXTS, SECRET);
    await using php = await startPhp("receivers/receiver.php");

    const statuses = await Promise.all(
      requests.map(({ rawBody, headers }) =>
        php.post(rawBody, { "x-rijan-signature": headers["x-rijan-signature"] })
      ),
    );
    const forged = await php.post(requests[0].rawBody, { "x-rijan-signature": "0".repeat(64) });

    assertEquals(statuses, TEXTS.map(() => 200));
    assertEquals(forged, 401);
  },
});

for (const [name, Library] of [["standardwebhooks", StandardWebhook], ["svix", SvixWebhook]] as const) {
  Deno.test(`${name} verifies our requests with the secret that was made here`, async () => {
    const { requests, secret } = await requestsFor(TEXTS, undefined);

    const library = new Library(secret);

    for (const { body, headers } of requests) {
      library.verify(body, headers); // throws when it is not so
      assertThrows(() => library.verify(`${body} `, headers));
    }
  });
}

Deno.test("standardwebhooks verifies our requests with a secret of the user's own", async () => {
  const { requests: [{ body, headers, json }] } = await requestsFor(TEXTS.slice(0, 1), SECRET);

  const verified = new StandardWebhook(SECRET, { format: "raw" }).verify(body, headers);

  assertEquals(verified, json);
});
