// A third system: a folder with a provider, and a line where providers are listed. All else is the same for everybody.
import { assertEquals } from "@std/assert";
import type { EventDraft } from "../../src/events/event.ts";
import { createClientAddress } from "../../src/http/client_address.ts";
import { createReceiver } from "../../src/http/receivers/receiver.ts";
import { createThisMachine } from "../../src/http/this_machine.ts";
import { createTakeIn } from "../../src/providers/intake.ts";
import { record, text } from "../../src/providers/loose.ts";
import type { Provider } from "../../src/providers/provider.ts";
import { temporaryStore } from "../support/temporary_store.ts";

/** All that a new system has to say of itself. */
function aProvider(publish: (draft: EventDraft) => Promise<unknown>): Provider {
  return {
    source: "universal",
    title: "Third",
    paths: ["/webhooks/third"],
    doc: {
      summary: "Take a webhook of the third system",
      description: "`{state}`",
      example: { state: "up" },
    },
    proof: {
      secret: undefined,
      headers: ["X-Third-Token"],
      required: true,
      isGenuine: (given, _body, secret) => given === secret,
    },
    words: { unsigned: "Missing token", signature: "Wrong token", tooMany: "Too many" },
    remedy: "set THIRD_TOKEN",
    errorField: false,
    perMinute: 2,
    maxBytes: 1_000,
    about: () => ({ message: "Ready" }),
    read({ json }) {
      const state = text(record(json?.value).state);
      const draft = {
        type: "device.state",
        tenantId: "tenant_default",
        device: null,
        data: { state: state ?? "" },
      } as const;
      return Promise.resolve({
        what: "state",
        answer: "ok",
        facts: {},
        events: state === undefined ? 0 : 1,
        unread: state === undefined ? ["no state"] : [],
        nothing: [],
        store: () => state === undefined ? Promise.resolve() : publish(draft),
      });
    },
  };
}

Deno.test("third provider gets its door, limit, log and kept bodies for nothing", async () => {
  await using kept = await temporaryStore(Date.now);
  const { store } = kept;
  const provider = aProvider((draft) => store.events.append(draft, [], Date.now()));
  const receiver = createReceiver(provider, {
    takeIn: createTakeIn({ ...store, counted: () => {}, now: Date.now }),
    thisMachine: createThisMachine({ ...store, appUrl: undefined, trustProxy: undefined }),
    open: false,
    clientAddressOf: createClientAddress(undefined),
    now: Date.now,
  });
  const post = async (body: string, hostname = "127.0.0.1") => {
    const response = await receiver.request("/webhooks/third", { method: "POST", body }, {
      remoteAddr: { hostname },
    });
    await response.body?.cancel();
    return response.status;
  };

  const statuses = [await post('{"state":"up"}'), await post("{}"), await post("{}")];
  const about = await receiver.request("/webhooks/third");

  assertEquals(statuses, [200, 200, 429]);
  assertEquals(await about.json(), { success: true, message: "Ready" });
  assertEquals((await store.events.list({ tenantId: "tenant_default", limit: 5 })).length, 1);
  const [line] = await store.systemLog.list({ level: "warn" }, { limit: 5 });
  assertEquals([line.message, line.metadata?.raw], ["Third webhook received: state", "{}"]);
});
