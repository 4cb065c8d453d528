import { Buffer } from "node:buffer";
import { assertEquals, assertRejects } from "@std/assert";
import { RefusedError } from "../../src/errors.ts";
import type { FetchMedia } from "../../src/media/fetch.ts";
import type { FileBytes } from "../../src/media/file_bytes.ts";
import { createStoredMediaCache } from "../../src/media/stored_cache.ts";
import { createStoredOutgoing } from "../../src/media/stored_outgoing.ts";
import { createStoredUploads } from "../../src/media/stored_uploads.ts";
import { createDiskFiles } from "../../src/store/disk_files.ts";
import type { ReadInbox } from "../../src/whatsapp/read_inbox.ts";
import { aDevice } from "../store/contracts/samples.ts";

const PNG = Buffer.from("89504e470d0a1a0a0000000d49484452", "hex");
const MESSAGE = { mediaId: "3EB0F", kind: "image", tenantId: "tenant_default" } as const;
const DAY_MS = 24 * 3_600_000;

/** A store's files, what of them is there, and a time that can be moved. */
async function withFiles(
  test: (world: {
    readonly files: ReturnType<typeof createDiskFiles>;
    readonly ids: () => readonly string[];
    readonly clock: { at: number; readonly now: () => number };
  }) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  const clock = { at: 1_700_000_000_000, now: () => clock.at };
  const ids = () => [...Deno.readDirSync(folder)].map(({ name }) => name.replace(/(-)[\w]+/, "$1…")).sort();
  try {
    await test({ files: createDiskFiles(folder), ids, clock });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const noFetch: FetchMedia = Object.assign(() => Promise.reject(new Error("nothing is fetched here")), {
  close: () => Promise.resolve(),
});

async function* piecesOf(...pieces: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  for (const piece of pieces) yield await Promise.resolve(piece);
}

async function contentOf(bytes: FileBytes, size: number): Promise<Uint8Array> {
  return new Uint8Array(await new Response(bytes.body({ start: 0, end: size - 1 })).arrayBuffer());
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  return (await assertRejects(() => work, RefusedError)).code;
}

Deno.test("stored outgoing files are those that came with a request, under their message's id", () =>
  withFiles(async ({ files, ids, clock }) => {
    const outgoing = createStoredOutgoing({ files, maxBytes: 1_000, fetchMedia: noFetch, now: clock.now });
    const upload = await outgoing.receive(piecesOf(PNG.subarray(0, 5), PNG.subarray(5)), {
      fileName: "a.png",
    });
    const before = ids();

    const brought = await outgoing.bring({ from: "upload", upload }, MESSAGE);
    await outgoing.discardUpload(upload);

    assertEquals(before, ["upload-…"]);
    assertEquals(brought, { kind: "image", mimeType: "image/png", sizeBytes: PNG.length, fileName: "a.png" });
    assertEquals(ids(), ["3EB0F"]);
    assertEquals(Buffer.concat(await Array.fromAsync(files.read("3EB0F"))), PNG);
  }));

Deno.test("stored outgoing files leave nothing behind when they are refused", () =>
  withFiles(async ({ files, ids, clock }) => {
    const bytes = piecesOf(PNG);
    const fetchMedia: FetchMedia = Object.assign(
      () => Promise.resolve({ bytes, mimeType: "image/png", breakOff: () => void bytes.return(undefined) }),
      { close: () => Promise.resolve() },
    );
    const outgoing = createStoredOutgoing({ files, maxBytes: 8, fetchMedia, now: clock.now });
    const roomy = createStoredOutgoing({ files, maxBytes: 1_000, fetchMedia, now: clock.now });
    const upload = await roomy.receive(piecesOf(PNG), {});

    const codes = [
      await codeOf(outgoing.receive(piecesOf(PNG), {})),
      await codeOf(outgoing.receive(piecesOf(), {})),
      await codeOf(outgoing.bring({ from: "url", url: "https://a.example/a", field: "media_url" }, MESSAGE)),
      await codeOf(roomy.bring({ from: "upload", upload }, { ...MESSAGE, kind: "voice" })),
    ];

    assertEquals(codes, [
      "MEDIA_TOO_LARGE",
      "INVALID_MEDIA",
      "MEDIA_TOO_LARGE",
      "MEDIA_TYPE_NOT_SUPPORTED",
    ]);
    assertEquals(ids(), []);
  }));

Deno.test("stored outgoing files that are brought again take the place of what was left, and old uploads go", () =>
  withFiles(async ({ files, ids, clock }) => {
    const outgoing = createStoredOutgoing({ files, maxBytes: 1_000, fetchMedia: noFetch, now: clock.now });
    await files.create("3EB0F", clock.now());
    await outgoing.receive(piecesOf(PNG), {});
    clock.at += 2 * DAY_MS;
    const upload = await outgoing.receive(piecesOf(PNG), {});
    await outgoing.bring({ from: "upload", upload }, MESSAGE);

    const swept = await outgoing.sweep(DAY_MS, () => Promise.resolve(false));

    assertEquals([swept, ids(), (await files.info("3EB0F"))?.complete], [1, ["3EB0F"], true]);
  }));

Deno.test("stored uploads are their tenant's, until they are removed or a month old", () =>
  withFiles(async ({ files, ids, clock }) => {
    const outgoing = createStoredOutgoing({ files, maxBytes: 1_000, fetchMedia: noFetch, now: clock.now });
    const uploads = createStoredUploads({
      files,
      take: ({ path }, id) => files.move(path, id),
      now: clock.now,
    });
    const keep = async () =>
      await uploads.keep("tenant_a", await outgoing.receive(piecesOf(PNG), {}), "image/png");
    const [kept, other] = [await keep(), await keep()];

    const found = await uploads.get("tenant_a", kept.id);
    const refused = [
      await uploads.get("tenant_b", kept.id),
      await uploads.remove("tenant_b", kept.id),
      await uploads.get("tenant_a", "../9"),
    ];
    const removed = await uploads.remove("tenant_a", other.id);
    clock.at += 31 * DAY_MS;
    const old = await uploads.get("tenant_a", kept.id);
    const swept = await uploads.sweep();

    assertEquals([found?.mimeType, found?.sizeBytes], ["image/png", PNG.length]);
    assertEquals([refused, removed, old], [[undefined, false, undefined], true, undefined]);
    assertEquals([swept, ids()], [2, []]); // the file, and what is known of it
  }));

Deno.test("stored uploads hold what was uploaded", () =>
  withFiles(async ({ files, clock }) => {
    const outgoing = createStoredOutgoing({ files, maxBytes: 1_000, fetchMedia: noFetch, now: clock.now });
    const uploads = createStoredUploads({
      files,
      take: ({ path }, id) => files.move(path, id),
      now: clock.now,
    });
    const { id } = await uploads.keep("tenant_a", await outgoing.receive(piecesOf(PNG), {}), "image/png");

    const { bytes } = (await uploads.get("tenant_a", id))!;

    assertEquals(Buffer.from(await contentOf(bytes, PNG.length)), PNG);
    assertEquals(await bytes.seenType(), "image/png");
  }));

Deno.test("stored cache fetches a file once by who holds the device, and again when it is old", () =>
  withFiles(async ({ files, clock }) => {
    const folder = await Deno.makeTempDir();
    const device = aDevice();
    let downloads = 0;
    let asked = 0;
    const cacheOf = (isHolder: boolean) =>
      createStoredMediaCache({
        files,
        ttlMs: DAY_MS,
        maxBytes: 1_000,
        inbox: { named: () => Promise.resolve([]) },
        readInbox: () =>
          Promise.resolve(
            [{ data: { content: { type: "image", media: { mediaId: "A1" } } } }] as unknown as Awaited<
              ReturnType<ReadInbox>
            >,
          ),
        fetcherOf: () =>
          isHolder
            ? {
              folder,
              session: {
                async download(_, { path }) {
                  downloads++;
                  await Deno.writeFile(path, PNG);
                  return { kind: "image", mimeType: "image/png", fileName: null, sizeBytes: PNG.length };
                },
              },
            }
            : undefined,
        async bring(_, mediaId) {
          asked++;
          await holder.get(device, mediaId);
        },
        clock,
      });
    const holder = cacheOf(true);
    const other = cacheOf(false);

    const [first, second] = await Promise.all([other.get(device, "A1"), other.get(device, "A1")]);
    const third = await holder.get(device, "A1");
    const once = [downloads, asked];
    clock.at += DAY_MS + 1;
    await other.get(device, "A1");
    const unknown = await codeOf(other.get(device, "B2"));
    const left = [...Deno.readDirSync(folder)];
    await Deno.remove(folder, { recursive: true });

    assertEquals([first, second, third].map(({ mimeType, sizeBytes }) => [mimeType, sizeBytes]), [
      ["image/png", PNG.length],
      ["image/png", PNG.length],
      ["image/png", PNG.length],
    ]);
    assertEquals(Buffer.from(await contentOf(third.bytes, PNG.length)), PNG);
    assertEquals([once, [downloads, asked], unknown, left], [[1, 1], [2, 2], "MEDIA_NOT_FOUND", []]);
  }));

Deno.test("stored cache keeps the later of two files under one name", () =>
  withFiles(async ({ files, clock }) => {
    const cache = createStoredMediaCache({
      files,
      ttlMs: DAY_MS,
      maxBytes: 1_000,
      inbox: { named: () => Promise.resolve([]) },
      readInbox: () => Promise.resolve([]),
      fetcherOf: () => undefined,
      bring: () => Promise.reject(new Error("nothing is brought here")),
      clock,
    });
    const about = { kind: "document", mimeType: "text/plain", fileName: "a.txt" } as const;
    await cache.keep("device_a", "M1", { ...about, bytes: new TextEncoder().encode("one and all") });
    await cache.keep("device_a", "M1", { ...about, bytes: new TextEncoder().encode("two") });

    const found = await cache.get(aDevice({ id: "device_a" }), "M1");

    assertEquals(new TextDecoder().decode(await contentOf(found.bytes, 3)), "two");
    assertEquals([found.sizeBytes, found.fileName], [3, "a.txt"]);
  }));
