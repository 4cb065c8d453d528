import { assertEquals } from "@std/assert";
import { csvCell } from "../../src/dashboard/csv_cell.ts";

Deno.test("CSV cells hold no formula, whichever separator a spreadsheet splits by", () => {
  const cells = {
    "Ibu Sari": "Ibu Sari",
    "=1+1": "'=1+1",
    "+62 800": "'+62 800",
    "-1": "'-1",
    "@SUM(A1)": "'@SUM(A1)",
    "\t=1": "'\t'=1",
    "＝1+1": "'＝1+1",
    "x;=cmd|' /C calc'!A0": `"x;'=cmd|' /C calc'!A0"`,
    "x\n=1": `"x\n'=1"`,
    'say "hi", =1': `"say ""hi"", =1"`,
    "a=b": "a=b",
  };

  for (const [text, expected] of Object.entries(cells)) assertEquals(csvCell(text), expected);
});

Deno.test("CSV cells of many blanks are made at once", () => {
  const blanks = " ".repeat(2_000_000); // nobody would wait for time that grows with the square of it

  assertEquals(csvCell(`${blanks}x`).length, blanks.length + 1);
  assertEquals(csvCell(`${blanks}=1`), `${blanks}'=1`);
});
