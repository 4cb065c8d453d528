import { assertEquals, assertRejects } from "@std/assert";
import { health } from "../../src/cli/health.ts";
import { CommandError } from "../../src/cli/verb.ts";

for (const [status, code] of [[200, 0], [503, 1]]) {
  Deno.test(`health ends with ${code} when the gateway answers ${status}`, async () => {
    const paths: string[] = [];
    const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, ({ url }) => {
      paths.push(new URL(url).pathname);
      return Response.json({ ready: status === 200 }, { status });
    });
    const printed: string[] = [];

    const result = await health({ HOST: "0.0.0.0", PORT: server.addr.port }, (line) => printed.push(line));

    assertEquals(result, code);
    assertEquals(paths, ["/ready"]);
    assertEquals(printed, [`{"ready":${status === 200}}`]);
    await server.shutdown();
  });
}

Deno.test("health says where nobody listens", async () => {
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, () => new Response());
  const { port } = server.addr;
  await server.shutdown();
  const printed: string[] = [];

  await assertRejects(
    () => health({ HOST: "127.0.0.1", PORT: port }, (line) => printed.push(line)),
    CommandError,
    `Cannot ask http://127.0.0.1:${port}/ready: nothing listens there.`,
  );

  assertEquals(printed, []);
});
