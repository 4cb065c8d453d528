import type { MessageContext, Referral } from "../../events/content.ts";
import { present } from "../../events/present.ts";
import { firstText, id, isRecord, type Loose, record, text } from "../loose.ts";
import { personIn } from "./address.ts";

/** What surrounds a message: the one that it answers, the advertisement that led to it, whether it was forwarded. */
export function qiscusContext(message: Loose): MessageContext {
  const context = record(message.context ?? record(message.message).context);
  const quotedId = id(context.id ?? context.message_id);
  const referral = message.referral ?? record(message.message).referral;
  return present({
    quoted: quotedId === undefined
      ? undefined
      : { messageId: quotedId, from: personIn(context.from) ?? null },
    forwarded: context.forwarded === true || context.frequently_forwarded === true || undefined,
    referral: isRecord(referral) ? referralOf(referral) : productOf(context.referred_product),
  });
}

/** @see WhatsApp Business Platform, Cloud API, "Webhooks: referral object" */
function referralOf(given: Loose): Referral | undefined {
  const referral: Referral = present({
    sourceUrl: text(given.source_url),
    sourceId: id(given.source_id),
    sourceType: text(given.source_type),
    headline: text(given.headline),
    body: text(given.body),
    mediaUrl: firstText(given.image_url, given.video_url, given.media_url),
    thumbnailUrl: text(given.thumbnail_url),
    ctwaClid: text(given.ctwa_clid),
  });
  return Object.keys(referral).length === 0 ? undefined : referral;
}

/** A question about a product of the catalogue: the product led to it as an advertisement does. */
function productOf(given: unknown): Referral | undefined {
  const { product_retailer_id, catalog_id } = record(given);
  const sourceId = id(product_retailer_id);
  return sourceId === undefined
    ? undefined
    : { sourceType: "product", sourceId, ...present({ headline: id(catalog_id) }) };
}
