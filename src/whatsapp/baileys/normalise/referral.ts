import type { proto } from "@whiskeysockets/baileys";
import type { Referral } from "../../../events/content.ts";
import { present } from "../../../events/present.ts";

/**
 * The advertisement on Facebook or Instagram that somebody tapped to write this, as their message tells it.
 * @returns Undefined for other cards: any program can show one.
 * @see WAProto, `ContextInfo.ExternalAdReplyInfo`; WhatsApp Cloud API, "referral"
 */
export function referralOf({ externalAdReply: ad, ...context }: proto.IContextInfo): Referral | undefined {
  const cameByAd = context.entryPointConversionSource?.startsWith("ctwa") ?? false;
  if (!ad || !(cameByAd || ad.sourceId || ad.ctwaClid || ad.sourceType)) return undefined;
  return present({
    sourceUrl: ad.sourceUrl || undefined,
    sourceId: ad.sourceId || undefined,
    sourceType: ad.sourceType || undefined,
    headline: ad.title || undefined,
    body: ad.body || undefined,
    mediaUrl: ad.mediaUrl || undefined,
    thumbnailUrl: ad.thumbnailUrl || undefined,
    ctwaClid: ad.ctwaClid || undefined,
  });
}
