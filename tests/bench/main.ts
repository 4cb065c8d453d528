// deno task bench [--quick] [section …]: measures what the design promises, each against a bare loop in the same run.
// Each section is printed when it is done; the exit code is 1 when one of them died.
import { backlog } from "./backlog.ts";
import { deadEndpoint } from "./dead_endpoint.ts";
import { delivery } from "./delivery.ts";
import { groupOut } from "./group_out.ts";
import { idle } from "./idle.ts";
import { loss } from "./loss.ts";
import { memory } from "./memory.ts";
import { neighbours } from "./neighbours.ts";
import { pages } from "./pages.ts";
import { postgres } from "./postgres.ts";
import { postgresFleet } from "./postgres_fleet.ts";
import { qiscus } from "./qiscus.ts";
import { start } from "./start.ts";
import { type Section, tableOf } from "./table.ts";
import { surfaces } from "./surfaces.ts";
import { textsIn } from "./texts_in.ts";
import { textsOut } from "./texts_out.ts";

const SECTIONS: readonly Section[] = [
  delivery,
  memory,
  deadEndpoint,
  neighbours,
  backlog,
  qiscus,
  textsIn,
  textsOut,
  groupOut,
  surfaces,
  pages,
  start,
  loss,
  idle,
  postgres,
  postgresFleet,
];

const asked = Deno.args.filter((word) => !word.startsWith("-"));
const names = SECTIONS.map(({ name }) => name);
const unknown = asked.filter((word) => !names.includes(word));
if (unknown.length > 0) {
  console.error(`There is no section ${unknown.join(", ")}; there are ${names.join(", ")}`);
  Deno.exit(2);
}
const died: string[] = [];
for (const section of SECTIONS.filter(({ name }) => asked.length === 0 || asked.includes(name))) {
  console.error(`… ${section.name}`);
  try {
    console.log(`${tableOf(await section.run({ quick: Deno.args.includes("--quick") }))}\n`);
  } catch (error) {
    died.push(section.name);
    console.error(`${section.name} died:`, error);
  }
}
if (died.length > 0) console.error(`Not measured, as they died: ${died.join(", ")}`);
Deno.exit(died.length > 0 ? 1 : 0);
