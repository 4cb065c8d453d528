import { assertEquals } from "@std/assert";
import type { EventDraft } from "../../src/events/event.ts";
import { draftDeviceOf, withOrigin } from "../../src/events/origin.ts";
import { aText } from "../support/events.ts";

const ME = "628999000111@s.whatsapp.net";
const SHOP = { id: "device_1", alias: "shop", kind: "whatsapp", jid: ME } as const;

function aDraft(changes: Partial<EventDraft> = {}): EventDraft {
  return {
    type: "message.received",
    tenantId: "tenant_default",
    device: draftDeviceOf(SHOP),
    data: aText("halo"),
    ...changes,
  } as EventDraft;
}

Deno.test("a draft of a device is stored with our address and the system that it came from", () => {
  const { device, data } = withOrigin(aDraft());

  assertEquals(device, { id: "device_1", alias: "shop" });
  assertEquals(data, { source: "whatsapp", me: ME, ...aText("halo") });
});

Deno.test("a draft keeps the address that its source names", () => {
  const { data } = withOrigin(
    aDraft({ data: { ...aText("halo"), me: "1@s.whatsapp.net" } } as Partial<EventDraft>),
  );

  assertEquals("me" in data && data.me, "1@s.whatsapp.net");
});

Deno.test("a draft names Qiscus and other servers as sources", () => {
  const sources = (["qiscus", "external"] as const)
    .map((kind) => withOrigin(aDraft({ device: draftDeviceOf({ ...SHOP, kind, jid: null }) })).data.source);

  assertEquals(sources, ["qiscus", "universal"]);
});

Deno.test("a draft outside a chat gets no address, and one without a device stays as it is", () => {
  const away = withOrigin(aDraft({ type: "device.connecting", data: {} }));
  const alert = aDraft({ type: "webhook.test", device: null, data: { message: "Test" } });

  assertEquals(away.data, { source: "whatsapp" });
  assertEquals(withOrigin(alert), alert);
});
