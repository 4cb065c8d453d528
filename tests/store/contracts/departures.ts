import { assertEquals, assertRejects } from "@std/assert";
import { LeaseLostError } from "../../../src/errors.ts";
import { type Open, testing } from "./contract.ts";
import { aGateway } from "./gateways.ts";
import { aBlast, aMessage, T0 } from "./samples.ts";

export function departuresContract(name: string, open: Open): void {
  const test = testing(`${name} departures`, open);

  test("tell of what was noted whether it has left", async ({ departures, messages }) => {
    const ids = ["a", "b", "c"].map((id) => `msg_${id}`);
    for (const id of ids) await messages.create(aMessage({ id }));
    await departures.leave("msg_a");
    await departures.leave("msg_b");
    await departures.returned("msg_b");
    await departures.leave("msg_c");
    await departures.forget("msg_c");

    assertEquals(await Promise.all(ids.map(departures.fateOf)), ["left", "stayed", "unknown"]);
  });

  test("are refused once the lease is lost, and stay as they were", async (store) => {
    const { departures, gateways, leases, messages } = store;
    await messages.create(aMessage({ id: "msg_a" }));
    await gateways.join(aGateway("a"));
    const lease = await leases.take("task/qiscus", "a");
    const fenced = store.fenced(lease!);
    await leases.giveBack([lease!]);

    await assertRejects(() => fenced.departures.leave("msg_a"), LeaseLostError);

    assertEquals(await departures.fateOf("msg_a"), "unknown");
  });

  test("are noted with a claim that asks for it", async ({ blasts, departures }) => {
    const blast = aBlast({ via: "qiscus" });
    await blasts.create(blast);
    await blasts.add(["1", "2"].map((to) => ({
      message: aMessage({
        id: `msg_${to}`,
        blastId: blast.id,
        to,
        channel: "qiscus",
        deviceId: null,
        waMessageId: null,
      }),
      payload: "{}",
    })));
    const first = await blasts.claim(blast.id, { deviceId: null, waMessageId: null, noted: true, now: T0 });
    const second = await blasts.claim(blast.id, { deviceId: null, waMessageId: null, now: T0 });

    const fates = await Promise.all([first, second].map((each) => departures.fateOf(each!.message.id)));

    assertEquals(fates, ["stayed", "unknown"]);
  });
}
