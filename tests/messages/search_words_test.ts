import { assertEquals } from "@std/assert";
import { searchWords } from "../../src/messages/search_words.ts";

Deno.test("search words are lower case, without accents and signs", () => {
  assertEquals(searchWords("Café-CRÈME, Nº 42!"), ["cafe", "creme", "no", "42"]);
  assertEquals(searchWords("ＩＮＶＯＩＣＥ １２"), ["invoice", "12"]);
  assertEquals(searchWords(' "quoted" OR (NEAR) * : \' & | !'), ["quoted", "or", "near"]);
});

Deno.test("search words keep the vowel signs of other scripts", () => {
  assertEquals(searchWords("नमस्ते दुनिया"), ["नमस्ते", "दुनिया"]);
  assertEquals(searchWords("สวัสดี"), ["สวัสดี".normalize("NFKD").normalize("NFC")]);
});

Deno.test("search words of nothing to read are none", () => {
  assertEquals(searchWords("?! 🎉 \u0000 \ud800"), []);
});

Deno.test("search words are bounded in length and number", () => {
  assertEquals(searchWords("a".repeat(100)), ["a".repeat(60)]);
  assertEquals(searchWords("a ".repeat(5_000)).length, 2_000);
});
