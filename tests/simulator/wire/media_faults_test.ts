import { Buffer } from "node:buffer";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { MediaHost } from "../../../src/simulator/wire/media_host.ts";

async function withHost(
  test: (host: MediaHost, urls: readonly string[], paths: readonly string[]) => Promise<void>,
) {
  const host = new MediaHost();
  const stored = [host.put(Buffer.alloc(4_000, 1)), host.put(Buffer.alloc(4_000, 2))];
  try {
    await test(host, stored.map(({ url }) => url), stored.map(({ path }) => path));
  } finally {
    await host.stop();
  }
}

async function statusOf(url: string): Promise<number> {
  const response = await fetch(url);
  await response.body?.cancel();
  return response.status;
}

Deno.test("media host refuses one file, the next so many times", () =>
  withHost(async (host, [first, second], [path]) => {
    host.faults.set([{ path, status: 403, times: 1 }, { path, status: 410, times: 1 }]);

    const statuses = [
      await statusOf(first),
      await statusOf(second),
      await statusOf(first),
      await statusOf(first),
    ];

    assertEquals(statuses, [403, 200, 410, 200]);
  }));

Deno.test("media host breaks off in the middle", () =>
  withHost(async (host, [url]) => {
    host.faults.set([{ cutAfterBytes: 1_000 }]);

    const response = await fetch(url);

    assertEquals([response.status, response.headers.get("content-length")], [200, "4000"]);
    await assertRejects(() => response.arrayBuffer());
  }));

Deno.test("media host is slow, and gives all in the end", () =>
  withHost(async (host, [url]) => {
    host.faults.set([{ bytesPerSecond: 20_000 }]);

    const response = await fetch(url);
    const reader = response.body?.getReader();
    const first = await reader?.read();
    let bytes = first?.value?.length ?? 0;
    for (let part = await reader?.read(); part && !part.done; part = await reader?.read()) {
      bytes += part.value.length;
    }

    assert((first?.value?.length ?? 0) < 4_000);
    assertEquals(bytes, 4_000);
  }));

Deno.test("media host refuses uploads, and takes downloads meanwhile", () =>
  withHost(async (host, [url]) => {
    host.faults.set([{ on: "upload", status: 503 }]);

    const upload = await fetch(url, { method: "POST", body: "x" });
    await upload.body?.cancel();

    assertEquals([upload.status, await statusOf(url)], [503, 200]);
  }));
