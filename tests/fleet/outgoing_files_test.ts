import { assertEquals } from "@std/assert";
import { createSharedFiles } from "../../src/fleet/outgoing_files.ts";
import type { OutgoingFiles } from "../../src/media/outgoing.ts";
import { createDiskFiles } from "../../src/store/disk_files.ts";

const MESSAGE = { mediaId: "media_1", kind: "document", tenantId: "tenant_default" } as const;
const REQUEST = { from: "url", url: "https://files.example/a", field: "media_url" } as const;

/** Two gateways, each with a disk of its own, and one store. */
async function setUp(bytes: Uint8Array) {
  const dir = await Deno.makeTempDir();
  const shared = createDiskFiles(`${dir}/store`);
  async function gateway(name: string): Promise<OutgoingFiles> {
    await Deno.mkdir(`${dir}/${name}`);
    const pathOf = (mediaId: string) => `${dir}/${name}/${mediaId}`;
    const local: Pick<OutgoingFiles, "pathOf" | "bring" | "discard"> = {
      pathOf,
      async bring(_, { mediaId }) {
        await Deno.writeFile(pathOf(mediaId), bytes);
        return { kind: "document", mimeType: "text/plain", sizeBytes: bytes.length };
      },
      discard: (mediaId) => Deno.remove(pathOf(mediaId)),
    };
    return createSharedFiles({ local: local as OutgoingFiles, shared, now: () => 1_700_000_000_000 });
  }
  return {
    shared,
    here: await gateway("here"),
    there: await gateway("there"),
    [Symbol.asyncDispose]: () => Deno.remove(dir, { recursive: true }),
  };
}

Deno.test("a file that one gateway took in is there for the one that sends it, until it is sent", async () => {
  const bytes = crypto.getRandomValues(new Uint8Array(60_000));
  await using world = await setUp(bytes);
  const { here, there, shared } = world;

  await here.bring(REQUEST, MESSAGE);
  await there.fetch(MESSAGE.mediaId);
  const sent = await Deno.readFile(there.pathOf(MESSAGE.mediaId));
  await there.discard(MESSAGE.mediaId);

  assertEquals(sent, bytes);
  assertEquals(await shared.info(MESSAGE.mediaId), undefined);
});

Deno.test("a file that is brought again takes the place of what was left of it", async () => {
  const bytes = new TextEncoder().encode("the whole file");
  await using world = await setUp(bytes);
  const { here, there, shared } = world;
  await shared.create(MESSAGE.mediaId, 1);
  await shared.append(MESSAGE.mediaId, bytes.subarray(0, 4)); // then the gateway was killed

  await here.bring(REQUEST, MESSAGE);
  await here.bring(REQUEST, MESSAGE);
  await there.fetch(MESSAGE.mediaId);

  assertEquals(await Deno.readTextFile(there.pathOf(MESSAGE.mediaId)), "the whole file");
});
