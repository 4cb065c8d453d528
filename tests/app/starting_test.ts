import { assertEquals, assertRejects } from "@std/assert";
import { lockData } from "../../src/app/data_lock.ts";
import { startGateway } from "../../src/app/gateway.ts";
import { createDeployment } from "../../src/deploy/deployment.ts";
import { openPostgresStore } from "../../src/store/postgres/open.ts";
import { hashKey } from "../../src/tenants/keys.ts";
import { aTenant } from "../store/contracts/samples.ts";
import { withFolder } from "../store/temporary.ts";
import { KEY, runGateway } from "../support/gateway.ts";
import { execute, temporaryDatabase, testWithPostgres } from "../support/postgres.ts";
import { settingsOf } from "../support/settings.ts";
import { until } from "../support/until.ts";

Deno.test("gateway whose port is taken lets go of its folder, and does not count as one that crashed", () =>
  withFolder(async (folder) => {
    await using other = await runGateway();
    const { port } = new URL(other.url);
    const settings = settingsOf({ HOST: "127.0.0.1", PORT: port, API_KEY: KEY, DATA_DIR: folder });

    await assertRejects(() => startGateway(settings, { print: () => {} }), Error, "Cannot listen on");

    const lock = await lockData(folder);
    assertEquals(lock.endedBadly, false);
    await lock.release();
  }));

testWithPostgres(
  "gateway that cannot start leaves no connection and no place in its fleet behind",
  async () => {
    await using database = await temporaryDatabase({ bare: true });
    const { url } = database;
    const store = await openPostgresStore({ url });
    await store.tenants.create(aTenant(), hashKey(KEY));
    await store.close();
    const said: string[] = [];
    const deployment = createDeployment({ DATABASE_URL: url, API_KEY: KEY }, (line) => said.push(line));
    const remoteAddr = { transport: "tcp", hostname: "203.0.113.1", port: 1 } as const;

    const answers = [
      await deployment.answer(new Request("http://app.example/ready"), { remoteAddr }),
      await deployment.answer(new Request("http://app.example/ready"), { remoteAddr }),
    ];

    assertEquals(answers.map(({ status }) => status), [503, 503]);
    assertEquals(said.filter((line) => line.includes("it is the key of")).length, 2);
    await until(
      async () =>
        (await execute(
          url,
          "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()",
        )).length === 0,
      "its connections to end",
    );
    assertEquals(await execute(url, "SELECT id FROM gateways"), []);
    await deployment.stop();
  },
);
