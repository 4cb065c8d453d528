import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { setUpBlasting, type TestBlasting } from "../../support/blasting.ts";
import { mockQiscus } from "../../support/qiscus.ts";

type Recipients = readonly unknown[];

function blast(server: TestBlasting, recipients: Recipients, message = "Halo") {
  return server.ask("POST", "/api/messages/blast", { channels: ["whatsapp"], message, recipients });
}

Deno.test("blast reads what spreadsheets make of numbers, and says so", async () => {
  await using qiscus = await mockQiscus();
  await using server = await setUpBlasting({ qiscus });
  const phones = [
    "6281234567890.0",
    "8123456789",
    "\u202a+62 812\u20113456\u2011780\u202c",
    "'08123456791",
    628123456792,
  ];

  const { json } = await blast(server, phones.map((phone) => ({ name: "A", phone })));

  await server.reaches(json.blast_id, "completed");
  assertEquals([...qiscus.counts.keys()].toSorted(), [
    "628123456780",
    "628123456789",
    "6281234567890",
    "628123456791",
    "628123456792",
  ]);
  assertEquals(json.normalizedRecipients, [
    { row: 1, normalized_from: "6281234567890.0", to: "6281234567890" },
    { row: 2, normalized_from: "8123456789", to: "628123456789" },
  ]);
});

Deno.test("blast names every row whose number is none, in signs that can be seen", async () => {
  await using qiscus = await mockQiscus();
  await using server = await setUpBlasting({ qiscus });
  const phones = ["628123456789", "555-1234 / 555-9876", "81234567890", "+62\u200b1", ...Array(20).fill("x")];

  const { status, json } = await blast(server, phones.map((phone) => ({ name: "A", phone })));

  const message = String(json.message);
  assertEquals([status, json.success], [400, false]);
  for (
    const part of [
      'Cannot use "555-1234 / 555-9876" as recipients[1].phone: it looks like several numbers',
      "recipients[2].phone: it can be +81234567890 or +6281234567890",
      'Cannot use "+62\\u200b1" as recipients[3].phone',
      "and 13 more recipients cannot be taken",
    ]
  ) assertStringIncludes(message, part);
  assertEquals((await server.store.messages.list({}, { limit: 10 })).length, 0);
  assertEquals(qiscus.sends.length, 0);
});

Deno.test("blast takes empty cells as not given, and names the field of what it cannot take", async () => {
  await using qiscus = await mockQiscus();
  await using server = await setUpBlasting({ qiscus });
  const phone = "628123456789";

  const taken = await blast(server, [
    { name: null, phone, email: null, variables: { note: null } },
    { phone: "628123456780", variables: null },
  ]);
  const refused = [];
  for (
    const recipient of [
      { phone, variables: { note: { a: 1 } } },
      { phone, name: 7 },
      { name: "A" },
      { phone, variables: [] },
      7.5,
    ]
  ) refused.push((await blast(server, [recipient])).json.message);

  assertEquals([taken.status, taken.json.totalMessages], [200, 2]);
  assertEquals(refused, [
    "Recipient 1 of the list: field `recipients[0].variables.note` takes a text, a number, `true` or `false`, " +
    'got "{\\"a\\":1}"',
    'Recipient 1 of the list: field `recipients[0].name` takes a text of at most 200 characters, got "7"',
    "Recipient 1 of the list: field `recipients[0].phone` takes a phone number, got nothing",
    "Recipient 1 of the list: field `recipients[0].variables` takes an object of texts, numbers, `true` and `false`, " +
    'got "[]"',
    "Recipient 1 of the list: field `recipients[0]` takes a phone number, or an object with `phone` and, if you like, " +
    '`name`, `email` and `variables`, got "7.5"',
  ]);
});

Deno.test("blast lacks a variable that is null", async () => {
  await using qiscus = await mockQiscus();
  await using server = await setUpBlasting({ qiscus });

  const { status, json } = await blast(
    server,
    [{ phone: "628123456789", variables: { x: null } }],
    "Halo {{x}}",
  );

  assertEquals(status, 400);
  assertStringIncludes(String(json.message), "lacks variable `x`");
});

