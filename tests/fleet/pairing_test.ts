import { assertEquals, assertMatch } from "@std/assert";
import { TestFleet } from "../support/fleet.ts";
import { testWithPostgres } from "../support/postgres.ts";
import { KEY } from "../support/process.ts";
import { aVisitor, signedIn } from "../support/ui.ts";

testWithPostgres("links and codes for pairing are known to whichever gateway is asked", async () => {
  await using fleet = await TestFleet.start({ gateways: 2, devices: 0 });
  const [one, other] = fleet.places;
  const { body: { data: { id } } } = await fleet.call("POST", "/v1/devices", { label: "Toko" }, one);
  const phone = { phone_number: "6281100000009" };
  const visitor = await signedIn(one.gateway!, KEY);
  await visitor.post(`/ui/devices/${id}/link`, {});
  const [, link] = /value="[^"]*(\/pair\/[\w-]{22})"/.exec((await visitor.get(`/ui/devices/${id}`)).html) ??
    [];

  const made = await fleet.call("POST", `/v1/devices/${id}/pairing/code`, phone, one);
  const again = await fleet.call("GET", `/api/instance/${id}/pairing-code`, undefined, other);
  const shown = await aVisitor(other.gateway!).get(link);

  assertEquals([made.status, again.status, shown.status], [200, 200, 200], JSON.stringify(made.body));
  const code = made.body.data.pairing_code;
  assertMatch(JSON.stringify(again.body), new RegExp(code));
  assertMatch(shown.html, new RegExp(`${code.slice(0, 4)}-${code.slice(4)}`));
});
