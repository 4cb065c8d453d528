import { Buffer } from "node:buffer";
import { assert, assertEquals } from "@std/assert";
import { proto } from "@whiskeysockets/baileys";
import { createAliases } from "../../../src/recording/aliases.ts";
import { redactMessage } from "../../../src/whatsapp/baileys/redact_message.ts";
import { fill, readSchema } from "../../support/wa_proto.ts";

const SECRET = "Anna Contoh";
const NUMBER = "4917012345678";
/** Says what kind of file it is, or which message. */
const KEPT = new Set(["mimetype", "id", "stanzaId", "entryPointConversionSource", "ctwaSignals"]);
const JID = /jid|participant$/i;

Deno.test("no field of any message keeps what is personal", async () => {
  const schema = await readSchema();
  const kinds = (schema.get("Message") ?? []).map(({ name }) => name);
  assert(kinds.length > 80, `${kinds.length} kinds`);
  const whole = fill(schema, "Message", {
    text: (field) =>
      KEPT.has(field) ? "x" : JID.test(field) ? `${NUMBER}@s.whatsapp.net` : `${SECRET} +${NUMBER}`,
    bytes: Buffer.from(SECRET),
  });

  const leaking: string[] = [];
  for (const kind of kinds) {
    const message = proto.Message.fromObject({ [kind]: whole[kind] });
    const plain = Buffer.from(proto.Message.encode(message).finish());
    const { bytes } = redactMessage(plain, createAliases({ keepTexts: false }));
    const isFilled = kind === "senderKeyDistributionMessage" || plain.length > 2;
    if (!isFilled || bytes.includes(SECRET) || bytes.includes(NUMBER)) leaking.push(kind);
    proto.Message.decode(bytes); // still a message
  }

  assertEquals(leaking, []);
});
