import { type Terminal, UsageError, type VerbArguments } from "./verb.ts";

const DEFAULT_PORT = 3003;

/**
 * Runs only the WhatsApp network simulator, which the gateway itself never loads.
 * @throws {UsageError} If a port is none, or the seed is empty.
 */
export async function simulateVerb(args: VerbArguments, { signal, print }: Terminal): Promise<void> {
  const seed = args.valueOf("seed");
  if (seed === "") throw new UsageError("--seed takes a text, but it is empty");
  const options = {
    host: args.valueOf("host") ?? "127.0.0.1",
    port: portOf(args, "port") ?? DEFAULT_PORT,
    wsPort: portOf(args, "ws-port") ?? (seed === undefined ? 0 : DEFAULT_PORT + 1),
    seed,
    replay: args.valueOf("replay"),
  };
  const { simulate } = await import("../simulator/mod.ts");
  const { silenceLibsignal } = await import("../libsignal/silence.ts");
  silenceLibsignal(); // the people of the simulator have Signal sessions too
  await simulate(options, signal, print);
}

function portOf(args: VerbArguments, name: string): number | undefined {
  const text = args.valueOf(name);
  if (text === undefined) return undefined;
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port > 65535) {
    throw new UsageError(`--${name} takes a port number from 0 to 65535, but it is "${text}"`);
  }
  return port;
}
