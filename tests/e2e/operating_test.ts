import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { freePort } from "../support/programs.ts";
import { until } from "../support/until.ts";
import { call, type GatewayProcess, KEY, runKabar, startGatewayProcess } from "../support/process.ts";
import { startReceiver } from "../support/receiver.ts";

async function withDir(test: (dir: string) => Promise<void>): Promise<void> {
  const dir = await Deno.makeTempDir();
  await test(dir);
  await Deno.remove(dir, { recursive: true });
}

async function makeDevice(gateway: GatewayProcess, label: string): Promise<string> {
  const { body } = await call(gateway.url, "POST", "/v1/devices", { label });
  return body.data.id;
}

async function labelsOf(gateway: GatewayProcess): Promise<readonly string[]> {
  const { body } = await call(gateway.url, "GET", "/v1/devices");
  const devices: readonly { readonly label: string; readonly kind: string }[] = body.data.devices;
  return devices.filter(({ kind }) => kind === "whatsapp").map(({ label }) => label).sort();
}

/** Whether it can take work, as it says itself; undefined when it does not answer. */
async function readiness(url: string): Promise<number | undefined> {
  try {
    const response = await fetch(`${url}/ready`);
    await response.body?.cancel();
    return response.status;
  } catch {
    return undefined; // nobody listens
  }
}

Deno.test("gateway refuses to start on data that another one works with", () =>
  withDir(async (dir) => {
    const first = await startGatewayProcess({ dir });

    const { code, stderr } = await runKabar(["serve"], { dir });

    assertEquals(code, 1);
    assertStringIncludes(
      stderr,
      `Cannot use ${dir}/data: another Kabar (process ${first.pid}) is running on it`,
    );
    assertEquals(await first.stop(), 0);
  }));

Deno.test("gateway starts again after it was killed", () =>
  withDir(async (dir) => {
    await (await startGatewayProcess({ dir })).kill();

    const second = await startGatewayProcess({ dir });

    assertEquals(await second.stop(), 0);
    assertStringIncludes(await Deno.readTextFile(`${dir}/logs/app.log`), "gateway.ended_badly");
  }));

Deno.test("gateway that was killed refuses a damaged database and says what to do", () =>
  withDir(async (dir) => {
    const first = await startGatewayProcess({ dir });
    for (let i = 0; i < 30; i++) await makeDevice(first, `device ${i}`);
    await first.stop();
    await (await startGatewayProcess({ dir })).kill();
    await damage(`${dir}/data/logs.db`);

    const { code, stderr } = await runKabar(["serve"], { dir });

    assertEquals(code, 1);
    assertStringIncludes(stderr, `Cannot open ${dir}/data/logs.db: it is damaged`);
    assertStringIncludes(stderr, "kabar restore <file> --force");
  }));

Deno.test("gateway that is running is backed up, and the copy brought back", () =>
  withDir(async (dir) => {
    const first = await startGatewayProcess({ dir });
    await makeDevice(first, "before");
    const made = await runKabar(["backup", `${dir}/copy.db`], { dir });
    await makeDevice(first, "after");
    const whileRunning = await runKabar(["restore", `${dir}/copy.db`, "--force"], { dir });
    await first.stop();
    const unforced = await runKabar(["restore", `${dir}/copy.db`], { dir });
    const restored = await runKabar(["restore", `${dir}/copy.db`, "--force"], { dir });

    const second = await startGatewayProcess({ dir });

    assertEquals([made.code, whileRunning.code, unforced.code, restored.code], [0, 1, 1, 0]);
    assertStringIncludes(whileRunning.stderr, "another Kabar");
    assertStringIncludes(unforced.stderr, "it exists. --force replaces it");
    assertEquals(await labelsOf(second), ["before"]);
    await second.stop();
  }));

Deno.test({
  name: "what root brings back belongs to the service whose folder it is in",
  ignore: Deno.build.os === "windows" || Deno.uid() !== 0,
  fn: () =>
    withDir(async (dir) => {
      const service = 12_345;
      const first = await startGatewayProcess({ dir });
      await runKabar(["backup", `${dir}/copy.db`], { dir });
      await first.stop();
      await Deno.chown(`${dir}/data`, service, service); // what is in it is root's still, as an earlier repair left it

      const { code } = await runKabar(["restore", `${dir}/copy.db`, "--force"], { dir });

      const { uid, gid, mode } = await Deno.stat(`${dir}/data/logs.db`);
      assertEquals([code, uid, gid, (mode ?? 0) & 0o777], [0, service, service, 0o600]);
    }),
});

Deno.test("gateway says that it is not ready while it starts", () =>
  withDir(async (dir) => {
    const media = `${dir}/data/media/outgoing`;
    await Deno.mkdir(media, { recursive: true });
    for (let i = 0; i < 4_000; i++) Deno.writeTextFileSync(`${media}/${i}.upload`, ""); // it clears these up
    const port = freePort();
    const seen: (number | undefined)[] = [];

    const starting = startGatewayProcess({ dir, env: { PORT: String(port) } });
    await until(async () => {
      seen.push(await readiness(`http://127.0.0.1:${port}`));
      return seen.at(-1) === 200;
    }, "the gateway to be ready");

    const gateway = await starting;
    assert(seen.includes(503), `it answered ${[...new Set(seen)]}`);
    await gateway.stop();
  }));

