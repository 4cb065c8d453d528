import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { createGatewayMetrics } from "../../src/metrics/gateway_metrics.ts";
import { until } from "../support/until.ts";
import { startReceiver } from "../support/receiver.ts";
import { type Gateway, runGateway } from "../support/gateway.ts";
import { temporaryStore } from "../support/temporary_store.ts";

/** The names that PromQL asks for, without its functions and labels. */
function metricsIn(expression: string): readonly string[] {
  return [...expression.replaceAll(/\{[^}]*\}/g, "").matchAll(/\b(?:kabar|process|rijan|nodejs)_\w+/g)]
    .map(([name]) => name);
}

async function withGateway(test: (url: string, gateway: Gateway) => Promise<void>): Promise<void> {
  await using gateway = await runGateway();
  await test(gateway.url, gateway);
}

/** Every metric of a gateway at work: most names are there only once something was counted. */
async function exposedMetrics(): Promise<ReadonlySet<string>> {
  await using rx = await startReceiver(200, ...new Array(50).fill(410));
  await using gateway = await runGateway({
    whatsapp: true,
    settings: { BLAST_MIN_GAP_SECONDS: "60", BLAST_MAX_GAP_SECONDS: "60" }, // so that one is under way when asked
  });
  await gateway.api("POST", "/v1/webhooks", { url: rx.url, events: ["*"], retry: "none" });
  const { phone, id: device } = await gateway.pair();
  await gateway.simulator.contact("628123456789", "Budi").sendText(phone, "Halo");
  const recipients = ["628123456789", "628123456780"].map((phone) => ({ phone }));
  await gateway.api("POST", "/api/messages/blast", {
    channels: ["whatsapp"],
    device,
    message: "Halo",
    recipients,
  });
  let text = "";
  await until(async () => {
    text = await (await fetch(`${gateway.url}/metrics`)).text();
    return ["kabar_deliveries_total", "kabar_delivery_latency_seconds_count", "kabar_messages_total"]
      .every((name) => text.includes(`\n${name}{`));
  }, "everything to be counted");
  const names = [...text.matchAll(/^# TYPE (\w+) (\w+)$/gm)].flatMap(([, name, type]) =>
    type === "histogram" ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name]
  );
  return new Set(names);
}

interface Panel {
  readonly title: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets: readonly { readonly expr: string }[];
}

Deno.test("Grafana's dashboard asks only for metrics that the gateway exposes", () =>
  withGateway(async (url) => {
    const exposed = await exposedMetrics();

    const dashboard = await (await fetch(`${url}/docs/grafana.json`)).json();

    const panels: readonly Panel[] = dashboard.panels;
    const asked = panels.flatMap(({ targets }) => targets.flatMap(({ expr }) => metricsIn(expr)));
    assert(asked.length > 12);
    assertEquals(asked.filter((name) => !exposed.has(name)), []);
    assert(exposed.has(metricsIn(dashboard.templating.list[0].query)[0]));
  }));

Deno.test("Grafana's dashboard has no panel upon another, and none beyond the edge", () =>
  withGateway(async (url) => {
    const panels: readonly Panel[] = (await (await fetch(`${url}/docs/grafana.json`)).json()).panels;

    for (const [at, { title, gridPos: a }] of panels.entries()) {
      assert(a.x + a.w <= 24, title);
      for (const { title: other, gridPos: b } of panels.slice(at + 1)) {
        const apart = a.x + a.w <= b.x || b.x + b.w <= a.x || a.y + a.h <= b.y || b.y + b.h <= a.y;
        assert(apart, `${title} and ${other}`);
      }
    }
  }));

