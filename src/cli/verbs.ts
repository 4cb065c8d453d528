import type { Verb } from "./verb.ts";

const NO_OPTIONS = {};

/** Every command, in the order in which the help lists them. Each loads its parts only when it runs. */
export const VERBS: readonly Verb[] = [
  {
    name: "serve",
    takes: [],
    options: NO_OPTIONS,
    about: "run the gateway (also without a command)",
    async run(_args, world) {
      const { serve } = await import("./serve.ts");
      await serve(world.settings(), world);
      return 0;
    },
  },
  {
    name: "demo",
    takes: [],
    options: { stay: { type: "boolean" } },
    about: "show everything at work, without a phone",
    async run(args, world) {
      const { demo } = await import("./demo.ts");
      await demo({ stay: args.isSet("stay"), ...world });
      return 0;
    },
  },
  {
    name: "simulate",
    takes: [],
    options: {
      port: { type: "string", value: "port" },
      host: { type: "string", value: "address" },
      "ws-port": { type: "string", value: "port" },
      seed: { type: "string", value: "text" },
      replay: { type: "string", value: "file" },
    },
    about: "run only the WhatsApp network simulator",
    help:
      "The same seed gives the same keys, port and files at every start: write the gateway's settings down once.\n" +
      "--replay plays a record that WIRE_RECORD made to the first device that its phone links.",
    async run(args, world) {
      const { simulateVerb } = await import("./simulate.ts");
      await simulateVerb(args, world);
      return 0;
    },
  },
  {
    name: "init",
    takes: ["[file]"],
    options: { force: { type: "boolean" } },
    about: "write a file with every setting, explained",
    help: "The file (kabar.env by default) is read with --env-file, by systemd and by containers.",
    async run(args, { print }) {
      const { init } = await import("./init.ts");
      await init(args.given[0] ?? "kabar.env", { force: args.isSet("force"), print });
      return 0;
    },
  },
  {
    name: "key",
    takes: [],
    options: NO_OPTIONS,
    about: "make a new API key when the first is lost",
    help: "Works on DATA_DIR while the gateway is stopped; on a running one when MASTER_KEY is set.",
    async run(_args, { settings, print }) {
      const { newKey } = await import("./key.ts");
      await newKey(settings(), print);
      return 0;
    },
  },
  {
    name: "webhook status",
    takes: [],
    options: NO_OPTIONS,
    about: "ask a running gateway about WEBHOOK_URL",
    async run(_args, { settings, print }) {
      const { webhookStatus } = await import("./webhook.ts");
      return await webhookStatus(settings(), print);
    },
  },
  {
    name: "webhook test",
    takes: ["[event]", "[json]"],
    options: NO_OPTIONS,
    about: "send a test event to WEBHOOK_URL",
    async run({ given: [event = "test", json = "{}"] }, { settings, print }) {
      const { webhookTest } = await import("./webhook.ts");
      return await webhookTest({ event, json }, settings(), print);
    },
  },
  {
    name: "webhook listen",
    takes: [],
    options: {
      forward: { type: "string", value: "url" },
      events: { type: "string", value: "names" },
      devices: { type: "string", value: "ids" },
      format: { type: "string", value: "format" },
      after: { type: "string", value: "number" },
      secret: { type: "string", value: "secret" },
    },
    about: "show events as they happen, and forward them to a program here",
    help:
      "Asks the gateway at APP_URL, or on this machine, with API_KEY. Events are forwarded in order, signed like a\n" +
      "webhook's requests, and tried again while the program does not answer. A number that is typed shows that event.",
    async run(args, { settings, signal, print }) {
      const { listen } = await import("./listen/listen.ts");
      const { typedLines } = await import("./listen/typed_lines.ts");
      const options = {
        forward: args.valueOf("forward"),
        events: args.valueOf("events"),
        devices: args.valueOf("devices"),
        format: args.valueOf("format"),
        after: args.valueOf("after"),
        secret: args.valueOf("secret"),
      };
      await listen(options, settings(), {
        signal,
        print,
        typed: typedLines(Deno.stdin.readable, signal),
      });
      return 0;
    },
  },
  {
    name: "mcp",
    takes: [],
    options: NO_OPTIONS,
    about: "connect an assistant (MCP over stdio) to a running gateway",
    help:
      "For the settings of an assistant that starts its servers as programs. Asks the gateway at APP_URL, or on this\n" +
      "machine, with API_KEY: a key of /v1/keys with the scope read, and send where the assistant may write.",
    async run(_args, { settings, signal }) {
      console.log = console.error; // nothing but the protocol may stand in stdout
      const { mcpProxy } = await import("./mcp.ts");
      const { typedLines } = await import("./listen/typed_lines.ts");
      const out = new TextEncoder();
      const write = (line: string) => {
        for (let rest = out.encode(`${line}\n`); rest.length > 0;) {
          rest = rest.subarray(Deno.stdout.writeSync(rest));
        }
      };
      return await mcpProxy({
        settings: settings(),
        lines: typedLines(Deno.stdin.readable, signal),
        write,
        signal,
      });
    },
  },
  {
    name: "health",
    takes: [],
    options: NO_OPTIONS,
    about: "ask the gateway on this machine whether it can take work",
    async run(_args, { settings, print }) {
      const { health } = await import("./health.ts");
      return await health(settings(), print);
    },
  },
  {
    name: "backup",
    takes: ["<file>"],
    options: NO_OPTIONS,
    about: "copy the database, also while the gateway runs",
    async run({ given: [file] }, { settings, print }) {
      const { backupVerb } = await import("./backup.ts");
      await backupVerb(file, settings(), print);
      return 0;
    },
  },
  {
    name: "restore",
    takes: ["<file>"],
    options: { force: { type: "boolean" } },
    about: "bring such a copy back, while the gateway does not run",
    async run(args, { settings, print }) {
      const { restoreVerb } = await import("./backup.ts");
      await restoreVerb(args.given[0], { force: args.isSet("force") }, settings(), print);
      return 0;
    },
  },
  {
    name: "move",
    takes: [],
    options: { "dry-run": { type: "boolean" } },
    about: "move everything from DATA_DIR to the Postgres of DATABASE_URL",
    help: "The gateway must not run, and the database must be empty. Afterwards the file is served no more.",
    async run(args, { settings, print }) {
      const { moveVerb } = await import("./move.ts");
      await moveVerb({ dryRun: args.isSet("dry-run") }, settings(), print);
      return 0;
    },
  },
  {
    name: "migrate",
    takes: [],
    options: NO_OPTIONS,
    about: "bring the database's schema up to date, before gateways start",
    help: "Gateways do it themselves, too. Those of the version before work on meanwhile.",
    async run(_args, { settings, print }) {
      const { migrateVerb } = await import("./migrate.ts");
      await migrateVerb(settings(), print);
      return 0;
    },
  },
  {
    name: "forget-sessions",
    takes: [],
    options: NO_OPTIONS,
    about: "after an old copy was brought back: new WhatsApp sessions",
    help:
      "Devices stay linked. `kabar restore` does it by itself. On Postgres run it after pg_restore, before gateways start.",
    async run(_args, { settings, print }) {
      const { forgetSessionsVerb } = await import("./migrate.ts");
      await forgetSessionsVerb(settings(), print);
      return 0;
    },
  },
  {
    name: "licences",
    takes: [],
    options: { full: { type: "boolean" } },
    about: "what is inside the executable, and under which terms",
    async run(args, { print }) {
      const { licences } = await import("./licences.ts");
      print(licences(args.isSet("full")));
      return 0;
    },
  },
  {
    name: "version",
    takes: [],
    options: NO_OPTIONS,
    about: "print the version",
    async run(_args, { print }) {
      const { VERSION } = await import("../version.ts");
      print(VERSION);
      return 0;
    },
  },
];
