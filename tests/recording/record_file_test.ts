import { assertEquals } from "@std/assert";
import { createRecordFile } from "../../src/recording/record_file.ts";

async function withFolder(test: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("record file that is full is followed by another, with a header of its own", () =>
  withFolder(async (folder) => {
    const onFailure = () => {};
    const file = createRecordFile({
      folder: `${folder}/new`,
      name: "device_1",
      mostCharacters: 12,
      onFailure,
    });
    let headers = 0;

    for (const line of ["one\n", "two\n", "three\n", "four\n"]) file.add(line, () => `h${++headers}\n`);
    await file.written();
    file.add("five\n", () => `h${++headers}\n`);
    await file.written();

    const read = (name: string) => Deno.readTextFile(`${folder}/new/${name}.jsonl`);
    assertEquals([await read("device_1"), await read("device_1.2")], [
      "h1\none\ntwo\nthree\n",
      "h2\nfour\nfive\n",
    ]);
  }));

Deno.test("record file tells once that it cannot be written, and gives up", () =>
  withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/taken`, "");
    const failures: string[] = [];
    const onFailure = (path: string) => failures.push(path);
    const file = createRecordFile({ folder: `${folder}/taken`, name: "a", mostCharacters: 1_000, onFailure });

    file.add("one\n", () => "h\n");
    await file.written();
    file.add("two\n", () => "h\n");
    await file.written();

    assertEquals(failures, [`${folder}/taken/a.jsonl`]);
  }));
