// deno task soak line [minutes] | floods [minutes] | kills [rounds] | memory [deliveries] | slow [clients] |
// fleet [minutes] [drill …] [devices=n] [texts=n] [lease=s]: lets things go wrong, or just on, for a long time, and looks
// whether all is there.
import { quietLibsignal } from "../support/quiet_libsignal.ts";
import { soakFleet } from "./fleet.ts";
import { soakLine } from "./line.ts";
import { watchMemory } from "./memory.ts";
import { killAtRandom } from "./random_kills.ts";
import { besetBySlowness } from "./slow_clients.ts";

/** Memory comes and goes by so much without anything being kept. */
const MOST_GROWTH_MB = 40;

/** Each gives what was seen and what is wrong with it. */
const SOAKS: Readonly<
  Record<
    string,
    (amount?: number, words?: readonly string[]) => Promise<readonly [unknown, readonly string[]]>
  >
> = {
  async line(minutes = 30) {
    const report = await soakLine({ minutes, tell: console.log });
    return [report.seen, report.problems];
  },
  async fleet(minutes = 10, words = []) {
    const { seen, problems } = await soakFleet({ minutes, ...fleetOptions(words), tell: console.log });
    return [seen, problems];
  },
  async floods(minutes = 30) {
    const report = await soakLine({ minutes, floods: true, tell: console.log });
    return [report.seen, report.problems];
  },
  async kills(rounds = 200) {
    const { vanished, undelivered, ...seen } = await killAtRandom({ rounds });
    const lost = vanished.map((id) => `${id} vanished`);
    return [seen, [...lost, ...undelivered.map((id) => `${id} was not delivered`)]];
  },
  async memory(deliveries = 200_000) {
    const seen = await watchMemory(deliveries);
    const grows = seen.growthMb > MOST_GROWTH_MB;
    return [seen, grows ? [`memory grew by ${seen.growthMb} MB after warming up`] : []];
  },
  async slow(clients = 1_000) {
    const seen = await besetBySlowness(clients);
    const unserved = clients - seen.slowClientsServed;
    return [seen, unserved > 0 ? [`${unserved} slow clients got no answer`] : []];
  },
};

/** Names of drills, and `devices=6`, `texts=10` (a second), `lease=15` (s) for a machine that is small or busy. */
function fleetOptions(words: readonly string[]) {
  const given = (what: string) => {
    const word = words.find((each) => each.startsWith(`${what}=`));
    return word === undefined ? undefined : Number(word.slice(what.length + 1));
  };
  const drills = words.filter((word) => !word.includes("="));
  return {
    devices: given("devices"),
    perSecond: given("texts"),
    leaseS: given("lease"),
    only: drills.length === 0 ? undefined : drills,
  };
}

const [name = "", amount, ...words] = Deno.args;
const soak = Object.hasOwn(SOAKS, name) ? SOAKS[name] : undefined;
if (soak === undefined) {
  console.error(`There is no soak "${name}"; there are ${Object.keys(SOAKS).join(", ")}`);
  Deno.exit(2);
}
quietLibsignal();
const [seen, problems] = await soak(amount === undefined ? undefined : Number(amount), words);
console.log(seen);
for (const problem of problems.slice(0, 100)) console.log(`WRONG: ${problem}`);
console.log(problems.length === 0 ? "Everything is accounted for" : `${problems.length} things are wrong`);
Deno.exit(problems.length === 0 ? 0 : 1);
