// `kabar simulate`: only the simulated WhatsApp network and its control API, until told to stop.
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Fixture } from "../recording/fixture.ts";
import { readFixture } from "../recording/read_fixture.ts";
import { castOf } from "./replay/cast.ts";
import { replay } from "./replay/replay.ts";
import { startControlServer } from "./control/control.ts";
import { secretsFrom } from "./wire/seed.ts";
import { WhatsAppSimulator } from "./server/server.ts";

const FOREVER_MS = 2 ** 52;

/** Where to listen: `port` for the control API, `wsPort` for WhatsApp's WebSocket; 0 takes any free port. */
export interface SimulateSettings {
  readonly host: string;
  readonly port: number;
  readonly wsPort: number;
  /** Makes the same keys at every start, so that the gateway's settings can be written down. */
  readonly seed?: string;
  /** The file of a record that is played to the first device that is linked to its phone. */
  readonly replay?: string;
}

/** Runs until `signal` aborts; prints what to set in a gateway, and what to try. */
export async function simulate(
  { host, port, wsPort, seed, replay: recordPath }: SimulateSettings,
  signal: AbortSignal,
  print: (line: string) => void,
): Promise<void> {
  const fixture = recordPath === undefined ? undefined : await readRecord(recordPath);
  const simulator = await WhatsAppSimulator.start({ hostname: host, port: wsPort, seed });
  const caPath = await caFile(seed);
  try {
    await Deno.writeTextFile(caPath, simulator.tlsCaPem);
    const control = startControlServer({ simulator, hostname: host, port });
    for (const line of introduction(simulator, control.url, caPath)) print(line);
    if (fixture !== undefined) await replayTo(simulator, fixture, signal, print);
    await aborted(signal);
    await control.stop();
  } finally {
    await simulator.stop();
    if (seed === undefined) await Deno.remove(caPath); // else a gateway reads it again at its next start
  }
}

/** @throws {Deno.errors.NotFound | SyntaxError} If there is no such file, or it is no record. */
async function readRecord(path: string): Promise<Fixture> {
  try {
    return readFixture(await Deno.readTextFile(path));
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new Deno.errors.NotFound(`Cannot play --replay ${path}: there is no such file`);
  }
}

/** Plays a record to the first device that is linked to its phone. */
async function replayTo(
  simulator: WhatsAppSimulator,
  fixture: Fixture,
  signal: AbortSignal,
  print: (line: string) => void,
): Promise<void> {
  const cast = castOf(fixture, simulator);
  const { phone } = cast;
  const wake = () => simulator.network.touch();
  signal.addEventListener("abort", wake, { once: true });
  const count = fixture.stanzas.length;
  print(`A record of ${count} stanzas is played to the first device that the phone ${phone.number} links.`);
  const ready = () => [...phone.devices.values()].find((device) => device.isGreeted);
  await simulator.network.waitFor(() => signal.aborted || ready() !== undefined, FOREVER_MS);
  const device = ready();
  if (device === undefined) return;
  const { played, unreadable, unsettled } = await replay({ simulator, cast, fixture, device, signal });
  print(`Played ${played} stanzas; ${unreadable} could not be read when they were recorded.`);
  for (const what of unsettled) print(`The device did not acknowledge ${what}.`);
}

/** Where the authority of the media hosts is kept: the same file for the same seed. */
async function caFile(seed: string | undefined): Promise<string> {
  if (seed === undefined) return await Deno.makeTempFile({ prefix: "kabar-simulator-", suffix: ".pem" });
  return join(tmpdir(), `kabar-simulator-${secretsFrom(seed)("file name", 6).toString("hex")}.pem`);
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((done) => {
    if (signal.aborted) done();
    signal.addEventListener("abort", () => done(), { once: true });
  });
}

function introduction(simulator: WhatsAppSimulator, url: string, caPath: string): string[] {
  const post = (path: string, body: unknown) =>
    `  curl -sX POST ${url}${path} -H 'content-type: application/json' -d '${JSON.stringify(body)}'`;
  return [
    `A WhatsApp network for tests is running. Control API: ${url}`,
    "",
    "Start the gateway with these settings, so that its sessions connect here:",
    `  WHATSAPP_WS_URL=${simulator.url} WHATSAPP_ROOT_KEY=${simulator.rootKey.toString("hex")}`,
    `  WHATSAPP_MEDIA_CA=${caPath}`,
    "",
    "Make a phone and scan the QR code that the gateway shows (its text, not the picture):",
    post("/phones", { phone: "4915100000001", name: "Shop" }),
    post("/phones/4915100000001/scan", { qr: "THE TEXT OF THE QR CODE" }),
    "",
    "Make somebody who reads what they get, answers, and writes first:",
    post("/contacts", {
      phone: "4917200000001",
      name: "Anna",
      autoReceipts: ["delivered", "read"],
      autoReply: "You said: {text}",
    }),
    post("/contacts/4917200000001/messages", { to: "4915100000001", text: "Hello!" }),
    "",
    "See what they got, and everything else that can be done:",
    `  curl -s '${url}/contacts/4917200000001/messages?wait=10'`,
    `  curl -s ${url}/`,
    "",
  ];
}
