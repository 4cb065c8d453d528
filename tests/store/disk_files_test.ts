import { assertRejects } from "@std/assert";
import { InvalidError } from "../../src/errors.ts";
import { createDiskFiles } from "../../src/store/disk_files.ts";
import { filesContract } from "./contracts/files.ts";

filesContract("disk", async () => {
  const folder = await Deno.makeTempDir();
  return {
    files: createDiskFiles(`${folder}/media`),
    close: () => Deno.remove(folder, { recursive: true }),
  };
});

for (const id of ["../secret", "a/b", ".hidden", "", "a.part"]) {
  Deno.test(`disk files refuse the id "${id}"`, async () => {
    const folder = await Deno.makeTempDir();

    await assertRejects(() => createDiskFiles(folder).create(id, 0), InvalidError);

    await Deno.remove(folder);
  });
}
