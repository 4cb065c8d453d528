import "./old_runtime.ts";
import { readSettings } from "./cli/read_settings.ts";
import { chosenVerb, helpOf, usage } from "./cli/usage.ts";
import { parsedArguments, SettingsError, UsageError } from "./cli/verb.ts";
import { messageOf } from "./errors.ts";

/** The settings were wrong, or the command was. */
const EXIT_USAGE = 2;

/** A Ctrl-C reaches a program that a task runner started twice, from the terminal and from the runner: one order. */
const SAME_ORDER_MS = 1_000;

/** Aborts when the process is asked to stop. A second order ends it at once. */
function stopSignal(): AbortSignal {
  const controller = new AbortController();
  let firstAt = 0;
  const onSignal = () => {
    if (!controller.signal.aborted) {
      firstAt = performance.now();
      controller.abort();
    } else if (performance.now() - firstAt > SAME_ORDER_MS) Deno.exit(1);
  };
  Deno.addSignalListener("SIGINT", onSignal);
  if (Deno.build.os !== "windows") Deno.addSignalListener("SIGTERM", onSignal);
  return controller.signal;
}

async function run(args: readonly string[]): Promise<number> {
  const print = (line: string) => console.log(line);
  const chosen = chosenVerb(args);
  if (chosen === "help") {
    print(usage());
    return 0;
  }
  const { verb, rest } = chosen;
  const given = parsedArguments(verb, rest);
  if (given.isSet("help")) {
    print(helpOf(verb));
    return 0;
  }
  return await verb.run(given, {
    settings: () =>
      readSettings(
        Deno.env.toObject(),
        given.valueOf("env-file"),
        (line) => console.error(`Warning: ${line}`),
      ),
    get signal() { // only those that run on: Ctrl-C ends all others at once
      return stopSignal();
    },
    print,
  });
}

try {
  Deno.exit(await run(Deno.args));
} catch (error) {
  console.error(messageOf(error));
  Deno.exit(error instanceof UsageError || error instanceof SettingsError ? EXIT_USAGE : 1);
}
