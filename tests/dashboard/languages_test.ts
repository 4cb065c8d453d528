import { assertEquals } from "@std/assert";
import { type SettingName, SETTINGS } from "../../src/config.ts";
import { saidIn } from "../../src/dashboard/words/gateway_sentences.ts";
import { TABLES } from "../../src/dashboard/words/mod.ts";
import { SUBJECTS } from "../../src/dashboard/words/settings.ts";
import type { Pairs } from "../../src/dashboard/words/words.ts";
import { OPTED_OUT } from "../../src/opt_outs/gate.ts";
import { failureOfError, failureOfStatus, failureOfTimeout } from "../../src/webhooks/failure.ts";
import {
  LOGGED_OUT_UNTOLD,
  PASSKEY_REQUIRED,
  refusedForGood,
  REMOVED,
  sessionEndOf,
  STALLED,
  STOPPED,
  UNTRIED,
  upgradeRefused,
} from "../../src/whatsapp/disconnects.ts";
import {
  NOT_CONNECTED,
  NOT_ON_WHATSAPP,
  refusalOf,
  timedOut,
  UNKNOWN_LID,
} from "../../src/whatsapp/send_errors.ts";
import { MASTER_KEY } from "../support/gateway.ts";
import { shownGateway, shownPaths } from "../support/shown_gateway.ts";
import { signedIn } from "../support/ui.ts";

/** Words that no sentence of the language does without, and that the other language does not have. */
const TELLTALE = {
  en: /\b(?:the|is|are|was|were|of|and|with|from|this|that|not|yet|your|you|it|been|cannot|must|no)\b/i,
  id: /\b(?:yang|dan|tidak|belum|untuk|dengan|dari|ini|itu|sudah|akan|bisa|atau|pada|oleh|lagi|jika|bila)\b/i,
};

/** What people wrote and called themselves, and names that are the same in both languages. */
const DATA =
  /Halo|Bisa dikirim|Berapa ongkos|Terima kasih|Balas STOP|Sari lagi|^https:|^IS$|^Data$|^(?:Bahasa Indonesia|English)$/;

const pairs = Object.values<Pairs>(TABLES).flatMap((table) => Object.values(table));
const fixed = pairs.filter((pair): pair is readonly [string, string] => typeof pair[0] === "string");
const words = { en: new Set(fixed.map(([en]) => en)), id: new Set(fixed.map(([, id]) => id)) };

/** What a reader sees or hears of a page, piece by piece: without code, and what says itself that it is in another language. */
function saidOn(html: string): readonly string[] {
  const body = html.slice(html.indexOf("<body"))
    .replaceAll(/<(pre|code|kbd|script|style|textarea|template|option)\b[^>]*>.*?<\/\1>/gs, " ")
    .replaceAll(/<(\w+)[^>]*\blang="\w+"[^>]*>.*?<\/\1>/gs, " ");
  const attributes = [...body.matchAll(/\b(?:title|aria-label|placeholder|alt)="([^"]*)"/g)].map(([, text]) =>
    text
  );
  return [...body.split(/<[^>]*>/), ...attributes].map((text) => text.replaceAll("&#39;", "'").trim())
    .filter((text) => text !== "");
}

Deno.test("dashboard says nothing in English on Indonesian pages, nor the other way round", async () => {
  await using shown = await shownGateway();
  const paths = await shownPaths(shown);
  const visitor = await signedIn(shown.gateway, MASTER_KEY);
  const strange: string[] = [];

  for (const [lang, other] of [["id", "en"], ["en", "id"]] as const) {
    visitor.cookies.set("kabar_lang", lang);
    for (const path of Object.values(paths)) {
      const { html } = await visitor.get(path);
      for (const text of saidOn(html).filter((text) => !DATA.test(text))) {
        const isOthers = words[other].has(text) && !words[lang].has(text);
        if (isOthers || TELLTALE[other].test(text) && !TELLTALE[lang].test(text)) {
          strange.push(`${lang} ${path}: ${text}`);
        }
      }
    }
  }

  assertEquals([...new Set(strange)], []);
});

Deno.test("dashboard lists every setting under one subject", () => {
  const listed: readonly SettingName[] = SUBJECTS.flatMap(({ settings }) => settings);

  assertEquals(listed.toSorted(), (Object.keys(SETTINGS) as SettingName[]).toSorted());
});

Deno.test("dashboard has every sentence of the gateway about a failure in Indonesian", () => {
  const codes = Array.from({ length: 600 }, (_, code) => code);
  const sentences = [
    ...codes.map((code) => refusalOf(code).message),
    ...[true, false].flatMap((paired) => codes.map((code) => sessionEndOf({ code, paired }).message)),
    sessionEndOf({ code: 402, paired: true, until: 0 }).message,
    sessionEndOf({ code: null, paired: false, text: "QR refs attempts ended" }).message,
    ...[NOT_ON_WHATSAPP, UNKNOWN_LID, NOT_CONNECTED, timedOut(20_000), OPTED_OUT].map(({ message }) =>
      message
    ),
    ...[LOGGED_OUT_UNTOLD, PASSKEY_REQUIRED, REMOVED, STALLED, STOPPED, UNTRIED].map(({ message }) =>
      message
    ),
    upgradeRefused(503).message,
    refusedForGood(STOPPED).message,
    ...[400, 301].map((status) => failureOfStatus(status).error),
    ...(["connecting", "waiting"] as const).map((phase) => failureOfTimeout(phase, 10_000).error),
    ...["ECONNREFUSED", "ETIMEDOUT", "ENOTFOUND", "EAI_AGAIN", "ECONNRESET", "UND_ERR_HEADERS_OVERFLOW"]
      .concat([
        "UND_ERR_RES_CONTENT_LENGTH_MISMATCH",
        "UND_ERR_CLOSED",
        "EHOSTUNREACH",
        "KABAR_ELSE",
      ]).map((code) => failureOfError(Object.assign(new Error("x"), { code }), "toko.example").error),
  ];

  const english = [...new Set(sentences)].map((text) => saidIn(text, "id")).filter((text) =>
    TELLTALE.en.test(text)
  );

  assertEquals(english, []);
});
