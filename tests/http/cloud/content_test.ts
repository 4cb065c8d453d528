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
