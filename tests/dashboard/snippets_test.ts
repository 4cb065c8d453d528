// The programs that the dashboard offers accept what is really sent, and nothing else.
import { assertEquals } from "@std/assert";
import { SNIPPETS } from "../../src/dashboard/parts/snippets.ts";
import { requestFor } from "../../src/formats/request.ts";
import { newSecret } from "../../src/formats/standard_webhooks.ts";
import { examplesOf } from "../../src/events/examples/mod.ts";

const [{ event }] = examplesOf("message.received");

function requestWith(secret: string) {
  const webhook = {
    format: "device",
    url: "https://shop.example/hook",
    headers: {},
    secrets: [{ value: secret, expiresAt: null }],
  };
  const facts = { event, name: "message.received", webhook, deliveryId: "dlv_1", attempt: 1, at: Date.now() };
  const { headers, body } = requestFor(facts);
  const lower = Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
  );
  return { headers: lower, body: String(body) };
}

/** Requests, and whether each is genuine: with a secret that was made here and one of the user's own. */
const CASES = [newSecret(), "my own secret"].flatMap((secret) => {
  const { headers, body } = requestWith(secret);
  const old = { ...headers, "webhook-timestamp": String(Number(headers["webhook-timestamp"]) - 600) };
  return [
    { headers, body, secret, genuine: true },
    { headers, body: `${body} `, secret, genuine: false },
    { headers, body, secret: "another", genuine: false },
    { headers: old, body, secret, genuine: false },
  ];
});

function snippet(language: string): string {
  return SNIPPETS.find((one) => one.language === language)?.text ?? "";
}

async function isThere(command: string): Promise<boolean> {
  try {
    return (await new Deno.Command(command, { args: ["--version"], stdout: "null" }).output()).success;
  } catch {
    return false;
  }
}

/** Runs a program that gets the cases as JSON and prints a list of verdicts. */
async function verdictsOf(command: string, args: readonly string[], ending: string, program: string) {
  const dir = await Deno.makeTempDir({ prefix: "kabar-snippet-" });
  try {
    await Deno.writeTextFile(`${dir}/cases.json`, JSON.stringify(CASES));
    await Deno.writeTextFile(`${dir}/program${ending}`, program);
    const { stdout, stderr, success } = await new Deno.Command(command, {
      args: [...args, `${dir}/program${ending}`, `${dir}/cases.json`],
    }).output();
    if (!success) throw new Error(new TextDecoder().decode(stderr));
    return JSON.parse(new TextDecoder().decode(stdout));
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

const EXPECTED = CASES.map(({ genuine }) => genuine);

Deno.test("the snippet for Node.js accepts what is genuine and nothing else", async () => {
  const program = `${snippet("Node.js")}
const { readFileSync } = await import("node:fs");
const cases = JSON.parse(readFileSync(process.argv[2], "utf8"));
console.log(JSON.stringify(cases.map(({ headers, body, secret }) => isFromKabar(headers, body, secret))));`;

  const verdicts = await verdictsOf(Deno.execPath(), ["run", "--no-config", "--allow-read"], ".mjs", program);

  assertEquals(verdicts, EXPECTED);
});

Deno.test({
  name: "the snippet for Python accepts what is genuine and nothing else (only where python3 is installed)",
  ignore: !(await isThere("python3")),
  async fn() {
    const program = `${snippet("Python")}

import json, sys
cases = json.load(open(sys.argv[1]))
print(json.dumps([is_from_kabar(c["headers"], c["body"].encode(), c["secret"]) for c in cases]))`;

    assertEquals(await verdictsOf("python3", [], ".py", program), EXPECTED);
  },
});

Deno.test({
  name: "the snippet for PHP accepts what is genuine and nothing else (only where php is installed)",
  ignore: !(await isThere("php")),
  async fn() {
    const program = `${snippet("PHP")}
$cases = json_decode(file_get_contents($argv[1]), true);
echo json_encode(array_map(fn($c) => is_from_kabar($c['headers'], $c['body'], $c['secret']), $cases));`;

    assertEquals(await verdictsOf("php", [], ".php", program), EXPECTED);
  },
});
