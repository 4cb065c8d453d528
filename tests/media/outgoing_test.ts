import { Buffer } from "node:buffer";
import { join } from "node:path";
import { assertEquals, assertRejects } from "@std/assert";
import { RefusedError } from "../../src/errors.ts";
import { createFetchMedia } from "../../src/media/fetch.ts";
import { createOutgoingFiles, type OutgoingFiles } from "../../src/media/outgoing.ts";
import { createGuard } from "../../src/net/guard.ts";

const PNG = Buffer.from("89504e470d0a1a0a0000000d49484452", "hex");
const DEFAULT = { mediaId: "3EB0F", kind: "image", tenantId: "tenant_default" } as const;

interface World {
  readonly files: OutgoingFiles;
  readonly url: string;
  readonly folder: string;
}

async function withFiles(
  test: (world: World) => Promise<void>,
  options: {
    readonly maxBytes?: number;
    readonly silenceMs?: number;
    readonly serve?: (request: Request) => Response | Promise<Response>;
  } = {},
): Promise<void> {
  const folder = await Deno.makeTempDir();
  const server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen: () => {} },
    options.serve ?? (() => new Response(PNG, { headers: { "Content-Type": "image/png" } })),
  );
  const fetchMedia = createFetchMedia({
    guard: createGuard({ allowPrivate: false }),
    version: "0",
    silenceMs: options.silenceMs,
  });
  const files = createOutgoingFiles({
    folder: join(folder, "outgoing"),
    maxBytes: options.maxBytes ?? 1_000,
    fetchMedia,
    now: Date.now,
  });
  try {
    await test({ files, url: `http://127.0.0.1:${server.addr.port}`, folder: join(folder, "outgoing") });
  } finally {
    await fetchMedia.close();
    await server.shutdown();
    await Deno.remove(folder, { recursive: true });
  }
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  return (await assertRejects(() => work, RefusedError)).code;
}

async function* piecesOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(bytes);
}

function left(folder: string): readonly string[] {
  return [...Deno.readDirSync(folder)].map(({ name }) => name);
}

Deno.test("files are fetched to the disk from a URL", () =>
  withFiles(async ({ files, url }) => {
    const brought = await files.bring({ from: "url", url: `${url}/menu.png`, field: "media_url" }, DEFAULT);

    assertEquals(brought, {
      kind: "image",
      mimeType: "image/png",
      sizeBytes: PNG.length,
      fileName: "menu.png",
    });
    assertEquals(Buffer.from(await Deno.readFile(files.pathOf("3EB0F"))), PNG);
  }));

Deno.test("files have the name that their server tells, also where it writes it in UTF-8", () =>
  withFiles(async ({ files, url }) => {
    const brought = await files.bring({ from: "url", url: `${url}/get?id=1`, field: "media_url" }, DEFAULT);

    assertEquals(brought.fileName, "Отчёт – 商品.png");
  }, {
    serve: () => {
      const disposition = Buffer.from('attachment; filename="Отчёт – 商品.png"').toString("latin1");
      return new Response(PNG, { headers: { "Content-Disposition": disposition } });
    },
  }));

Deno.test("files are not fetched from private addresses for other tenants", () =>
  withFiles(async ({ files, url, folder }) => {
    const code = await codeOf(
      files.bring({ from: "url", url, field: "media_url" }, { ...DEFAULT, tenantId: "tenant_b" }),
    );

    assertEquals([code, left(folder)], ["MEDIA_URL_REFUSED", []]);
  }));

Deno.test("files are not fetched when a redirect leads to what is no URL", () =>
  withFiles(async ({ files, url }) => {
    const bringing = files.bring({ from: "url", url, field: "media_url" }, DEFAULT);

    assertEquals(await codeOf(bringing), "MEDIA_UNREACHABLE");
  }, { serve: () => new Response(null, { status: 302, headers: { Location: "http://[" } }) }));

Deno.test("files are not fetched from where a redirect must not lead", () =>
  withFiles(async ({ files, url }) => {
    const code = await codeOf(files.bring({ from: "url", url, field: "media_url" }, DEFAULT));

    assertEquals(code, "MEDIA_URL_REFUSED");
  }, { serve: () => Response.redirect("http://169.254.169.254/latest/meta-data") }));

Deno.test("files that are announced too large are not fetched", () =>
  withFiles(async ({ files, url, folder }) => {
    const code = await codeOf(files.bring({ from: "url", url, field: "media_url" }, DEFAULT));

    assertEquals([code, left(folder)], ["MEDIA_TOO_LARGE", []]);
  }, { maxBytes: 8 }));

Deno.test("files that turn out too large are broken off and removed", () =>
  withFiles(async ({ files, url, folder }) => {
    const code = await codeOf(files.bring({ from: "url", url, field: "media_url" }, DEFAULT));

    assertEquals([code, left(folder)], ["MEDIA_TOO_LARGE", []]);
  }, {
    maxBytes: 100,
    serve: () =>
      new Response(
        new ReadableStream({
          pull: (controller) => controller.enqueue(new Uint8Array(64)),
        }),
      ),
  }));

