// A gateway with made-up people and something on every page, for pictures of the dashboard.
import { DEFAULT_TENANT } from "../../src/ids.ts";
import { HOUR_MS } from "../../src/spans.ts";
import { type AttemptHour, DURATION_ENDS_MS, type EventHour } from "../../src/store/hours.ts";
import { until } from "./until.ts";
import { type Gateway, runGateway } from "./gateway.ts";
import { startReceiver } from "./receiver.ts";
import { signedIn } from "./ui.ts";

const PEOPLE = [
  ["628000000142", "Ibu Sari"],
  ["628000000177", "Budi 🌸"],
  ["628000000166", "Toko Maju"],
  ["628000000111", "Raden Ajeng Kartini Djojo Adhiningrat binti Sosroningrat"],
  ["628000000188", "عبد الرحمن"],
  ["628000000199", `"><b onclick=alert(1)>Bengkel</b>`],
] as const;
const TEXTS = [
  "Halo, yang biru masih ada?",
  "Bisa dikirim hari ini?",
  "Terima kasih!",
  "Berapa ongkos kirimnya?",
];

export interface ShownGateway extends AsyncDisposable {
  readonly gateway: Gateway;
  /** A device that is connected. */
  readonly device: string;
  readonly people: typeof PEOPLE;
}

/** Starts it; two webhooks, one of which fails, three devices, a day and more of history. */
export async function shownGateway(): Promise<ShownGateway> {
  const shop = await startReceiver();
  const accounts = await startReceiver(200, 200, 200, ...new Array(500).fill(503));
  const gateway = await runGateway({
    whatsapp: true,
    settings: { BLAST_MIN_GAP_SECONDS: "0", BLAST_MAX_GAP_SECONDS: "0" },
  });
  for (const { url } of [shop, accounts]) {
    await gateway.api("POST", "/v1/webhooks", { url, events: ["message.*"] });
  }
  const { phone, id: first } = await gateway.pair({ alias: "kasir-1" });
  const { id: second } = await gateway.pair({ alias: "kasir-2" });
  const contacts = PEOPLE.map(([number, name]) => gateway.simulator.contact(number, name));
  for (const person of contacts) {
    person.autoReceipts = ["delivered", "read"];
    for (const text of TEXTS) await person.sendText(phone, text);
  }
  // nobody has answered here, and the owner wants to come back to somebody
  const [sari, budi] = contacts;
  const resellers = gateway.simulator.group("Reseller Jabar", [phone, sari]);
  for (const text of TEXTS) await sari.sendText(resellers, text);
  await phone.markChat(budi, false);
  await shop.waitFor((PEOPLE.length + 1) * TEXTS.length);
  const third = await gateway.device({ alias: "gudang" });
  for (const [id, label] of [[first, "Kasir 1"], [second, "Kasir 2"], [third, "Gudang"]]) {
    await gateway.api("PATCH", `/v1/devices/${id}`, { label });
  }
  const failed = async () => (await gateway.api("GET", "/v1/deliveries?status=failed")).body.data.deliveries;
  await until(async () => (await failed()).length > 0, "a failure");
  await gateway.restored(async (store) => {
    const { webhooks } = await store.webhooks.ofTenant(DEFAULT_TENANT);
    await store.hours.add(busyHours(webhooks.map(({ id }) => id), first));
    const urls = ["https://app.shop.example/hooks/kabar", "https://pos.shop.example/whatsapp"];
    for (const [at, { id }] of webhooks.entries()) {
      await store.webhooks.update(id, { url: urls[at] }, Date.now());
    }
  });
  await gateway.deviceIs("connected", first);
  await gateway.deviceIs("connected", second);
  return {
    gateway,
    device: first,
    people: PEOPLE,
    async [Symbol.asyncDispose]() {
      await gateway[Symbol.asyncDispose]();
      await shop[Symbol.asyncDispose]();
      await accounts[Symbol.asyncDispose]();
    },
  };
}

