import { assert, assertEquals, assertFalse, assertMatch } from "@std/assert";
import { API_KEY, setUpHttp } from "../../support/http.ts";

Deno.test("tenants are created with a key that is shown once", async () => {
  await using http = await setUpHttp();

  const answer = await http.admin("POST", "/admin/tenants", { name: "Toko Maju" });
  const key = String(answer.at("data.api_key"));
  const list = await http.admin("GET", "/admin/tenants");
  const asTenant = await http.ask("GET", "/v1/webhooks", { key });

  assertEquals(answer.status, 201);
  assertMatch(String(answer.at("data.tenant.id")), /^tenant_/);
  assertEquals([answer.at("data.tenant.name"), answer.at("data.tenant.status")], ["Toko Maju", "active"]);
  assert(Number.isInteger(answer.at("data.tenant.created_at")));
  assertMatch(String(answer.at("requestId")), /^req_/);
  assertMatch(key, /^kbr_[A-Za-z0-9]{43}$/);
  assertFalse(list.text.includes(key));
  assertEquals(asTenant.status, 200);
});

for (
  const [what, body, words] of [
    ["no name", {}, "`name` is required"],
    ["an empty name", { name: "  " }, "`name` must have at least 1 character"],
    ["a long name", { name: "x".repeat(101) }, "at most 100"],
    ["a number", { name: 5 }, "must be a string"],
    ["a typo", { nmae: "x" }, "did you mean `name`?"],
  ] as const
) {
  Deno.test(`tenants are refused with ${what}`, async () => {
    await using http = await setUpHttp();

    const answer = await http.admin("POST", "/admin/tenants", body);

    assertEquals([answer.status, answer.at("success")], [400, false]);
    assert(String(answer.at("error.message")).includes(words), answer.text);
  });
}

Deno.test("tenants are listed in pages", async () => {
  await using http = await setUpHttp();
  await http.anotherTenant();
  await http.anotherTenant();

  const page = await http.admin("GET", "/admin/tenants?limit=2&offset=1");

  assertEquals([page.at("data.count"), page.at("data.total")], [2, 3]);
});

for (const query of ["limit=0", "limit=101", "limit=ten", "offset=-1", "lmit=3"]) {
  Deno.test(`tenants are not listed by ${query}`, async () => {
    await using http = await setUpHttp();

    const answer = await http.admin("GET", `/admin/tenants?${query}`);

    assertEquals(answer.status, 400);
    assert(String(answer.at("error.message")).includes("limit") || query.startsWith("offset"), answer.text);
  });
}

Deno.test("tenants are shown, renamed, suspended and let in again", async () => {
  await using http = await setUpHttp();
  const { id, key } = await http.anotherTenant();

  const renamed = await http.admin("PUT", `/admin/tenants/${id}`, { name: "New" });
  const suspended = await http.admin("PATCH", `/admin/tenants/${id}/suspend`);
  const shut = await http.ask("GET", "/v1/webhooks", { key });
  const isSuspended = http.tenancy.isSuspended(id);
  const activated = await http.admin("PATCH", `/admin/tenants/${id}/activate`);
  const open = await http.ask("GET", "/v1/webhooks", { key });
  const shown = await http.admin("GET", `/admin/tenants/${id}`);

  assertEquals(renamed.at("data.tenant.name"), "New");
  assertEquals([suspended.at("data.tenant.status"), shut.status, isSuspended], ["suspended", 403, true]);
  assertEquals([activated.status, open.status, http.tenancy.isSuspended(id)], [200, 200, false]);
  assertEquals([shown.at("data.tenant.name"), shown.at("data.tenant.status")], ["New", "active"]);
});

Deno.test("tenants are removed with their webhooks and their key", async () => {
  await using http = await setUpHttp();
  const { id, key } = await http.anotherTenant();
  const body = { url: "https://a.example/", events: ["*"] };
  await http.ask("POST", "/v1/webhooks", { key, body });

  const removed = await http.admin("DELETE", `/admin/tenants/${id}`);
  const again = await http.admin("DELETE", `/admin/tenants/${id}`);
  const asTenant = await http.ask("GET", "/v1/webhooks", { key });

  assertEquals([removed.status, removed.at("data.deleted"), again.status], [200, true, 404]);
  assertEquals(asTenant.status, 401);
  assertEquals([...http.registry.all()], []);
});

for (const verb of ["rotate-key", "regenerate-key"]) {
  Deno.test(`tenants get another key by ${verb}, and the old one stops`, async () => {
    await using http = await setUpHttp();
    const { id, key } = await http.anotherTenant();

    const answer = await http.admin("POST", `/admin/tenants/${id}/${verb}`);
    const old = await http.ask("GET", "/v1/webhooks", { key });
    const fresh = await http.ask("GET", "/v1/webhooks", { key: String(answer.at("data.api_key")) });

    assertEquals([answer.status, old.status, fresh.status], [200, 401, 200]);
  });
}

for (
  const [method, path, body] of [
    ["GET", "", undefined],
    ["PUT", "", { name: "x" }],
    ["PATCH", "/suspend", undefined],
    ["PATCH", "/activate", undefined],
    ["DELETE", "", undefined],
    ["POST", "/rotate-key", undefined],
  ] as const
) {
  Deno.test(`tenants that do not exist are 404 (${method} ${path})`, async () => {
    await using http = await setUpHttp();

    const answer = await http.admin(method, `/admin/tenants/tenant_x${path}`, body);

    assertEquals([answer.status, answer.at("error.code")], [404, "NOT_FOUND"]);
  });
}

for (
  const [method, path] of [["PATCH", "/suspend"], ["DELETE", ""], ["POST", "/rotate-key"]] as const
) {
  Deno.test(`tenants do not lose the default one (${method} ${path})`, async () => {
    await using http = await setUpHttp();

    const answer = await http.admin(method, `/admin/tenants/tenant_default${path}`);
    const still = await http.ask("GET", "/v1/webhooks", { key: API_KEY });

    assertEquals([answer.status, still.status], [409, 200]);
  });
}
