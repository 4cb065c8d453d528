import type { Language } from "../words.ts";
import blastsEn from "./en/blasts.md" with { type: "text" };
import firstEn from "./en/first-webhook.md" with { type: "text" };
import growingEn from "./en/growing.md" with { type: "text" };
import orderingEn from "./en/ordering.md" with { type: "text" };
import pullEn from "./en/pull.md" with { type: "text" };
import retriesEn from "./en/retries.md" with { type: "text" };
import signaturesEn from "./en/signatures.md" with { type: "text" };
import blastsId from "./id/blasts.md" with { type: "text" };
import firstId from "./id/first-webhook.md" with { type: "text" };
import growingId from "./id/growing.md" with { type: "text" };
import orderingId from "./id/ordering.md" with { type: "text" };
import pullId from "./id/pull.md" with { type: "text" };
import retriesId from "./id/retries.md" with { type: "text" };
import signaturesId from "./id/signatures.md" with { type: "text" };

type InBoth = Readonly<Record<Language, string>>;

/** One page of the guide, in both languages. */
export interface GuidePage {
  /** The end of its address. */
  readonly slug: string;
  readonly titles: InBoth;
  /** One line. */
  readonly abouts: InBoth;
  /** Markdown. */
  readonly texts: InBoth;
}

/** The guide, in the order in which one reads it. */
export const GUIDE: readonly GuidePage[] = [
  {
    slug: "first-webhook",
    titles: { en: "Your first webhook", id: "Webhook pertama" },
    abouts: {
      en: "From the first start to the first message in your program.",
      id: "Dari menjalankan gateway sampai pesan pertama tiba di program Anda.",
    },
    texts: { en: firstEn, id: firstId },
  },
  {
    slug: "signatures",
    titles: { en: "Signatures", id: "Tanda tangan" },
    abouts: {
      en: "How to know that a request is the gateway's.",
      id: "Cara memastikan sebuah permintaan memang dari gateway.",
    },
    texts: { en: signaturesEn, id: signaturesId },
  },
  {
    slug: "retries",
    titles: { en: "Retries", id: "Percobaan ulang" },
    abouts: {
      en: "What happens when your program does not answer, and what you owe.",
      id: "Yang terjadi kalau program Anda tidak menjawab, dan bagian Anda.",
    },
    texts: { en: retriesEn, id: retriesId },
  },
  {
    slug: "ordering",
    titles: { en: "Order", id: "Urutan" },
    abouts: {
      en: "When one event must not overtake another.",
      id: "Kalau peristiwa tidak boleh saling mendahului.",
    },
    texts: { en: orderingEn, id: orderingId },
  },
  {
    slug: "pull",
    titles: { en: "Pull instead of push", id: "Ambil sendiri" },
    abouts: {
      en: "Events without a public address: long poll, stream, and your own machine.",
      id: "Peristiwa tanpa alamat publik: menunggu jawaban, aliran, dan komputer sendiri.",
    },
    texts: { en: pullEn, id: pullId },
  },
  {
    slug: "blasts",
    titles: { en: "Blasts", id: "Pesan massal" },
    abouts: {
      en: "One request, many messages, at a human pace.",
      id: "Satu permintaan, banyak pesan, dengan laju wajar.",
    },
    texts: { en: blastsEn, id: blastsId },
  },
  {
    slug: "growing",
    titles: { en: "Growing", id: "Bertumbuh" },
    abouts: {
      en: "One file, Postgres, and several gateways on one database.",
      id: "Satu berkas, Postgres, dan beberapa gateway pada satu basis data.",
    },
    texts: { en: growingEn, id: growingId },
  },
];