Deno.test("gateway that stops says so, takes nothing new, and finishes what it has", () =>
  withDir(async (dir) => {
    const answered = Promise.withResolvers<200>();
    const receiver = await startReceiver(() => answered.promise);
    const gateway = await startGatewayProcess({ dir, env: { WEBHOOK_URL: receiver.url } });
    const send = () => call(gateway.url, "POST", "/api/webhook/send", { eventType: "late", data: {} });
    const accepted = send();
    await receiver.waitFor(1);

    const stopped = gateway.stop();
    await until(async () => await readiness(gateway.url) === 503, "the gateway to say that it stops");
    const refused = await send();
    answered.resolve(200);

    assertEquals([refused.status, refused.body.success], [503, false]);
    assertEquals((await accepted).body.result.success, true);
    assertEquals(await stopped, 0);
    assertEquals(receiver.requests.length, 1);
    await receiver.stop();
  }));

Deno.test("gateway finishes deliveries in flight when Ctrl-C comes twice, as under a task runner", () =>
  withDir(async (dir) => {
    const receiver = await startReceiver({ status: 200, delayMs: 1_500 });
    const env = { WEBHOOK_URL: receiver.url };
    const first = await startGatewayProcess({ dir, env });
    const sending = call(first.url, "POST", "/api/webhook/send", { eventType: "late", data: {} });
    await receiver.waitFor(1);

    Deno.kill(first.pid, "SIGINT");
    Deno.kill(first.pid, "SIGINT");
    Deno.kill(first.pid, "SIGTERM"); // two of one kind can become one on their way
    const code = await first.ended();

    const { body: answer } = await sending;
    const second = await startGatewayProcess({ dir, env });
    const { body: logs } = await call(second.url, "GET", "/api/webhook/logs");
    const rows = logs.data.map((
      { event, status, attempts }: Record<string, unknown>,
    ) => [event, status, attempts]);
    assertEquals([code, answer.result.success, rows], [0, true, [["late", "success", 1]]]);
    assertEquals(receiver.requests.length, 1);
    await second.stop();
    await receiver.stop();
  }));

Deno.test("gateway names the address that it cannot listen on", () =>
  withDir(async (dir) => {
    const first = await startGatewayProcess({ dir });
    const { port } = new URL(first.url);

    const { code, stderr } = await runKabar(["serve"], {
      dir,
      env: { PORT: port, DATA_DIR: `${dir}/other` },
    });

    assertEquals(code, 1);
    assertStringIncludes(stderr, `Cannot listen on 127.0.0.1:${port}: `);
    assertStringIncludes(stderr, "HOST and PORT choose another address");
    await first.stop();
  }));

Deno.test("gateway shows its first key once the address is its own", () =>
  withDir(async (dir) => {
    const other = await startGatewayProcess({ dir });
    const { port } = new URL(other.url);
    const env = { API_KEY: "", DATA_DIR: `${dir}/other` };

    const refused = await runKabar(["serve"], { dir, env: { ...env, PORT: port } });
    const started = await startGatewayProcess({ dir, env });

    assertEquals(refused.code, 1);
    assertEquals(/kbr_/.test(refused.stdout), false);
    assertMatch(started.output(), /API key \(shown only this once\): kbr_\w+\n/);
    await started.stop();
    await other.stop();
  }));

Deno.test("gateway tells its health to the health verb", () =>
  withDir(async (dir) => {
    const gateway = await startGatewayProcess({ dir, env: { API_KEY: KEY } });
    const { port } = new URL(gateway.url);

    const up = await runKabar(["health"], { dir, env: { PORT: port } });
    await gateway.stop();
    const down = await runKabar(["health"], { dir, env: { PORT: port } });

    assertEquals([up.code, down.code], [0, 1]);
    assertStringIncludes(up.stdout, '"ready":true');
    assertStringIncludes(down.stderr, "nothing listens there");
  }));

/** Overwrites a part of the file, as a failing disk does. */
async function damage(path: string): Promise<void> {
  const { size } = await Deno.stat(path);
  const file = await Deno.open(path, { write: true });
  await file.seek(Math.floor(size / 2 / 4096) * 4096, Deno.SeekMode.Start);
  await file.write(new Uint8Array(40_960).fill(0xa5));
  file.close();
}

Deno.test("gateway stops at once while somebody waits for a QR code that does not come", () =>
  withDir(async (dir) => {
    const nobody = "ws://127.0.0.1:9/ws/chat";
    const gateway = await startGatewayProcess({ dir, env: { WHATSAPP_WS_URL: nobody } });
    const id = await makeDevice(gateway, "Kasir");
    const waiting = call(gateway.url, "GET", `/v1/devices/${id}/pairing/qr?wait=60`);
    const error = async () => (await call(gateway.url, "GET", `/v1/devices/${id}`)).body.data.last_error;
    await until(async () => (await error())?.includes("cannot be reached"), "the device to be tried");

    const code = await gateway.stop();

    assertEquals([code, (await waiting).status], [0, 409]);
  }));
