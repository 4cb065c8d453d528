import { Buffer } from "node:buffer";
import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { agree, keyPairOf, newKeyPair, sign, verify } from "../../../src/simulator/wire/keys.ts";
import { MediaHost } from "../../../src/simulator/wire/media_host.ts";
import { secretsFrom } from "../../../src/simulator/wire/seed.ts";

Deno.test("secrets are the same for the same text and purpose", () => {
  const [once, again, other] = ["a", "a", "b"].map(secretsFrom);

  assertEquals(once("root", 32), again("root", 32));
  assertNotEquals(once("root", 32), once("static", 32));
  assertNotEquals(once("root", 32), other("root", 32));
});

Deno.test("key pair of a secret agrees and signs as any other", () => {
  const pair = keyPairOf(secretsFrom("a")("root", 32));
  const other = newKeyPair();

  assertEquals(agree(pair.priv, other.pub), agree(other.priv, pair.pub));
  assert(verify(pair.pub, Buffer.from("x"), sign(pair.priv, Buffer.from("x"))));
});

Deno.test("client that trusted a seeded media host once trusts it after a restart", async () => {
  const first = new MediaHost("127.0.0.1", "127.0.0.1", secretsFrom("a"));
  const client = Deno.createHttpClient({ caCerts: [first.caPem] });
  await first.stop();
  const second = new MediaHost("127.0.0.1", "127.0.0.1", secretsFrom("a"));
  const { path } = second.put(Buffer.from("blob"));

  const response = await fetch(`https://${second.host}${path}`, { client });

  assertEquals([response.status, await response.text()], [200, "blob"]);
  client.close();
  await second.stop();
});
