import { z } from "zod";
import { messageOf } from "../errors.ts";
import { type ClientSettings, localAddress } from "./gateway_client.ts";

const VERSION_KEY = "io.modelcontextprotocol/protocolVersion";
/** What assistants get where the gateway did not answer in JSON-RPC. */
const NOT_REACHED = -32000;

const Message = z.looseObject({
  id: z.union([z.string(), z.number()]).optional(),
  method: z.string().optional(),
  params: z.looseObject({
    name: z.string().optional(),
    uri: z.string().optional(),
    requestId: z.union([z.string(), z.number()]).optional(),
    _meta: z.looseObject({ [VERSION_KEY]: z.string().optional() }).optional(),
  }).optional(),
});
type Message = z.infer<typeof Message>;

const Answer = z.looseObject({
  jsonrpc: z.literal("2.0"),
  id: z.union([z.string(), z.number(), z.null()]).optional(),
  result: z.looseObject({ protocolVersion: z.string().optional() }).optional(),
});
const Refusal = z.object({ error: z.object({ message: z.string() }) });

export interface McpProxyOptions {
  readonly settings: Pick<ClientSettings, "HOST" | "PORT" | "APP_URL" | "API_KEY">;
  /** What the assistant writes, one JSON-RPC message a line. */
  readonly lines: AsyncIterable<string>;
  /** Takes one JSON-RPC message, without a line break. */
  readonly write: (line: string) => void;
  readonly signal: AbortSignal;
}

/**
 * Passes what an assistant says over stdio on to the `/mcp` of a running gateway, and the answers back. Nothing but
 * the protocol is written.
 * @see Model Context Protocol 2026-07-28, "stdio" and "Streamable HTTP"
 */
export async function mcpProxy({ settings, lines, write, signal }: McpProxyOptions): Promise<number> {
  const base = settings.APP_URL ?? localAddress(settings);
  const url = new URL("/mcp", base);
  const asked = new Map<string | number, AbortController>();
  const passing = new Set<Promise<void>>();
  /** What `initialize` settled on, for those who speak a protocol that has it. */
  let version: string | undefined;

  const fail = ({ id }: Message, code: number, message: string) => {
    if (id !== undefined) write(JSON.stringify({ jsonrpc: "2.0", id, error: { code, message } }));
  };

  function headersOf({ method, params }: Message): Readonly<Record<string, string>> {
    const spoken = params?._meta?.[VERSION_KEY] ?? version;
    const name = params?.name ?? params?.uri;
    return {
      "Content-Type": "application/json",
      Accept: "application/json, text/event-stream",
      ...(settings.API_KEY === undefined ? {} : { Authorization: `Bearer ${settings.API_KEY}` }),
      ...(spoken === undefined ? {} : { "MCP-Protocol-Version": spoken }),
      ...(method === undefined ? {} : { "Mcp-Method": method }),
      ...(name === undefined ? {} : { "Mcp-Name": encodeURIComponent(name) }),
    };
  }

  function answered(text: string, message: Message): boolean {
    const read = Answer.safeParse(jsonIn(text));
    if (!read.success) return false;
    version = read.data.result?.protocolVersion ?? version;
    const { id = null, ...rest } = read.data;
    const isAnswer = "result" in rest || "error" in rest;
    write(JSON.stringify({ ...rest, ...(isAnswer ? { id: id ?? message.id ?? null } : {}) }));
    return true;
  }

  async function pass(line: string, message: Message): Promise<void> {
    const stop = new AbortController();
    if (message.id !== undefined) asked.set(message.id, stop);
    try {
      const response = await fetch(url, {
        method: "POST",
        headers: headersOf(message),
        body: line,
        signal: AbortSignal.any([signal, stop.signal]),
      });
      if (response.headers.get("Content-Type")?.startsWith("text/event-stream") === true) {
        for await (const text of eventsIn(response)) answered(text, message);
        return;
      }
      const text = await response.text();
      if (text === "" || answered(text, message)) return;
      const refusal = Refusal.safeParse(jsonIn(text));
      const why = refusal.success ? refusal.data.error.message : "the answer is not Kabar's";
      fail(message, NOT_REACHED, `The gateway at ${base} refused (${response.status}): ${why}`);
    } catch (error) {
      if (signal.aborted || stop.signal.aborted) return; // nobody waits for it any more
      const hint = "Is it running? APP_URL, or HOST and PORT, say where it is";
      fail(message, NOT_REACHED, `Cannot reach the gateway at ${base}: ${messageOf(error)}. ${hint}`);
    } finally {
      if (message.id !== undefined) asked.delete(message.id);
    }
  }

  for await (const line of lines) {
    if (line.trim() === "") continue;
    const read = Message.safeParse(jsonIn(line));
    if (!read.success) {
      write(
        JSON.stringify({
          jsonrpc: "2.0",
          id: null,
          error: { code: -32700, message: "Not a JSON-RPC message" },
        }),
      );
      continue;
    }
    const message = read.data;
    if (message.method === "notifications/cancelled") {
      const id = message.params?.requestId;
      if (id !== undefined) asked.get(id)?.abort(); // the end of the connection is how HTTP says it
      continue;
    }
    const work: Promise<void> = pass(line, message).finally(() => passing.delete(work));
    passing.add(work);
    // Whatever follows is spoken in the version that the gateway answers.
    if (message.method === "initialize") await work;
  }
  await Promise.all(passing);
  return 0;
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The data of a stream of server-sent events. */
async function* eventsIn(response: Response): AsyncGenerator<string> {
  let rest = "";
  for await (const text of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    rest += text.replaceAll("\r\n", "\n");
    const events = rest.split("\n\n");
    rest = events.pop() ?? "";
    for (const event of events) {
      const data = event.split("\n").filter((line) => line.startsWith("data:"))
        .map((line) => line.slice(5).replace(/^ /, ""));
      if (data.length > 0 && data.join("") !== "") yield data.join("\n");
    }
  }
}
