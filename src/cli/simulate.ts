import { InvalidError } from "../errors.ts";
import type { Terminal } from "./serve.ts";

const DEFAULT_PORT = 3003;

/** Runs only the WhatsApp network simulator, which the gateway itself never loads. */
export async function simulateVerb(args: readonly string[], { signal, print }: Terminal): Promise<void> {
  const { simulate } = await import("../simulator/mod.ts");
  const { silenceLibsignal } = await import("../whatsapp/libsignal_silence.ts");
  silenceLibsignal(); // the people of the simulator have Signal sessions too
  await simulate(
    {
      host: optionOf(args, "--host") ?? "127.0.0.1",
      port: portOf(args, "--port") ?? DEFAULT_PORT,
      wsPort: portOf(args, "--ws-port") ?? 0,
    },
    signal,
    print,
  );
}

function portOf(args: readonly string[], name: string): number | undefined {
  const text = optionOf(args, name);
  if (text === undefined) return undefined;
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port > 65535) {
    throw new InvalidError(name, `${name} takes a port number from 0 to 65535, but it is "${text}"`);
  }
  return port;
}

function optionOf(args: readonly string[], name: string): string | undefined {
  const at = args.indexOf(name);
  return at === -1 ? undefined : args[at + 1];
}
