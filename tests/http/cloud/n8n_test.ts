// Runs when N8N_NODES names the folder of the npm package n8n-nodes-base; `.ci/run` gets it.
import { assert, assertEquals } from "@std/assert";
import { cloudRequests } from "../../support/cloud_requests.ts";

const NODES = Deno.env.get("N8N_NODES");
const SECRET = "app-secret";
const NODE_ID = "7b0a7c1e-0000-4000-8000-000000000000";

interface Request {
  readonly method: "GET" | "POST";
  readonly query: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

interface Answered {
  readonly answer: { readonly status: number; readonly type: string | null; readonly text: string | null };
  // deno-lint-ignore no-explicit-any -- Meta's values, as the trigger hands them to a workflow
  readonly items: readonly any[];
}

/** What n8n's WhatsApp trigger makes of requests, as they are or with some statuses only. */
async function trigger(requests: readonly Request[], options = {}): Promise<readonly Answered[]> {
  const script = new URL("../../support/n8n_trigger.mjs", import.meta.url).pathname;
  const child = new Deno.Command("node", {
    args: [script],
    env: { N8N_NODES: NODES! },
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(
    new TextEncoder().encode(JSON.stringify({ requests, secret: SECRET, nodeId: NODE_ID, options })),
  );
  await writer.close();
  const { stdout } = await child.output();
  return JSON.parse(new TextDecoder().decode(stdout));
}

function test(name: string, body: () => Promise<void>): void {
  Deno.test({
    name: NODES === undefined ? `${name} (ignored: N8N_NODES is not set)` : name,
    ignore: NODES === undefined,
    fn: body,
  });
}

const posted = (secret: string): readonly Request[] =>
  cloudRequests(secret).map(({ request: { headers, body } }) => ({
    method: "POST",
    query: {},
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])),
    body: new TextDecoder().decode(new TextEncoder().encode(body)),
  }));

test("n8n's WhatsApp trigger starts a workflow with every webhook that `*` gets", async () => {
  const requests = cloudRequests(SECRET);

  const answered = await trigger(posted(SECRET));

  assertEquals(answered.map(({ items }) => items.length), requests.map(() => 1));
  assert(answered.every(({ items: [item] }) => item.metadata.phone_number_id === "628000000100"));
  const texts = answered.flatMap(({ items: [item] }) => item.messages?.[0].text?.body ?? []);
  assert(texts.length > 0);
});

test("n8n's WhatsApp trigger starts nothing for a wrong signature", async () => {
  const answered = await trigger(posted("another-secret"));

  assertEquals(answered.flatMap(({ items }) => items), []);
});

test("n8n's WhatsApp trigger keeps messages where it leaves statuses out", async () => {
  const requests = posted(SECRET);
  const withoutStatuses = requests.filter(({ body }) => !body.includes('"statuses"'));

  const answered = await trigger(requests, { messageStatusUpdates: [] });

  assertEquals(answered.flatMap(({ items }) => items).length, withoutStatuses.length);
});
