import { assert, assertEquals } from "@std/assert";
import { startBlasting } from "../support/blast_server.ts";
import { until } from "../support/until.ts";
import { mockQiscus } from "../support/qiscus.ts";

const RECIPIENTS = 3_000;
const PATH = "/api/messages/blast";
const JSON_BODY = { "Content-Type": "application/json" };

interface Progress {
  readonly status: string;
  readonly startedAt: string | null;
  readonly scheduledAt: string | null;
}

async function progress(url: string, id: unknown): Promise<Progress> {
  return (await (await fetch(`${url}${PATH}/${id}`)).json()).blast;
}

async function inFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await work(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("blast under an idempotency key is sent once, whenever kill -9 comes between it and its repetitions", () =>
  inFolder(async (folder) => {
    await using qiscus = await mockQiscus();
    const recipients = Array.from({ length: RECIPIENTS }, (_, index) => String(6_281_200_000_000 + index));
    const body = JSON.stringify({ channels: ["whatsapp"], message: "Halo", recipients });
    const ask = (url: string) =>
      fetch(url + PATH, { method: "POST", body, headers: { ...JSON_BODY, "Idempotency-Key": "order-4711" } });
    let server = await startBlasting(folder, qiscus);

    const broken: Promise<unknown>[] = [];
    for (const afterMs of [2, 40, 120, 250]) {
      broken.push(ask(server.url).then((answer) => answer.body?.cancel(), () => "broken off"));
      await new Promise((done) => setTimeout(done, afterMs));
      await server.kill();
      server = await startBlasting(folder, qiscus);
    }
    await Promise.all(broken);
    const answers = await Promise.all([1, 2, 3].map(() => ask(server.url)));
    const taken: readonly { readonly blast_id: string }[] = await Promise.all(
      answers.map((answer) => answer.json()),
    );
    const [{ blast_id: id }] = taken;
    await until(async () => (await progress(server.url, id)).status === "completed", "it is done");
    await server.kill();
    server = await startBlasting(folder, qiscus);
    const again = await ask(server.url);
    const last = await again.json();
    const { count } = await (await fetch(server.url + PATH)).json();
    await server.kill();

    assertEquals(answers.map(({ status }) => status), [200, 200, 200]);
    assertEquals(taken, [taken[0], taken[0], taken[0]]);
    assertEquals([again.status, again.headers.get("Idempotency-Replayed"), last], [200, "true", taken[0]]);
    assertEquals([count, qiscus.counts.size], [1, RECIPIENTS]);
    assertEquals([...qiscus.counts].filter(([, times]) => times !== 1), []);
  }));

Deno.test("blast that is scheduled outlives kill -9, and begins late when nothing ran at its time", () =>
  inFolder(async (folder) => {
    await using qiscus = await mockQiscus();
    let server = await startBlasting(folder, qiscus);
    const ask = async (inMs: number) => {
      const recipients = [String(6_281_200_000_000 + inMs)];
      const scheduledAt = new Date(Date.now() + inMs).toISOString();
      const body = JSON.stringify({ channels: ["whatsapp"], message: "Halo", recipients, scheduledAt });
      const answer = await fetch(server.url + PATH, { method: "POST", body, headers: JSON_BODY });
      return { scheduledAt, id: (await answer.json()).blast_id };
    };
    const far = await ask(300 * 24 * 3_600_000);
    const soon = await ask(1_000);
    await server.kill();
    await until(() => Date.now() > Date.parse(soon.scheduledAt) + 200, "its time is over");

    server = await startBlasting(folder, qiscus);
    await until(async () => (await progress(server.url, soon.id)).status === "completed", "it is sent");
    const later = await ask(1_500);
    await until(
      async () => (await progress(server.url, later.id)).status === "completed",
      "it is sent",
    );
    const [first, second, third] = await Promise.all(
      [soon, later, far].map(({ id }) => progress(server.url, id)),
    );
    await server.kill();

    for (const { startedAt, scheduledAt } of [first, second]) {
      assert(startedAt !== null && scheduledAt !== null && startedAt >= scheduledAt, `began at ${startedAt}`);
    }
    assertEquals([third.status, third.scheduledAt], ["scheduled", far.scheduledAt]);
    assertEquals([...qiscus.counts.values()], [1, 1]);
  }));
