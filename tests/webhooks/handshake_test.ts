import { assertRejects } from "@std/assert";
import { InvalidError } from "../../src/errors.ts";
import { createGuard } from "../../src/net/guard.ts";
import { createHandshake } from "../../src/webhooks/handshake.ts";
import { until } from "../support/until.ts";

Deno.test("handshake waits for the whole of an answer no longer than for its beginning", async () => {
  // a byte now and then: a connection that never rests, and never ends
  const dripping = () =>
    new ReadableStream<Uint8Array>({
      async pull(controller) {
        let looked = 0;
        await until(() => ++looked > 1, "a moment to be over");
        controller.enqueue(Uint8Array.of(0x31));
      },
    });
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    () => new Response(dripping()),
  );
  const guard = createGuard({ allowPrivate: ["127.0.0.0/8"] });
  const handshake = createHandshake({ guard, timeoutMs: 100 });
  const url = `http://127.0.0.1:${server.addr.port}/`;

  await assertRejects(() => handshake(url, "token", "tenant_x"), InvalidError, "did not answer in time");
});
