import type { WebhookId } from "../../ids.ts";
import type { EndpointAlerts } from "../endpoint_alerts.ts";
import { type Database, first, run, send, type Work } from "./database.ts";

export function createEndpointAlerts(db: Database): EndpointAlerts {
  const { build } = db;

  function* sinceOf(webhookId: WebhookId): Work<number | undefined> {
    const query = build.selectFrom("endpoint_alerts").select("since").where("webhook_id", "=", webhookId);
    return (yield* first(query.compile()))?.since;
  }

  return {
    open: (webhookId, since) =>
      db.write(function* () {
        const webhook = build.selectFrom("webhooks").where("id", "=", webhookId)
          .select((eb) => ["id", eb.val(since).as("since")]);
        yield* send(
          build.insertInto("endpoint_alerts").columns(["webhook_id", "since"]).expression(webhook)
            .onConflict((conflict) => conflict.column("webhook_id").doNothing()).compile(),
        );
        return yield* sinceOf(webhookId);
      }),
    sinceOf: (webhookId) => db.read(() => sinceOf(webhookId)),
    close: (webhookId, since) =>
      db.write(function* () {
        yield* send(
          build.deleteFrom("endpoint_alerts").where("webhook_id", "=", webhookId).where("since", "=", since)
            .compile(),
        );
      }),
    all: () =>
      db.read(function* () {
        const rows = yield* run(build.selectFrom("endpoint_alerts").selectAll().compile());
        return new Map(rows.map(({ webhook_id, since }) => [webhook_id as WebhookId, since]));
      }),
  };
}