/** What a gateway exposes that has others beside it. */
async function fleetMetrics(): Promise<readonly string[]> {
  await using kept = await temporaryStore();
  const metrics = createGatewayMetrics({
    ...kept.store,
    webhooks: () => 0,
    load: () => ({ inFlight: 0, held: 0 }),
    fleet: () => ({ gateways: 3, held: 1, unheld: 0 }),
    now: Date.now,
  });
  return [...(await metrics.text()).matchAll(/^# TYPE (kabar_fleet_\w+) /gm)].map(([, name]) => name);
}

Deno.test("alert rules ask only for metrics that the gateway exposes, and say what to do", () =>
  withGateway(async (url) => {
    const exposed = new Set([...await exposedMetrics(), ...await fleetMetrics()]);

    const rules = await (await fetch(`${url}/docs/alerts.yml`)).text();

    const expressions = [...rules.matchAll(/^ +expr: (".*")$/gm)].map(([, expr]) =>
      JSON.parse(expr) as string
    );
    assert(expressions.length >= 6);
    assert(rules.includes("kabar_fleet_devices_unheld"), "the README calls it the metric to watch");
    assertEquals(expressions.flatMap(metricsIn).filter((name) => !exposed.has(name)), []);
    assertEquals(rules.match(/^ +description: "/gm)?.length, expressions.length);
  }));

const PROMTOOL = await hasPromtool();

async function hasPromtool(): Promise<boolean> {
  try {
    await new Deno.Command("promtool", { args: ["--version"], stdout: "null", stderr: "null" }).output();
    return true;
  } catch (error) { // thrown before there is a promise, too
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
Deno.test({
  name: "alert rules are rules to Prometheus' own tool",
  ignore: !PROMTOOL,
  fn: () =>
    withGateway(async (url) => {
      const path = await Deno.makeTempFile({ suffix: ".yml" });
      await Deno.writeTextFile(path, await (await fetch(`${url}/docs/alerts.yml`)).text());

      const { code, stderr } = await new Deno.Command("promtool", { args: ["check", "rules", path] })
        .output();

      assertEquals(code, 0, new TextDecoder().decode(stderr));
      await Deno.remove(path);
    }),
});

interface Workflow {
  readonly nodes: readonly { readonly name: string; readonly type: string; readonly parameters: object }[];
  readonly connections: Readonly<
    Record<string, { readonly main: readonly (readonly { readonly node: string }[])[] }>
  >;
}

for (const slug of ["receive", "answer", "blast"]) {
  Deno.test(`n8n's workflow "${slug}" connects every step, and holds neither a key nor a real address`, () =>
    withGateway(async (url) => {
      const response = await fetch(`${url}/docs/n8n/${slug}.json`);

      const text = await response.text();
      const { nodes, connections } = JSON.parse(text) as Workflow;
      const names = nodes.map(({ name }) => name);
      const reached = Object.values(connections).flatMap(({ main }) => main.flat().map(({ node }) => node));
      assertEquals(response.headers.get("Content-Type"), "application/json");
      assertEquals(new Set(names).size, names.length);
      assertEquals([...reached].sort(), names.slice(1).sort());
      assertEquals(Object.keys(connections).filter((name) => !names.includes(name)), []);
      for (const [, host] of text.matchAll(/https?:\/\/([^/"{]+)/g)) {
        assertMatch(host, /^kabar:3000$|\.example$/);
      }
      assertEquals(/kbr_|whsec_/.test(text), false);
    }));
}

Deno.test("n8n's workflows call routes that the gateway has", () =>
  withGateway(async (url) => {
    const { paths } = await (await fetch(`${url}/openapi.json`)).json();
    const answer = await (await fetch(`${url}/docs/n8n/answer.json`)).text();
    const blast = await (await fetch(`${url}/docs/n8n/blast.json`)).text();

    assert(paths["/v1/devices/{id}/messages/text"].post);
    assertStringIncludes(answer, "/v1/devices/{{ $json.body.device_id }}/messages/text");
    assert(paths["/api/messages/blast"].post);
    assertStringIncludes(blast, "=http://kabar:3000/api/messages/blast");
  }));

for (const language of ["en", "id"]) {
  Deno.test(`guide's blast, as it stands there in "${language}", is taken`, async () => {
    await using gateway = await runGateway({ whatsapp: true });
    await gateway.pair({ alias: "shop" });
    const path = new URL(`../../src/http/docs/guide/${language}/blasts.md`, import.meta.url);
    const [, body] = / -d '(\{[\s\S]*?\})'/.exec(await Deno.readTextFile(path)) ?? [];

    const { status, text } = await gateway.api("POST", "/api/messages/blast", body);

    assertEquals(status < 300, true, text);
  });
}
