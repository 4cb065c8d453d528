// The entry for Deno Deploy: the HTTP side of a fleet, on a Postgres database. `deno task bundle` makes one file of it.
import "./old_runtime.ts";
import { createDeployment } from "./deploy/deployment.ts";

const deployment = createDeployment(Deno.env.toObject(), (line) => console.error(line));

// The platform finds jobs that are registered as the program begins, before it listens; elsewhere there may be no cron.
const { cron } = Deno as unknown as {
  readonly cron?: (name: string, schedule: string, job: () => Promise<void>) => Promise<void>;
};
cron?.("kabar pump", "* * * * *", () => deployment.pump()).catch((error: unknown) => console.error(error));

const server = Deno.serve(
  { onListen: ({ port }) => console.error(`Kabar answers on port ${port}`) },
  deployment.answer,
);

/** The platform asks once, waits for five seconds and then kills: idle connections are not waited for. */
async function stop(): Promise<void> {
  void server.shutdown();
  await deployment.stop();
  Deno.exit(0);
}
for (const signal of ["SIGINT", "SIGTERM"] as const) Deno.addSignalListener(signal, () => void stop());
