import type { Lines, Qr } from "../devices/devices.ts";
import type { DeviceId } from "../ids.ts";
import type { DeviceCalls } from "./calls.ts";
import type { Holding } from "./fleet.ts";

const PREFIX = "line.";
/** How much longer an answer is waited for than its holder waits. */
const SPARE_MS = 10_000;

type Verb = "start" | "stop" | "restart" | "logout" | "remove";

/** What devices' owners do with their lines, wherever those are held. */
export function createRoutedLines(
  local: Lines,
  { whereIs, bring }: Pick<Holding, "whereIs" | "bring">,
  ask: DeviceCalls["ask"],
): Lines {
  /** Whether it is to be done here; a device that nobody holds is brought somewhere first. */
  const comesHere = async (id: DeviceId) => {
    const place = await whereIs(id);
    return place === "here" || (place === "nowhere" && await bring(id));
  };
  const act = (verb: Verb) => async (id: DeviceId) => {
    if (await comesHere(id)) await local[verb](id);
    else await ask(id, PREFIX + verb, []);
  };
  return {
    start: act("start"),
    stop: act("stop"),
    restart: act("restart"),
    logout: act("logout"),
    remove: act("remove"),
    async qr(id) {
      if (await whereIs(id) !== "elsewhere") return await local.qr(id);
      return qrIn(await ask(id, `${PREFIX}qr`, []));
    },
    async waitForQr(id, timeoutMs) {
      // it was started a moment ago, perhaps elsewhere: whoever has it, or is about to, answers
      if (await whereIs(id) === "here") return await local.waitForQr(id, timeoutMs);
      const answerWithinMs = timeoutMs + SPARE_MS;
      return qrIn(await ask(id, `${PREFIX}waitForQr`, [timeoutMs], { answerWithinMs }));
    },
    async pairingCode(id, phone) {
      if (await comesHere(id)) return await local.pairingCode(id, phone);
      return String(await ask(id, `${PREFIX}pairingCode`, [phone]));
    },
  };
}

/** The code in a holder's answer. A holder of an older version does not tell which of its codes that is. */
function qrIn(answer: unknown): Qr | undefined {
  const qr = answer as (Pick<Qr, "code" | "expiresAt"> & Partial<Qr>) | null | undefined;
  return qr ? { number: 1, total: null, ...qr } : undefined;
}

/** Does with a line that is held here what another gateway asks; undefined when `kind` is nothing of a line. */
export function performOnLine(
  local: Lines,
  deviceId: DeviceId,
  kind: string,
  args: readonly unknown[],
): Promise<unknown> | undefined {
  switch (kind) {
    case "line.start":
    case "line.stop":
    case "line.restart":
    case "line.logout":
    case "line.remove":
      return local[kind.slice(PREFIX.length) as Verb](deviceId);
    case "line.qr":
      return Promise.resolve(local.qr(deviceId));
    case "line.waitForQr":
      return local.waitForQr(deviceId, Number(args[0]));
    case "line.pairingCode":
      return local.pairingCode(deviceId, String(args[0]));
    default:
      return undefined;
  }
}
