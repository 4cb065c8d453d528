import { assertEquals, assertRejects } from "@std/assert";
import { contentOf } from "../../../src/http/cloud/content.ts";
import { GraphError } from "../../../src/http/graph_errors.ts";

/** The vCard of one contact, as it would be sent. */
async function cardOf(contact: Readonly<Record<string, unknown>>): Promise<string> {
  const content = await contentOf(
    "contacts",
    { contacts: [contact] },
    () => Promise.reject(new Error("no file")),
  );
  if (content.kind !== "contact") throw new Error(`Cannot read the card: the content is a ${content.kind}`);
  const [card] = content.contacts;
  if (card === undefined || !("vcard" in card)) throw new Error("Cannot read the card: there is none");
  return card.vcard;
}

Deno.test("graph takes contacts of clients that send every list that Meta knows, most of them empty", async () => {
  const left = { birthday: null, emails: [], urls: [], addresses: [], org: null };

  const vcard = await cardOf({
    name: { formatted_name: "Budi", first_name: null },
    phones: [{ phone: "+62812", type: null, wa_id: null }],
    ...left,
  });
  const error = await assertRejects(
    () => cardOf({ name: { formatted_name: "Budi" }, emails: "budi@example.com" }),
    GraphError,
  );

  assertEquals(vcard.split("\n").slice(3), ["FN:Budi", "TEL;type=CELL;waid=62812:+62812", "END:VCARD"]);
  assertEquals(error.code, 100);
});

Deno.test("graph sends all that a contact says", async () => {
  const vcard = await cardOf({
    name: {
      formatted_name: "Dr. Budi A. Wijaya, S.H.",
      first_name: "Budi",
      last_name: "Wijaya",
      middle_name: "A.",
      prefix: "Dr.",
      suffix: "S.H.",
    },
    org: { company: "Toko Maju", department: "Gudang", title: "Kepala" },
    birthday: "1990-08-17",
    phones: [{ phone: "+62812", type: "WORK", wa_id: "62812" }],
    emails: [{ email: "budi@example.com", type: "WORK" }],
    urls: [{ url: "https://example.com", type: "WORK" }],
    addresses: [{
      street: "Jl. Mawar 1",
      city: "Bandung",
      state: "JB",
      zip: "40111",
      country: "Indonesia",
      country_code: "id",
      type: "HOME",
    }],
  });

  assertEquals(vcard.split("\n"), [
    "BEGIN:VCARD",
    "VERSION:3.0",
    "N:Wijaya;Budi;A.;Dr.;S.H.",
    "FN:Dr. Budi A. Wijaya\\, S.H.",
    "ORG:Toko Maju;Gudang",
    "TITLE:Kepala",
    "BDAY:1990-08-17",
    "TEL;type=WORK;waid=62812:+62812",
    "EMAIL:budi@example.com",
    "URL:https://example.com",
    "ADR:;;Jl. Mawar 1;Bandung;JB;40111;Indonesia",
    "END:VCARD",
  ]);
});
