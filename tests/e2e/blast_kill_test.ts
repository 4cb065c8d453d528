import { assert, assertEquals } from "@std/assert";
import { startBlasting } from "../support/blast_server.ts";
import { until } from "../support/until.ts";
import { mockQiscus } from "../support/qiscus.ts";

const RECIPIENTS = 10_000;

Deno.test("blast of ten thousand reaches each recipient once through three kill -9", async () => {
  await using qiscus = await mockQiscus();
  qiscus.answer = async (_, index) => {
    await new Promise((done) => setTimeout(done, Math.random() * 30));
    return `wamid.${index}`;
  };
  const folder = await Deno.makeTempDir();
  let server = await startBlasting(folder, qiscus);
  const recipients = Array.from({ length: RECIPIENTS }, (_, index) => String(6_281_200_000_000 + index));
  const answer = await fetch(`${server.url}/api/messages/blast`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ channels: ["whatsapp"], message: "Halo", recipients }),
  });
  const { blast_id: blastId } = await answer.json();

  for (const share of [0.1, 0.4, 0.7]) {
    await until(() => qiscus.sends.length >= RECIPIENTS * share, `${share} of it is sent`);
    await server.kill();
    server = await startBlasting(folder, qiscus);
  }
  let blast: { status: string; counts: Record<string, number> } | undefined;
  await until(
    async () => {
      blast = (await (await fetch(`${server.url}/api/messages/blast/${blastId}`)).json()).blast;
      return blast?.status === "completed";
    },
    "the blast is completed",
  );
  await server.kill();

  assertEquals(qiscus.counts.size, RECIPIENTS);
  const repeated = [...qiscus.counts].filter(([, count]) => count !== 1);
  assertEquals(repeated, []);
  assert(blast !== undefined && blast.counts.queued === 0 && blast.counts.processing === RECIPIENTS);
  await Deno.remove(folder, { recursive: true });
});
