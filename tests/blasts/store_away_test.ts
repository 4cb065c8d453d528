import { assertEquals } from "@std/assert";
import { StoreUnavailableError } from "../../src/errors.ts";
import type { OptOuts } from "../../src/store/opt_outs.ts";
import { setUpBlasting } from "../support/blasting.ts";

Deno.test("blast message that was taken when the store went away is sent when it is back", async () => {
  await using server = await setUpBlasting();
  const line = await server.addDevice("device_1");
  const optOuts = server.store.optOuts as { -readonly [K in keyof OptOuts]: OptOuts[K] };
  const { find } = optOuts;
  let asked = 0;
  optOuts.find = (...about) =>
    ++asked === 2
      ? Promise.reject(new StoreUnavailableError("Cannot use the store: it is away"))
      : find(...about);

  const { json } = await server.ask("POST", "/api/messages/blast", {
    channels: ["whatsapp"],
    message: "promo",
    recipients: ["6281200000001", "6281200000002", "6281200000003"],
    device: "device_1",
  });
  await server.reaches(json.blast_id, "completed");

  const { sent, processing } = await server.store.blasts.counts(String(json.blast_id));
  assertEquals([sent, processing, line.sent.length], [3, 0, 3]);
});
