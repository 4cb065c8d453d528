// What leaves, and who is let in, once a tenant is suspended: over HTTP, linked to a simulated network.
import { assertEquals, assertMatch } from "@std/assert";
import { WhatsAppSimulator } from "../../src/simulator/mod.ts";
import { until } from "../support/until.ts";
import { type GatewayProcess, KEY, startGatewayProcess } from "../support/process.ts";
import { quietLibsignal } from "../support/quiet_libsignal.ts";

const MASTER = "the operator's own master key";
const RECIPIENTS = 12;

/** Somebody's way to ask the gateway, under whatever address it has now. */
type Api = (method: string, path: string, body?: unknown) => Promise<{
  readonly status: number;
  // deno-lint-ignore no-explicit-any -- tests look into answers of every shape
  readonly body: any;
}>;

/** A gateway with a tenant, each of the two with a linked device, and people who count what they get. */
async function setUp() {
  quietLibsignal();
  const dir = await Deno.makeTempDir();
  const simulator = await WhatsAppSimulator.start();
  const env = {
    MASTER_KEY: MASTER,
    WHATSAPP_WS_URL: simulator.url,
    WHATSAPP_ROOT_KEY: simulator.rootKey.toString("hex"),
    BLAST_MIN_GAP_SECONDS: "0.2",
    BLAST_MAX_GAP_SECONDS: "0.2",
  };
  let gateway: GatewayProcess = await startGatewayProcess({ dir, env });
  const people = Array.from(
    { length: RECIPIENTS },
    (_, index) => simulator.contact(`62812345678${String(index).padStart(2, "0")}`, `Person ${index}`),
  );
  const apiOf = (headers: Readonly<Record<string, string>>): Api => async (method, path, body) => {
    const answer = await fetch(gateway.url + path, {
      method,
      headers: { "Content-Type": "application/json", ...headers },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    return { status: answer.status, body: await answer.json() };
  };
  const admin = apiOf({ "X-Master-Key": MASTER });
  const made = (await admin("POST", "/admin/tenants", { name: "Shop" })).body.data;
  const tenant = apiOf({ "X-API-Key": made.api_key });
  const connected = (api: Api, id: string) =>
    until(
      async () => (await api("GET", `/v1/devices/${id}/health`)).body.data?.is_connected === true,
      "the device to connect",
    );
  const link = async (api: Api, number: string) => {
    const { id } = (await api("POST", "/v1/devices", { label: "Kasir" })).body.data;
    const { qr } = (await api("POST", `/v1/devices/${id}/pairing/qr`)).body.data;
    await simulator.scanQr(qr, simulator.phone(number, "Gateway"));
    await connected(api, id);
    return String(id);
  };
  const own = apiOf({ "X-API-Key": KEY });
  return {
    own,
    tenant,
    key: String(made.api_key),
    url: () => gateway.url,
    devices: { own: await link(own, "628110000001"), tenant: await link(tenant, "628110000002") },
    connected,
    suspend: () => admin("PATCH", `/admin/tenants/${made.tenant.id}/suspend`),
    activate: () => admin("PATCH", `/admin/tenants/${made.tenant.id}/activate`),
    rotateKey: () => admin("POST", `/admin/tenants/${made.tenant.id}/rotate-key`),
    remove: () => admin("DELETE", `/admin/tenants/${made.tenant.id}`),
    /** How many people have got this text. */
    got: (text: string) =>
      people.filter(({ inbox }) =>
        inbox.some(({ message }) => (message.extendedTextMessage?.text ?? message.conversation) === text)
      ).length,
    blast: (message: string, device: string, more: Readonly<Record<string, unknown>> = {}) => ({
      message,
      channels: ["whatsapp"],
      recipients: people.map(({ number }) => number),
      device,
      ...more,
    }),
    async restart() {
      await gateway.kill();
      gateway = await startGatewayProcess({ dir, env });
    },
    async [Symbol.asyncDispose]() {
      await gateway.kill();
      await simulator.stop();
      await Deno.remove(dir, { recursive: true });
    },
  };
}

Deno.test("blasts of a suspended tenant rest, over restarts too, until somebody resumes them", async () => {
  await using it = await setUp();
  const { tenant, own, devices } = it;
  const begun = await tenant("POST", "/api/messages/blast", it.blast("promo", devices.tenant));
  await until(() => it.got("promo") >= 3, "the blast to be under way");
  const due = Date.now() + 10_000;
  const scheduledAt = new Date(due).toISOString();
  await tenant("POST", "/api/messages/blast", it.blast("later", devices.tenant, { scheduledAt }));

  const suspended = await it.suspend();
  const atSuspension = it.got("promo");
  await own("POST", "/api/messages/blast", it.blast("mine", devices.own));
  await until(() => it.got("mine") === RECIPIENTS, "the operator's own blast");
  const whileSuspended = it.got("promo");
  await it.restart();
  await it.connected(own, devices.own);
  await own("POST", "/api/messages/blast", it.blast("mine again", devices.own));
  await until(() => it.got("mine again") === RECIPIENTS, "another blast of the operator");
  await until(() => Date.now() > due, "the scheduled blast to fall due");
  await it.activate();
  await it.connected(tenant, devices.tenant);
  await tenant("POST", `/v1/devices/${devices.tenant}/messages/text`, { to: "6281234567800", text: "new" });
  await until(() => it.got("new") === 1, "what is sent after the activation");

  assertEquals(suspended.status, 200);
  assertEquals(whileSuspended - atSuspension <= 1, true, "only what was in hand may leave");
  assertEquals([it.got("promo"), it.got("later")], [whileSuspended, 0]);
  const id = begun.body.blast_id;
  const blast = await tenant("GET", `/api/messages/blast/${id}`);
  assertEquals(blast.body.blast.status, "paused", JSON.stringify(blast.body));
  assertMatch(blast.body.blast.reason, /tenant is suspended/);
  await tenant("POST", `/api/messages/blast/${id}/resume`);
  await until(() => it.got("promo") === RECIPIENTS, "the rest of the blast");
});

Deno.test("messages that wait when their tenant is suspended stay paused until somebody resumes them", async () => {
  await using it = await setUp();
  const { tenant, devices } = it;
  const path = `/v1/devices/${devices.tenant}/messages/text`;
  const to = "6281234567801";
  await tenant("POST", `/v1/devices/${devices.tenant}/stop`);
  await tenant("POST", `${path}?wait=false`, { to, text: "queued" });
  const due = Math.ceil(Date.now() / 1000) + 8;
  await tenant("POST", path, { to, text: "scheduled", send_at: due });

  await it.suspend();
  await until(() => Date.now() > due * 1000, "the scheduled one to fall due");
  await it.restart();
  await it.activate();
  await tenant("POST", `/v1/devices/${devices.tenant}/start`);
  await it.connected(tenant, devices.tenant);
  await tenant("POST", path, { to, text: "new" });
  await until(() => it.got("new") === 1, "what is sent after the activation");

  assertEquals([it.got("queued"), it.got("scheduled")], [0, 0]);
  const { body } = await tenant("GET", "/v1/messages/scheduled");
  assertEquals(body.data.messages.map(({ send_at }: { send_at?: number }) => send_at), [
    undefined,
    undefined,
  ]);
  const resumed = await tenant("POST", "/v1/messages/scheduled/resume");
  assertEquals(resumed.body.data, { resumed: 2 });
  await until(() => it.got("queued") === 1 && it.got("scheduled") === 1, "what was resumed");
});

for (const how of ["suspend", "rotateKey", "remove"] as const) {
  Deno.test(`what a tenant's key opened ends with it (${how})`, async () => {
    await using it = await setUp();
    const { tenant, devices, key } = it;
    const headers = { "X-API-Key": key };
    const signedIn = await fetch(`${it.url()}/ui/sign-in`, {
      method: "POST",
      redirect: "manual",
      headers: { Origin: it.url() },
      body: new URLSearchParams({ key, next: "/ui" }),
    });
    await signedIn.body?.cancel();
    const cookie = signedIn.headers.getSetCookie().map((line) => line.split(";")[0]).join("; ");
    const page = () => fetch(`${it.url()}/ui`, { headers: { Cookie: cookie }, redirect: "manual" });
    const before = await page();
    await before.body?.cancel();
    const mcp = (headers: Readonly<Record<string, string>>) =>
      fetch(`${it.url()}/mcp`, {
        method: "POST",
        headers: {
          ...headers,
          "Content-Type": "application/json",
          Accept: "application/json, text/event-stream",
        },
        body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/list", params: {} }),
      });
    const signal = AbortSignal.timeout(20_000); // none of them would end by then
    const stream = await fetch(`${it.url()}/v1/events/stream`, { headers, signal });
    const live = await fetch(`${it.url()}/ui/live?page=/ui/devices`, { headers: { Cookie: cookie }, signal });
    const poll = fetch(`${it.url()}/v1/events?after=latest&wait=60`, { headers, signal });

    assertEquals((await it[how]()).status, 200);

    await Promise.all([stream.text(), live.text(), poll.then((answer) => answer.text())]);
    const refused = how === "suspend" ? 403 : 401;
    assertEquals((await tenant("GET", "/v1/webhooks")).status, refused);
    assertEquals((await tenant("POST", `/v1/devices/${devices.tenant}/messages/text`, {})).status, refused);
    const answers = [await mcp(headers), await page()];
    for (const answer of answers) await answer.body?.cancel();
    assertEquals(answers.map(({ status }) => status), [refused, 303]);
    assertEquals(before.status, 200);
  });
}