for (
  const [message, variables, text] of [
    ["Halo {{nama pelanggan}}", { "nama pelanggan": "Budi" }, "Halo Budi"],
    ["Halo {{ nama  pelanggan }}", { " nama pelanggan": "Budi" }, "Halo Budi"],
    ["Salut {{pre\u0301nom}}", { "pr\u00e9nom": "Zo\u00e9" }, "Salut Zo\u00e9"],
    ["{{姓名}}!", { "姓名": "李" }, "李!"],
    ["{{a/b}} {{50%}}", { "a/b": "1", "50%": "2" }, "1 2"],
    ["Halo {nama}", {}, "Halo {nama}"],
  ] as const
) {
  Deno.test(`blast fills the gaps of "${message}"`, async () => {
    await using qiscus = await mockQiscus();
    await using server = await setUpBlasting({ qiscus });

    const { json } = await blast(server, [{ phone: "628123456789", variables }], message);

    await server.reaches(json.blast_id, "completed");
    assertEquals(qiscus.sends[0].body.text.body, text);
  });
}

for (
  const [message, gap] of [["{{First Name}}", "First Name"], ["a {{}} b", ""], ["{{a\nb}}", "a b"]] as const
) {
  Deno.test(`blast is refused when nobody fills ${JSON.stringify(message)}`, async () => {
    await using qiscus = await mockQiscus();
    await using server = await setUpBlasting({ qiscus });

    const { status, json } = await blast(server, ["628123456789"], message);

    assertEquals(status, 400);
    assertStringIncludes(String(json.message), `lacks variable \`${gap}\``);
  });
}

const PROMO = {
  id: "promo",
  name: "Promo",
  body: "Halo {{nama depan}}",
  qiscusConfig: { templateName: "promo", bodyVariables: ["nama depan", "alamat"] },
};

Deno.test("template takes the white space out of variables that WhatsApp refuses, and none that are empty", async () => {
  await using qiscus = await mockQiscus();
  await using server = await setUpBlasting({ qiscus });
  const created = await server.ask("POST", "/api/templates", PROMO);
  const send = (alamat: string) =>
    server.ask("POST", "/api/messages/blast", {
      channels: ["whatsapp"],
      templateId: "promo",
      recipients: [{ phone: "628123456789", variables: { "nama depan": "Anna\tB ", alamat } }],
    });

  const { json } = await send("Jl. Satu\nJakarta     Selatan");
  await server.reaches(json.blast_id, "completed");
  const empty = await send(" \n");

  assert(created.status === 201);
  assertEquals((created.json.template as { variables: unknown }).variables, ["nama depan"]);
  assertEquals(
    qiscus.sends[0].body.template.components[0].parameters.map(({ text }: { text: string }) => text),
    ["Anna B", "Jl. Satu Jakarta Selatan"],
  );
  assertEquals(empty.status, 400);
  assertStringIncludes(
    String(empty.json.message),
    "Recipient 1 of the list has nothing in variable `alamat`",
  );
});

Deno.test("template refuses a misspelt name in qiscusConfig", async () => {
  await using server = await setUpBlasting();

  const { status, json } = await server.ask("POST", "/api/templates", {
    name: "p",
    body: "Halo {{nama}}",
    qiscusConfig: { templateName: "promo", bodyVariable: ["nama"], language: "en" },
  });

  assertEquals(status, 400);
  assertStringIncludes(String(json.message), "`bodyVariable`: did you mean `bodyVariables`?");
});

Deno.test("blast tells why qiscus refused, also when the answer is 200", async () => {
  await using qiscus = await mockQiscus();
  await using server = await setUpBlasting({ qiscus });
  qiscus.answer = () => ({ status: 200, body: { errors: [{ code: 1013, title: "User is not valid" }] } });

  const { json } = await blast(server, ["628123456789"]);

  await server.reaches(json.blast_id, "completed");
  const row = await server.store.messages.get((json.jobIds as string[])[0]);
  assertEquals([row?.status, row?.error?.message, qiscus.sends.length], ["failed", "User is not valid", 3]);
});

Deno.test("blast refuses a recipient whose variables make the text longer than a message may be", async () => {
  await using qiscus = await mockQiscus();
  await using server = await setUpBlasting({ qiscus });
  const to = (phone: string, a: string) => ({ phone, variables: { a } });
  const recipients = [to("628123456789", "x"), to("628123456780", "x".repeat(30_000))];

  const { status, json } = await blast(server, recipients, "{{a}}".repeat(10_000));

  assertEquals(status, 400);
  assertStringIncludes(String(json.message), "Recipient 2 of the list has so much in `variables`");
  assertEquals(qiscus.counts.size, 0);
});
