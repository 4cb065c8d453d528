import { assertEquals, assertThrows } from "@std/assert";
import { pageOf } from "../../../src/http/cloud/paging.ts";
import { GraphError } from "../../../src/http/graph_errors.ts";

const AT = "https://kabar.example/graph/v23.0/1/message_templates";
const ROWS = ["satu", "dua", "tiga", "empat é", "lima"];
const page = (address: string, rows: readonly string[] = ROWS) =>
  pageOf(rows, address, { idOf: (row) => row, shown: (row) => row });

Deno.test("graph pages are followed by their own addresses until every row was seen once", () => {
  const seen: unknown[] = [];
  let address: string | undefined = `${AT}?limit=2&fields=name`;

  while (address !== undefined) {
    const { data, paging }: ReturnType<typeof page> = page(address);
    seen.push(data);
    address = paging !== undefined && "next" in paging ? paging.next : undefined;
    if (address !== undefined) assertEquals(new URL(address).searchParams.get("fields"), "name");
  }

  assertEquals(seen, [["satu", "dua"], ["tiga", "empat é"], ["lima"]]);
});

Deno.test("graph lists that fit have cursors and no next page, and empty ones have nothing", () => {
  const whole = page(AT);

  assertEquals(whole.data, ROWS);
  assertEquals(Object.keys(whole.paging ?? {}), ["cursors"]);
  assertEquals(page(AT, []), { data: [] });
});

Deno.test("graph pages refuse a limit that is none and a cursor of another list", () => {
  for (const query of ["limit=0", "limit=-1", "limit=many", "after=bm90", "limit="]) {
    assertThrows(() => page(`${AT}?${query}`), GraphError);
  }
});
