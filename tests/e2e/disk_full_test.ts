import { assert, assertEquals } from "@std/assert";
import { until } from "../support/until.ts";
import { call, KEY, startGatewayProcess } from "../support/process.ts";
import { startReceiver } from "../support/receiver.ts";

const DISK = "32m";
const BALLAST_BYTES = 12 * 1_048_576;
const EVENT_BYTES = 100_000;

async function run(command: string, ...args: readonly string[]): Promise<boolean> {
  try {
    const { success } = await new Deno.Command(command, { args: [...args], stderr: "null" }).output();
    return success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

const mountDisk = (dir: string) => run("mount", "-t", "tmpfs", "-o", `size=${DISK}`, "tmpfs", dir);
const unmountDisk = (dir: string) => run("umount", dir);

/** Writes a file until there is no space for another byte. */
async function fill(path: string): Promise<void> {
  const file = await Deno.open(path, { create: true, write: true });
  for (let size = 65_536; size >= 1;) {
    const written = await file.write(new Uint8Array(size)).catch(() => 0); // no space left for so many
    if (written < size) size = Math.floor(size / 2);
  }
  file.close();
}

/** A small disk needs the right to mount one. */
async function canMount(): Promise<boolean> {
  if (Deno.build.os !== "linux" || Deno.uid() !== 0) return false;
  const dir = await Deno.makeTempDir();
  const mounted = await mountDisk(dir);
  if (mounted) await unmountDisk(dir);
  await Deno.remove(dir);
  return mounted;
}

Deno.test({
  name: "gateway refuses new work on a full disk, loses nothing, and goes on when there is space again",
  ignore: !await canMount(),
  async fn() {
    const dir = await Deno.makeTempDir();
    const data = `${dir}/data`;
    await Deno.mkdir(data);
    await mountDisk(data);
    await Deno.writeFile(`${data}/ballast`, new Uint8Array(BALLAST_BYTES));
    const receiver = await startReceiver(200);
    const gateway = await startGatewayProcess({
      dir,
      env: { WEBHOOK_URL: receiver.url, WEBHOOK_FORMAT: "account" },
    });
    const accepted: string[] = [];
    const send = async () => {
      const id = crypto.randomUUID();
      const data = { id, filling: "x".repeat(EVENT_BYTES) };
      const { status, body } = await call(gateway.url, "POST", "/api/webhook/send", {
        eventType: "load",
        data,
      });
      if (status === 200) accepted.push(id);
      return { status, body };
    };
    const ready = async () => (await call(gateway.url, "GET", "/ready")).status;

    try {
      const refused = await until(
        async () => {
          const answer = await send();
          return answer.status !== 200 && answer;
        },
        "the disk to be full",
      );
      await fill(`${data}/rest`);
      const readyWhenFull = await until(
        async () => await ready() === 503,
        "the gateway to say that it cannot",
      );
      const writable = async () => {
        const answer = await fetch(`${gateway.url}/metrics`, { headers: { "X-API-Key": KEY } });
        return /^kabar_store_writable (\d)$/m.exec(await answer.text())?.[1];
      };
      const writableWhenFull = await writable();
      const pending = async () =>
        (await call(gateway.url, "GET", "/v1/deliveries?status=pending&limit=100")).body.data.deliveries
          .length;
      const whenFull = accepted.length;
      await Deno.remove(`${data}/ballast`);
      await Deno.remove(`${data}/rest`);
      await until(async () => (await send()).status === 200, "new work to be taken again");
      await until(async () => await pending() === 0, "every delivery to be decided");

      assertEquals([refused.status, refused.body.success], [503, false]);
      assert(readyWhenFull);
      assertEquals([writableWhenFull, await writable()], ["0", "1"]);
      assert(whenFull > 20, `only ${whenFull} events were accepted before the disk was full`);
      assertEquals(await ready(), 200);
      const delivered = new Set(receiver.requests.map(({ json }) => json.data.id));
      assertEquals(accepted.filter((id) => !delivered.has(id)), []);
      assertEquals(await gateway.stop(), 0);
      const again = await startGatewayProcess({ dir });
      const counted = await call(again.url, "GET", "/v1/deliveries?status=success&limit=100");
      assert(counted.body.data.deliveries.length >= Math.min(100, accepted.length));
      await again.stop();
    } finally {
      await gateway.kill();
      await receiver.stop();
      await unmountDisk(data);
      await Deno.remove(dir, { recursive: true });
    }
  },
});
