import { assertEquals, assertThrows } from "@std/assert";
import { checkBlast, messageTo } from "../../src/blasts/check.ts";
import { intoRows, numbersIn, wrongSigns } from "../../src/blasts/number_signs.ts";
import { decodeTable, isTooLong, lacksNames, phoneColumnOf, readTable } from "../../src/blasts/csv.ts";
import { fill, TextTooLongError } from "../../src/blasts/template_text.ts";

Deno.test("tables are read with whichever separator their first row has most of", () => {
  for (const sign of [";", ",", "\t", "|"]) {
    const table = readTable(`name${sign}phone\nIbu Sari${sign}0812`);

    assertEquals([table.separator, table.header], [sign, ["name", "phone"]]);
    assertEquals(table.rows, [{ line: 2, cells: ["Ibu Sari", "0812"] }]);
  }
});

Deno.test("tables keep separators, quotes and line ends within quotes", () => {
  const { rows } = readTable('name,phone\r\n"Sari, Ibu ""Ami""\nBandung",0812\r\n\r\nBudi,0813');

  assertEquals(rows, [
    { line: 2, cells: ['Sari, Ibu "Ami"\nBandung', "0812"] },
    { line: 4, cells: ["Budi", "0813"] },
  ]);
});

Deno.test("tables fill short rows up and drop what is beyond the header", () => {
  assertEquals(readTable("a;b;c\n1\n1;2;3;4").rows.map(({ cells }) => cells), [["1", "", ""], [
    "1",
    "2",
    "3",
  ]]);
});

Deno.test("tables are decoded from what spreadsheets write", () => {
  const utf16 = (order: "le" | "be") => {
    const units = [0xfeff, ..."é".split("").map((sign) => sign.charCodeAt(0))];
    return Uint8Array.from(
      units.flatMap((unit) => order === "le" ? [unit & 255, unit >> 8] : [unit >> 8, unit & 255]),
    );
  };

  assertEquals(decodeTable(new TextEncoder().encode("\ufeffé")), "é");
  assertEquals(decodeTable(utf16("le")), "é");
  assertEquals(decodeTable(utf16("be")), "é");
  assertEquals(decodeTable(Uint8Array.from([0xe9])), "é");
});

Deno.test("the column of phone numbers is found by its name, else by what it holds", () => {
  assertEquals(phoneColumnOf(readTable("Nama;No HP\nSari;0812")), 1);
  assertEquals(phoneColumnOf(readTable("a;b;c\nSari;1;+62 812 3456 7890")), 2);
  assertEquals(phoneColumnOf(readTable("Waktu;Wali;Kontak\n10.00;Sari;0812 3456 7890")), 2);
  assertEquals(phoneColumnOf(readTable("Nomor pesanan;No. WA\nA-17;0812 3456 7890")), 1);
});

Deno.test("a blast's list is checked row by row, and nothing goes to whoever cannot get it", () => {
  const table = readTable(
    "name;phone;points\n" +
      "Ibu Sari;+62 812 3456 7890;240\n" +
      "Budi;12ab;3\n" +
      "Tono;0813 1111 2222;\n" +
      "Sari lagi;081234567890;5\n" +
      "Wati;+62 813-3333-4444;7\n",
  );

  const check = checkBlast(table, "Halo {{name}}, poin Anda {{points}}.", "62");

  assertEquals(check.recipients.map(({ line, phone }) => [line, phone]), [[2, "6281234567890"], [
    6,
    "6281333334444",
  ]]);
  assertEquals(check.findings.map(({ line, kind }) => [line, kind]), [[3, "number"], [4, "gap"], [
    5,
    "twice",
  ]]);
  assertEquals(
    messageTo(check.recipients[0], "Halo {{name}}, poin Anda {{points}}."),
    "Halo Ibu Sari, poin Anda 240.",
  );
});

Deno.test("a blast's check fills in the name and the number that are sent", () => {
  const both = readTable(
    "Customer;name;No HP\nToko Maju;Ibu Sari;0812 3456 7890\nToko Jaya;;0813 1111 2222\n",
  );
  const nama = readTable("nama;phone\nIbu Sari;0812 3456 7890\n");
  const filled = (table: typeof both) => {
    const { recipients, findings } = checkBlast(table, "{{name}}, {{phone}}", "62");
    const said = recipients.map((one) => [one.name, messageTo(one, "{{name}}, {{phone}}")]);
    return [said, findings.map(({ line, kind }) => [line, kind])];
  };

  assertEquals(filled(both), [[["Ibu Sari", "Ibu Sari, +6281234567890"]], [[3, "gap"]]]);
  assertEquals(filled(nama), [[["Ibu Sari", "Ibu Sari, +6281234567890"]], []]);
});

