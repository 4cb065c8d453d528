import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { KEY, MASTER_KEY, runGateway } from "../support/gateway.ts";
import { TestFleet } from "../support/fleet.ts";
import { testWithPostgres } from "../support/postgres.ts";
import { signedIn } from "../support/ui.ts";

const ENVS: readonly Readonly<Record<string, string>>[] = [
  {},
  { EVENT_RETENTION_DAYS: "7", GATEWAY_ROLES: "http" },
];

Deno.test("dashboard shows the gateways to the operator alone", async () => {
  await using gateway = await runGateway({ settings: { GATEWAY_NAME: "kabar-1" } });

  const operators = await (await signedIn(gateway, MASTER_KEY)).get("/ui/fleet");
  const tenants = await (await signedIn(gateway, KEY)).get("/ui/fleet");

  assertEquals([operators.status, tenants.status], [200, 404]);
  assertStringIncludes(operators.html, "kabar-1");
  assertStringIncludes(operators.html, "http, devices, deliveries");
  assert(!(await (await signedIn(gateway, KEY)).get("/ui")).html.includes("/ui/fleet"));
});

testWithPostgres("dashboard tells who holds which device, and which settings differ", async () => {
  await using fleet = await TestFleet.start({
    gateways: 2,
    devices: 1,
    envOf: (index) => ENVS[index],
  });
  const [one] = fleet.places;

  const { html } = await (await signedIn(one.gateway!, "master-key-of-the-tests")).get("/ui/fleet");
  const { body: { data } } = await fleet.admin("GET", "/admin/fleet", one);

  assertStringIncludes(html, "g1 is set in another way than this gateway: EVENT_RETENTION_DAYS.");
  assertStringIncludes(html, fleet.devices[0].id);
  assertStringIncludes(html, "retention");
  const shown = data.gateways.map((each: Record<string, unknown>) => [
    each.name,
    each.roles,
    each.weight,
    each.settings_agree,
    each.settings_differ,
  ]);
  assertEquals(shown.toSorted(), [
    ["g0", ["http", "devices", "deliveries"], 1, true, []],
    ["g1", ["http"], 1, false, ["EVENT_RETENTION_DAYS"]],
  ]);
});
