// What goes wrong during the soak of the WhatsApp side, at random.
import type { Answer } from "../support/receiver.ts";
import { anyOf, between, type Cast, pause } from "./line_cast.ts";

/** Counts of what was done. */
export type Tally = Map<string, number>;

export function count(tally: Tally, what: string): void {
  tally.set(what, (tally.get(what) ?? 0) + 1);
}

/** Breaks lines and makes WhatsApp misbehave for a while, every few seconds; ends all of it when `signal` aborts. */
export async function troubleWhatsApp(
  { simulator, members, contacts, group }: Cast,
  tally: Tally,
  signal: AbortSignal,
) {
  const { faults } = simulator;
  const linked = () => anyOf([...anyOf(members).phone.devices.values()]);
  const during = async (ms: number, begin: () => void, end: () => void) => {
    begin();
    await pause(ms, signal);
    end();
  };
  const troubles: Readonly<Record<string, () => void | Promise<void>>> = {
    "connection dropped": () => linked().drop(),
    "all connections dropped": () =>
      members.forEach(({ phone }) => phone.devices.forEach((one) => one.drop())),
    "stream error 515": () => linked().restart("515"),
    "stream error 503": () => linked().restart("503"),
    "connection gone silent": () => {
      const { connection } = linked();
      if (connection !== undefined) connection.blackhole = true;
    },
    "connections refused with 503": () =>
      during(between(1_000, 6_000), () => {
        faults.upgradeStatus = 503;
        linked().drop();
      }, () => delete faults.upgradeStatus),
    "logins refused with 503": () =>
      during(between(1_000, 6_000), () => {
        faults.loginFailure = 503;
        linked().drop();
      }, () => delete faults.loginFailure),
    "acks left out": () =>
      during(
        between(500, 4_000),
        () => faults.dropAck = () => Math.random() < 0.5,
        () => delete faults.dropAck,
      ),
    "acks late": () =>
      during(
        between(2_000, 8_000),
        () => faults.ackDelayMs = between(200, 3_000),
        () => delete faults.ackDelayMs,
      ),
    "texts refused with 463": () =>
      during(2_000, () => faults.refuse = () => 463, () => delete faults.refuse),
    "queries of people unanswered": () =>
      during(3_000, () => faults.ignoreQueries = new Set(["usync"]), () => delete faults.ignoreQueries),
    "a text asked for again": () => {
      const contact = anyOf(contacts);
      const got = contact.inbox.at(-1);
      if (got?.device !== undefined) contact.askRetry(got.device, got.id, got.to);
    },
  };
  const broken = signalTroubles({ members, contacts, group });
  while (!signal.aborted) {
    await pause(between(4_000, 16_000), signal);
    if (signal.aborted) break;
    const [what, make] = anyOf(Object.entries({ ...troubles, ...broken }));
    count(tally, what);
    await make();
  }
  simulator.network.setFaults({});
}

/** What goes wrong on people's phones: they cannot open what comes next. */
function signalTroubles(
  { members, contacts, group }: Pick<Cast, "members" | "contacts" | "group">,
): Readonly<Record<string, () => void>> {
  return {
    "a phone lost its Signal sessions": () => anyOf(contacts).forgetSessions(),
    "a phone damaged a Signal session": () => {
      const { number, devices } = anyOf(members).phone;
      const { signal } = anyOf(contacts);
      for (const { id } of devices.values()) if (signal.hasSession(number, id)) signal.damage(number, id);
    },
    "a phone lost its sender keys": () => anyOf(group.contacts).signal.forgetSenderKeys(group.jid),
  };
}

/** How the receiver of webhooks answers now; changes every few seconds, and is well at last. */
export interface Mood {
  answer(): Answer;
}

export function moodyReceiver(tally: Tally, signal: AbortSignal): Mood {
  const well = () => ({ status: 200, body: "ok" });
  const moods: Readonly<Record<string, () => Answer>> = {
    "receiver answers 500": () => 500,
    "receiver resets": () => "reset",
    "receiver hangs": () => "hang",
    "receiver closes": () => "close",
    "receiver breaks off its answers": () => "reset-body",
    "receiver is slow": () => ({ status: 200, delayMs: between(100, 1_500) }),
    "receiver fails a half": () => Math.random() < 0.5 ? 503 : 200,
  };
  let answer: () => Answer = well;
  void (async () => {
    while (!signal.aborted) {
      answer = well;
      await pause(between(5_000, 25_000), signal);
      const [what, mood] = anyOf(Object.entries(moods));
      if (signal.aborted) break;
      count(tally, what);
      answer = mood;
      await pause(between(2_000, 12_000), signal);
    }
    answer = well;
  })();
  return { answer: () => answer() };
}
