// Media that expired: a client asks for it with a receipt, and the phone of its sender uploads it again.
import { Buffer } from "node:buffer";
import { createCipheriv, hkdfSync, randomBytes } from "node:crypto";
import { proto } from "@whiskeysockets/baileys";
import { SERVER } from "../wire/jids.ts";
import type { LinkedDevice } from "../people/linked_device.ts";
import type { Network } from "../people/network.ts";
import { type BinaryNode, child, node, unixSeconds } from "../wire/nodes.ts";
import { mediaOf } from "../people/reading.ts";

const { ResultType } = proto.MediaRetryNotification;
const RETRY_INFO = "WhatsApp Media Retry Notification";

/** Answers a receipt of type `server-error`: uploads the file of the message again, under another path. */
export function answerMediaRetry(network: Network, device: LinkedDevice, receipt: BinaryNode): void {
  const { id } = receipt.attrs;
  const asked = child(receipt, "rmr");
  const sender = network.findContact(asked?.attrs.participant ?? asked?.attrs.jid ?? "");
  const sent = sender?.sent(id);
  const file = sent && mediaOf(sent.message);
  const blob = network.media.get(file?.part.directPath ?? file?.part.url ?? "");
  const attrs = { from: SERVER, type: "mediaretry", id, t: unixSeconds() };
  const about = asked ? [node("rmr", asked.attrs)] : [];
  if (!file?.part.mediaKey || !blob) {
    const error = node("error", { code: ResultType.NOT_FOUND });
    return device.deliver(node("notification", attrs, [error, ...about]));
  }
  const { path: directPath } = network.media.put(blob, `again-${network.nextId("")}`);
  const sealed = seal(file.part.mediaKey, id, { stanzaId: id, directPath, result: ResultType.SUCCESS });
  device.deliver(node("notification", attrs, [sealed, ...about]));
}

// as Baileys lib/Utils/messages-media.js decryptMediaRetryData opens it
function seal(mediaKey: Uint8Array, id: string, notification: proto.IMediaRetryNotification): BinaryNode {
  const key = Buffer.from(hkdfSync("sha256", mediaKey, Buffer.alloc(0), RETRY_INFO, 32));
  const iv = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", key, iv);
  cipher.setAAD(Buffer.from(id));
  const plain = proto.MediaRetryNotification.encode(notification).finish();
  const ciphertext = Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
  return node("encrypt", {}, [node("enc_p", {}, ciphertext), node("enc_iv", {}, iv)]);
}
