import { USAGE } from "./cli/usage.ts";
import { parseSettings, type Settings } from "./config.ts";
import { messageOf } from "./errors.ts";
import { VERSION } from "./version.ts";

/** The settings were wrong, or the command was. */
const EXIT_USAGE = 2;

function settingsOrExit(): Settings {
  const parsed = parseSettings(Deno.env.toObject());
  if (parsed.ok) return parsed.settings;
  for (const problem of parsed.problems) console.error(problem);
  Deno.exit(EXIT_USAGE);
}

/** Aborts when the process is asked to stop. A second request ends it at once. */
function stopSignal(): AbortSignal {
  const controller = new AbortController();
  const onSignal = () => {
    if (controller.signal.aborted) Deno.exit(1);
    controller.abort();
  };
  Deno.addSignalListener("SIGINT", onSignal);
  if (Deno.build.os !== "windows") Deno.addSignalListener("SIGTERM", onSignal);
  return controller.signal;
}

/** Each verb loads only what it needs: health checks come often. */
async function run(verb: string, args: readonly string[]): Promise<number> {
  const print = (line: string) => console.log(line);
  switch (verb) {
    case "serve": {
      const { serve } = await import("./cli/serve.ts");
      await serve(settingsOrExit(), { signal: stopSignal(), print });
      return 0;
    }
    case "demo": {
      const { demo } = await import("./cli/demo.ts");
      await demo({ stay: args.includes("--stay"), signal: stopSignal(), print });
      return 0;
    }
    case "simulate": {
      const { simulateVerb } = await import("./cli/simulate.ts");
      await simulateVerb(args, { signal: stopSignal(), print });
      return 0;
    }
    case "webhook": {
      const { webhook } = await import("./cli/webhook.ts");
      return await webhook(args, settingsOrExit(), print);
    }
    case "health": {
      const { health } = await import("./cli/health.ts");
      return await health(settingsOrExit(), print);
    }
    case "backup":
    case "restore": {
      const { backupVerb, restoreVerb } = await import("./cli/backup.ts");
      return await (verb === "backup" ? backupVerb : restoreVerb)(args, settingsOrExit(), print);
    }
    case "version":
    case "--version":
      print(VERSION);
      return 0;
    case "help":
    case "--help":
    case "-h":
      print(USAGE);
      return 0;
    default:
      console.error(`Unknown command "${verb}"\n\n${USAGE}`);
      return EXIT_USAGE;
  }
}

const [verb = "serve", ...rest] = Deno.args;
try {
  Deno.exit(await run(verb, rest));
} catch (error) {
  console.error(messageOf(error));
  Deno.exit(1);
}
