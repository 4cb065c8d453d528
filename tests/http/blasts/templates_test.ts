import { assertEquals, assertMatch } from "@std/assert";
import { setUpBlasting } from "../../support/blasting.ts";

const REMINDER = {
  id: "reminder",
  name: "Reminder",
  type: "reminder",
  body: "Halo {{name}}, bayar {{ amount }}",
};

Deno.test("templates can be created, read, changed and deleted", async () => {
  await using server = await setUpBlasting();

  const created = await server.ask("POST", "/api/templates", REMINDER);
  const read = await server.ask("GET", "/api/templates/reminder");
  const listed = await server.ask("GET", "/api/templates?type=reminder");
  const changed = await server.ask("PUT", "/api/templates/reminder", { body: "Hai {{nama}}" });
  const removed = await server.ask("DELETE", "/api/templates/reminder");
  const gone = await server.ask("GET", "/api/templates/reminder");

  assertEquals([created, read, listed, changed, removed, gone].map(({ status }) => status), [
    201,
    200,
    200,
    200,
    200,
    404,
  ]);
  const template = created.json.template as Record<string, unknown>;
  assertEquals([template.id, template.variables, template.qiscusConfig], [
    "reminder",
    ["name", "amount"],
    null,
  ]);
  assertEquals(read.json.template, template);
  assertEquals([listed.json.count, listed.json.templates], [1, [template]]);
  assertEquals((changed.json.template as { variables: string[] }).variables, ["nama"]);
  assertEquals(gone.json.message, "Template with ID 'reminder' not found");
});

Deno.test("templates keep what qiscus knows of them", async () => {
  await using server = await setUpBlasting();
  const qiscusConfig = { templateName: "v1", bodyVariables: ["name"] };

  const { json } = await server.ask("POST", "/api/templates", { name: "V1", qiscusConfig });

  const template = json.template as Record<string, unknown>;
  assertMatch(String(template.id), /^tpl_/);
  assertEquals(template.qiscusConfig, {
    templateName: "v1",
    languageCode: "id",
    headerVariables: [],
    bodyVariables: ["name"],
    buttonVariables: [],
  });
});

const REFUSED: readonly (readonly [string, unknown, number, RegExp])[] = [
  ["no name", { body: "x" }, 400, /`name` is required/],
  ["nothing to say", { name: "x" }, 400, /needs `body`/],
  ["another channel", { name: "x", body: "x", channel: "email" }, 400, /`email` is not supported/],
  ["an id with blanks", { id: "a b", name: "x", body: "x" }, 400, /letters, digits/],
  ["a mistyped field", { name: "x", boddy: "x" }, 400, /did you mean `body`/],
  ["an id that is taken", REMINDER, 409, /already exists/],
];
for (const [what, body, expected, message] of REFUSED) {
  Deno.test(`templates are refused with the reason (${what})`, async () => {
    await using server = await setUpBlasting();
    await server.ask("POST", "/api/templates", REMINDER);

    const { status, json } = await server.ask("POST", "/api/templates", body);

    assertEquals([status, json.success], [expected, false]);
    assertMatch(String(json.message), message);
  });
}
