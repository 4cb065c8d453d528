import { assert, assertEquals, assertFalse, assertRejects } from "@std/assert";
import { DataInUseError, lockData } from "../../src/app/data_lock.ts";

async function withDir(test: (dir: string) => Promise<void>): Promise<void> {
  const dir = await Deno.makeTempDir();
  await test(dir);
  await Deno.remove(dir, { recursive: true });
}

Deno.test("data lock is for one at a time", () =>
  withDir(async (dir) => {
    const first = await lockData(`${dir}/data`);

    const refused = await assertRejects(() => lockData(`${dir}/data`), DataInUseError);
    await first.release();
    const second = await lockData(`${dir}/data`);

    assertEquals(
      refused.message,
      `Cannot use ${dir}/data: another Kabar (process ${Deno.pid}) is running on it`,
    );
    assertFalse(second.endedBadly);
    await second.release();
  }));

Deno.test("data lock ends with its process, and tells that this ended badly", () =>
  withDir(async (dir) => {
    const module = new URL("../../src/app/data_lock.ts", import.meta.url).href;
    const script = `import { lockData } from "${module}"; await lockData("${dir}"); console.log("locked");
      await new Promise((resolve) => setTimeout(resolve, 60_000));`;
    const holder = new Deno.Command(Deno.execPath(), {
      args: ["eval", script],
      stdout: "piped",
    }).spawn();
    const reader = holder.stdout.getReader();
    await reader.read();
    await assertRejects(() => lockData(dir), DataInUseError, `process ${holder.pid}`);
    holder.kill("SIGKILL");
    await holder.status;
    await reader.cancel();

    const lock = await lockData(dir);

    assert(lock.endedBadly);
    await lock.release();
  }));
