import { assert, assertEquals } from "@std/assert";
import { until } from "../support/until.ts";
import { TestFleet } from "../support/fleet.ts";
import { testWithPostgres } from "../support/postgres.ts";
import { mockQiscus } from "../support/qiscus.ts";

const RECIPIENTS = 30;
const AT_ONCE = 4;

testWithPostgres(
  "blast through Qiscus goes on at another gateway, and reaches nobody twice, when its sender is killed",
  async () => {
    await using qiscus = await mockQiscus();
    const { baseUrl, appId, secretKey, channelId } = qiscus.account;
    await using fleet = await TestFleet.start({
      gateways: 2,
      devices: 0,
      env: {
        QISCUS_BASE_URL: baseUrl,
        QISCUS_APP_ID: appId,
        QISCUS_SECRET_KEY: secretKey,
        QISCUS_CHANNEL_ID: channelId,
        BLAST_QISCUS_PER_SECOND: "20",
        BLAST_QISCUS_CONCURRENCY: String(AT_ONCE),
      },
    });
    // those after the tenth hang until their sender is killed
    qiscus.answer = (_request, index) => index < 10 || killed ? `wamid.${index}` : "hang";
    let killed = false;
    const recipients = Array.from({ length: RECIPIENTS }, (_, index) => String(6_281_200_000_000 + index));
    const asked = { channels: ["whatsapp"], message: "Halo", recipients };
    const { body: { blast_id } } = await fleet.call("POST", "/api/messages/blast", asked);
    await until(() => qiscus.sends.length >= 10 + AT_ONCE, "some to be in hand");
    const { body: { data } } = await fleet.admin("GET", "/admin/fleet");
    const holder = data.tasks.find(({ task }: { readonly task: string }) => task === "qiscus").gateway;
    const place = fleet.places.find(({ name }) => name === holder)!;

    killed = true;
    const { gateway } = place;
    place.gateway = undefined;
    await gateway!.kill();
    const progress = async () => (await fleet.call("GET", `/api/messages/blast/${blast_id}`)).body.blast;
    await until(async () => (await progress()).status === "completed", "the blast to be done");

    const { counts } = await progress();
    assertEquals([...qiscus.counts].filter(([, times]) => times !== 1), []);
    assertEquals([counts.failed, counts.queued, qiscus.counts.size], [0, 0, RECIPIENTS]);
    assert(counts.unconfirmed === AT_ONCE, JSON.stringify(counts)); // they left, and nobody answered
  },
);