Deno.test("files that their server does not have are unreachable", () =>
  withFiles(async ({ files, url }) => {
    const error = await assertRejects(
      () => files.bring({ from: "url", url: `${url}/a.png?token=secret`, field: "media_url" }, DEFAULT),
      RefusedError,
      "/a.png: it answers 404",
    );

    assertEquals(error.code, "MEDIA_UNREACHABLE");
  }, { serve: () => new Response("no", { status: 404 }) }));

Deno.test("files whose server is not there are unreachable", () =>
  withFiles(async ({ files }) => {
    const code = await codeOf(
      files.bring({ from: "url", url: "http://127.0.0.1:1/a.png", field: "media_url" }, DEFAULT),
    );

    assertEquals(code, "MEDIA_UNREACHABLE");
  }));

Deno.test("files that come with a request are refused when they are too large", () =>
  withFiles(async ({ files, folder }) => {
    assertEquals(await codeOf(files.receive(piecesOf(Buffer.alloc(2_000)), {})), "MEDIA_TOO_LARGE");
    assertEquals(left(folder), []);
  }));

Deno.test("files that come with a request are told apart by their bytes", () =>
  withFiles(async ({ files }) => {
    const { sha256, sizeBytes } = await files.receive(piecesOf(Buffer.from("abc")), {});

    assertEquals([sha256, sizeBytes], [
      "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", // FIPS 180-2, appendix B.1
      3,
    ]);
  }));

Deno.test("files that do not fit their message are removed", () =>
  withFiles(async ({ files, folder }) => {
    const upload = await files.receive(piecesOf(Buffer.from("<html>")), {});

    assertEquals(await codeOf(files.bring({ from: "upload", upload }, DEFAULT)), "MEDIA_TYPE_NOT_SUPPORTED");
    assertEquals(left(folder), []);
  }));

Deno.test("files find their kind themselves when nobody says", () =>
  withFiles(async ({ files }) => {
    const upload = await files.receive(piecesOf(PNG), {});

    const brought = await files.bring({ from: "upload", upload }, { ...DEFAULT, kind: "any" });

    assertEquals(brought.kind, "image");
  }));

Deno.test("files that were uploaded and never sent are swept away", () =>
  withFiles(async ({ files, folder }) => {
    await files.receive(piecesOf(PNG), {});
    await files.bring({ from: "upload", upload: await files.receive(piecesOf(PNG), {}) }, DEFAULT);

    const removed = await files.sweep(60_000, () => Promise.resolve(false));

    assertEquals([removed, left(folder)], [1, ["3EB0F"]]);
  }));

Deno.test("files that were brought long ago are kept while their message has still to leave", () =>
  withFiles(async ({ files, folder }) => {
    for (const mediaId of ["3EB0KEPT", "3EB0LEFT"]) {
      const upload = await files.receive(piecesOf(PNG), {});
      await files.bring({ from: "upload", upload }, { ...DEFAULT, mediaId });
    }

    const removed = await files.sweep(-1, (mediaId) => Promise.resolve(mediaId === "3EB0KEPT"));

    assertEquals([removed, left(folder)], [1, ["3EB0KEPT"]]);
  }));

Deno.test("a URL that is refused is told with its field, and without what may be a key", () =>
  withFiles(async ({ files }) => {
    const refuse = (url: string) =>
      assertRejects(() => files.bring({ from: "url", url, field: "media_url" }, DEFAULT), RefusedError);

    const scheme = await refuse("ftp://host/a.png?key=secret");
    const password = await refuse("http://user:secret@host/a.png");
    const nothing = await refuse("a.png");

    assertEquals(
      scheme.message,
      'Cannot use "ftp://host/a.png" as media_url: The URL must start with http:// or https://, not ftp:',
    );
    assertEquals(password.message.includes("secret"), false);
    assertEquals(
      nothing.message,
      'Cannot use "a.png" as media_url: The URL cannot be read; it must be like https://host/path',
    );
    assertEquals(scheme.details, { field: "media_url" });
  }));

Deno.test("a server that does not answer, or stops in the middle, is told as one", () => {
  const { promise: never, resolve: end } = Promise.withResolvers<Response>();
  const half = () => new Response(new ReadableStream({ start: (body) => body.enqueue(PNG) }));
  return withFiles(async ({ files, url }) => {
    const refuse = (path: string) =>
      assertRejects(
        () => files.bring({ from: "url", url: url + path, field: "media_url" }, DEFAULT),
        RefusedError,
      );

    const mute = await refuse("/mute.png");
    const stuck = await refuse("/half.png");
    end(new Response());

    assertEquals([mute.code, stuck.code], ["MEDIA_UNREACHABLE", "MEDIA_UNREACHABLE"]);
    assertEquals(mute.message, `Cannot fetch ${url}/mute.png: it does not answer`);
    assertEquals(stuck.message, `Cannot fetch ${url}/half.png: it stopped in the middle`);
  }, { serve: (request) => request.url.endsWith("/half.png") ? half() : never, silenceMs: 100 });
});