Deno.test("a list that begins with a number has no names of its columns", () => {
  const lacks = (text: string) => lacksNames(readTable(text));

  assertEquals(["0812 3456 7890\n0813 1111 2222", "Wati;+62 812-3456-7890\nSari;0813"].map(lacks), [
    true,
    true,
  ]);
  assertEquals(["phone\n081234567890", "name;phone;2026-11-28\nSari;0812;1", ""].map(lacks), [
    false,
    false,
    false,
  ]);
});

Deno.test("the signs that no number has are found in a cell", () => {
  const marked = (cell: string) => {
    const stretches = wrongSigns(cell, "62");
    return stretches.map(({ from, to }) => cell.slice(from, to));
  };

  assertEquals(marked("0812-3456-78O9"), ["O"]);
  assertEquals(marked("Pak 0812 3456 7890 (WA)"), ["Pak", "WA"]);
  assertEquals(marked("6.28E+12"), [".28E+12"]);
  assertEquals(marked("6281234567.25"), [".25"]);
  assertEquals(marked("0812+3456"), ["+"]);
  assertEquals(marked("0812 3456 7890 / 0813 1111 2222"), [" / "]);
  assertEquals(marked("08123456789, 08131111222"), [", "]);
  assertEquals(marked("\u202a+62 812-3456\u20117890"), []);
  assertEquals(marked("123"), []);
});

Deno.test("a cell holds several numbers only where each can be read", () => {
  const count = (cell: string) => numbersIn(cell, "62")?.length;

  assertEquals(
    ["08123456789, 08131111222", "08123456789/08131111222", "0812-3456-789 dan 0813-1111-222"].map(count),
    [2, 2, 2],
  );
  assertEquals(count("08123456789; 08131111222\n+62 814 1111 222"), 3);
  assertEquals(["0812 3456 789/90", "08123456789, Sari", "08123456789,", "0812", ""].map(count), [
    undefined,
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
});

Deno.test("a row with several numbers becomes one row each, and keeps all else", () => {
  const table = readTable('name;phone\nRina;"08123456789, 08131111222"\n\nBudi;0814\n');
  const places = { column: 1, countryCode: "62" };

  const made = intoRows(table, 2, places);

  assertEquals(made?.lines, [5]);
  assertEquals(made?.table.rows, [
    { line: 2, cells: ["Rina", "08123456789"] },
    { line: 4, cells: ["Budi", "0814"] },
    { line: 5, cells: ["Rina", "08131111222"] },
  ]);
  assertEquals(intoRows(made!.table, 2, places), undefined);
  assertEquals(intoRows(table, 9, places), undefined);
  const rows = Array.from({ length: 50_000 }, (_, n) => ({ line: n + 2, cells: table.rows[0].cells }));
  assertEquals(intoRows({ ...table, rows }, 2, places), undefined);
});

Deno.test("a blast's list is told of one number in two spellings", () => {
  const table = readTable("name;phone\nAna;+55 11 98765-4321\nAna;+55 11 8765-4321\nLoja;+55 11 3456-7890\n");

  const { findings, recipients } = checkBlast(table, "Oi {{name}}", "55");

  assertEquals(findings.map(({ line, kind }) => [line, kind]), [[3, "twice"]]);
  assertEquals(recipients.map(({ phone }) => phone), ["5511987654321", "551134567890"]);
});

Deno.test("tables that would have more cells than a list may have are not made", () => {
  const wide = readTable(`${"a,".repeat(999)}phone\n${"1\n".repeat(3_000)}`);
  const long = readTable(`phone\n${"1\n".repeat(50_001)}`);
  const fits = readTable(`name,phone\n${"A,1\n".repeat(50_000)}\n\n`);

  assertEquals([wide, long, fits].map(isTooLong), [true, true, false]);
  assertEquals([wide.rows.length, fits.rows.length], [0, 50_000]);
});

Deno.test("text is not filled beyond what a message may have", () => {
  const gaps = "{{a}}".repeat(10_000);

  assertEquals(fill(gaps, { a: "xxxxxx" }).length, 60_000);
  assertThrows(() => fill(gaps, { a: "x".repeat(7) }), TextTooLongError);
  // nobody has room for what these two would make of each other
  assertThrows(() => fill(gaps, { a: "x".repeat(1_000_000) }), TextTooLongError);
  assertThrows(() => fill("x".repeat(65_537), {}), TextTooLongError);
  assertEquals(fill(`${gaps}{{b}}`, { b: "x".repeat(65_536) }).length, 65_536);
});
