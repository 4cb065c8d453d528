import { assertEquals } from "@std/assert";
import type { WebhookId } from "../../../src/ids.ts";
import { type Open, testing } from "./contract.ts";
import { aWebhook, T0 } from "./samples.ts";

export function endpointAlertsContract(name: string, open: Open): void {
  const test = testing(`${name} alerts of endpoints`, open);
  const id = "wh_alert" as WebhookId;

  test("are opened once, and closed only by who knows since when", async ({ endpointAlerts, webhooks }) => {
    await webhooks.create(aWebhook({ id }));

    const first = await endpointAlerts.open(id, T0);
    const again = await endpointAlerts.open(id, T0 + 5);
    await endpointAlerts.close(id, T0 + 5);
    const kept = await endpointAlerts.sinceOf(id);
    const all = await endpointAlerts.all();
    await endpointAlerts.close(id, T0);

    assertEquals([first, again, kept], [T0, T0, T0]);
    assertEquals([...all], [[id, T0]]);
    assertEquals(await endpointAlerts.sinceOf(id), undefined);
  });

  test("are not opened for a webhook that is gone, and go with it", async ({ endpointAlerts, webhooks }) => {
    const unknown = await endpointAlerts.open(id, T0);
    await webhooks.create(aWebhook({ id }));
    await endpointAlerts.open(id, T0);
    await webhooks.remove(id, T0);

    assertEquals(unknown, undefined);
    assertEquals((await endpointAlerts.all()).size, 0);
  });
}