/** A day and the one before, busy when shops are. */
function busyHours(webhookIds: readonly string[], deviceId: string) {
  const now = Math.floor(Date.now() / HOUR_MS);
  const attempts: AttemptHour[] = [];
  const events: EventHour[] = [];
  for (let back = 1; back < 48; back++) {
    const hour = now - back;
    const busy = Math.round(60 * Math.max(0.1, Math.sin(((hour + 1) % 24) / 24 * Math.PI * 1.6)));
    const durations = DURATION_ENDS_MS.map((_, span) => Math.round(busy / (1 + Math.abs(span - 1) * 3)));
    for (const webhookId of webhookIds) {
      attempts.push({
        webhookId,
        hour,
        first: busy,
        retried: back % 5,
        failed: back % 7 === 0 ? 4 : 0,
        durations: [...durations, 0],
      });
    }
    const said = { tenantId: DEFAULT_TENANT, deviceId, hour };
    const sent = Math.round(busy * 0.8);
    events.push(
      { ...said, type: "message.received", count: busy },
      { ...said, type: "message.sent", count: sent },
    );
  }
  return { attempts, events };
}

/** The path of every page, by a short name, with something on it. */
export async function shownPaths(
  { gateway, device, people }: ShownGateway,
): Promise<Readonly<Record<string, string>>> {
  const get = async (path: string) => (await gateway.api("GET", path)).body;
  const [{ delivery_id: failing }] = (await get("/v1/deliveries?status=failed")).data.deliveries;
  const { webhooks } = (await get("/v1/webhooks")).data;
  const [{ event_id: event }] = (await get("/v1/events?types=message.received")).data.events;
  const blast = await gateway.api("POST", "/api/messages/blast", {
    channels: ["whatsapp"],
    devices: [device],
    message: "Halo {{name}}, stok baru sudah datang.",
    recipients: [
      ...people.map(([phone, name]) => ({ phone: `+${phone}`, name })),
      { phone: "+628000000999", name: "Nomor lama" },
    ],
  });
  await gateway.api("POST", "/api/templates", {
    id: "promo-poin",
    name: "Promo poin",
    type: "promo",
    body: "Halo {{name}}, poin Anda: {{points}}.\n\nBalas STOP bila tidak ingin kabar lagi.",
  });
  await gateway.api("POST", "/v1/opt-outs", { person: "+628000000155", reason: "STOP" });
  await gateway.api("POST", "/v1/keys", { name: "n8n", scopes: ["read", "send"], devices: [device] });
  await gateway.api("POST", "/v1/keys", { name: "Asisten dukungan", scopes: ["read"] });
  const { messages } = (await get(`/v1/devices/${device}/messages`)).data;
  const visitor = await signedIn(gateway);
  const { location } = await visitor.post("/ui/blasts/drafts", {
    list: "name;phone;points\nIbu Sari;+628000000142;240\nBudi;0812 3456 789;12\nAgus;12ab;3\n" +
      "Rina;+628000000166;\nSari lagi;+628000000142;5\n",
    text: "",
    template: "promo-poin",
    devices: [device],
    from: "08:00",
    to: "20:00",
  });
  const draft = location ?? "/ui/blasts";
  return {
    home: "/ui",
    devices: "/ui/devices",
    device: `/ui/devices/${device}`,
    "device-new": "/ui/devices/new",
    chats: `/ui/chats?device=${device}&chat=${people[0][0]}`,
    webhooks: "/ui/webhooks",
    webhook: `/ui/webhooks/${webhooks[0].webhook_id}`,
    "webhook-new": "/ui/webhooks/new",
    "webhook-edit": `/ui/webhooks/${webhooks[0].webhook_id}/edit`,
    deliveries: "/ui/deliveries",
    delivery: `/ui/deliveries/${failing}`,
    replays: "/ui/replays",
    "replay-new": "/ui/replays/new?state=failed",
    events: "/ui/events",
    event: `/ui/events/${event}`,
    catalogue: "/ui/catalogue",
    "catalogue-one": "/ui/catalogue/message.received",
    messages: "/ui/messages",
    "message-new": "/ui/messages/new",
    scheduled: "/ui/messages/scheduled",
    ...(messages.length > 0 && { message: `/ui/messages/${messages[0].id}` }),
    blasts: "/ui/blasts",
    blast: `/ui/blasts/${blast.body.blast_id}`,
    "blast-new": "/ui/blasts/new?template=promo-poin",
    "blast-check": draft,
    templates: "/ui/templates",
    "template-new": "/ui/templates/new",
    template: "/ui/templates/promo-poin",
    "opt-outs": "/ui/opt-outs",
    keys: "/ui/keys",
    logs: "/ui/logs",
    settings: "/ui/settings",
    tenants: "/ui/tenants",
    find: `/ui/find?q=${people[0][0]}`,
    nothing: "/ui/nothing",
    "sign-in": "/ui/sign-in",
  };
}
