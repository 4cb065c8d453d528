import { assertEquals, assertRejects } from "@std/assert";
import { ConflictError, NotFoundError } from "../../../src/errors.ts";
import type { Files } from "../../../src/store/files.ts";
import { T0 } from "./samples.ts";

/** Opens an empty place for files; closing it removes it. */
export type OpenFiles = () => Promise<{ readonly files: Files; close(): Promise<void> }>;

/** What every place for files promises. */
export function filesContract(name: string, open: OpenFiles): void {
  const test = (behaviour: string, body: (files: Files) => Promise<void>) =>
    Deno.test(`${name} files ${behaviour}`, async () => {
      const { files, close } = await open();
      try {
        await body(files);
      } finally {
        await close();
      }
    });

  async function bytesOf(files: Files, ...asked: Parameters<Files["read"]>): Promise<Uint8Array> {
    const pieces = await Array.fromAsync(files.read(...asked));
    return new Uint8Array(await new Blob(pieces.map((piece) => Uint8Array.from(piece))).arrayBuffer());
  }

  /** Bytes of which each tells its place. */
  const bytes = (size: number) => Uint8Array.from({ length: size }, (_, index) => index * 7 % 251);

  test("give back what was put in, however large the pieces were", async (files) => {
    const all = bytes(700_001);
    await files.create("a.jpg", T0);
    for (const [from, to] of [[0, 1], [1, 600_000], [600_000, 700_001]]) {
      await files.append("a.jpg", all.subarray(from, to));
    }
    await files.finish("a.jpg");

    assertEquals(await files.info("a.jpg"), { sizeBytes: 700_001, complete: true, createdAt: T0 });
    assertEquals(await bytesOf(files, "a.jpg"), all);
    assertEquals(
      await bytesOf(files, "a.jpg", { from: 262_143, to: 262_146 }),
      all.subarray(262_143, 262_146),
    );
    assertEquals(await bytesOf(files, "a.jpg", { from: 699_999 }), all.subarray(699_999));
    assertEquals(await bytesOf(files, "a.jpg", { from: 700_001 }), new Uint8Array());
  });

  test("can be read while they are being written", async (files) => {
    await files.create("a", T0);
    await files.append("a", bytes(10));

    const before = await bytesOf(files, "a");
    await files.append("a", bytes(5));

    assertEquals([before.length, (await bytesOf(files, "a", { from: 10 })).length], [10, 5]);
    assertEquals(await files.info("a"), { sizeBytes: 15, complete: false, createdAt: T0 });
  });

  test("may be empty", async (files) => {
    await files.create("a", T0);
    await files.finish("a");

    assertEquals(await files.info("a"), { sizeBytes: 0, complete: true, createdAt: T0 });
    assertEquals(await bytesOf(files, "a"), new Uint8Array());
  });

  test("are written once under an id", async (files) => {
    await files.create("a", T0);
    await assertRejects(() => files.create("a", T0), ConflictError);
    await files.finish("a");

    await assertRejects(() => files.create("a", T0), ConflictError);
  });

  test("that do not exist, or not any more, are not found", async (files) => {
    await files.create("a", T0);
    await files.append("a", bytes(3));
    await files.remove("a");
    await files.remove("a");

    assertEquals(await files.info("a"), undefined);
    await assertRejects(() => files.append("a", bytes(3)), NotFoundError);
    await assertRejects(() => bytesOf(files, "a"), NotFoundError);
    await assertRejects(() => files.finish("a"), NotFoundError);
  });

  test("are forgotten by age", async (files) => {
    for (const [id, at] of [["old", T0 - 2_000], ["older", T0 - 3_000], ["new", T0]] as const) {
      await files.create(id, at);
      await files.append(id, bytes(3));
      await files.finish(id);
    }

    const removed = [await files.prune(T0 - 1_000, 1), await files.prune(T0 - 1_000, 5)];

    assertEquals(removed, [1, 1]);
    assertEquals([await files.info("old"), await files.info("older")], [undefined, undefined]);
    assertEquals((await files.info("new"))?.sizeBytes, 3);
  });

  test("are given another id, with all that they hold", async (files) => {
    const all = bytes(300_000);
    await files.create("a", T0);
    await files.append("a", all);
    await files.finish("a");
    await files.create("c", T0);

    await files.move("a", "b");
    await assertRejects(() => files.move("a", "d"), NotFoundError);
    await assertRejects(() => files.move("b", "c"), ConflictError);

    assertEquals(await files.info("a"), undefined);
    assertEquals(await files.info("b"), { sizeBytes: 300_000, complete: true, createdAt: T0 });
    assertEquals(await bytesOf(files, "b"), all);
  });

  test("are pruned by what their ids begin with", async (files) => {
    for (const id of ["cache-1", "cache-2", "kept-1", "3EB0"]) await files.create(id, T0);
    await files.create("cache-3", T0 + 10_000);

    const removed = [
      await files.prune(T0 + 1, 1, "cache-"),
      await files.prune(T0 + 1, 5, "cache-"),
      await files.prune(T0 + 1, 5, "other-"),
    ];

    assertEquals(removed, [1, 1, 0]);
    assertEquals(
      await Promise.all(["cache-3", "kept-1", "3EB0"].map(async (id) => await files.info(id) !== undefined)),
      [true, true, true],
    );
  });
}
