import { z } from "zod";
import { OpenAPIHono } from "@hono/zod-openapi";
import { createLate } from "../../async/late.ts";
import { messageOf } from "../../errors.ts";
import { logOf } from "../../log.ts";
import type { HttpEnv } from "../context.ts";
import { createDeviceOf } from "./device_of.ts";
import { createPeople, type PeopleDeps } from "./people.ts";
import type { ReadingDeps } from "./reading.ts";
import type { Caller, Tool } from "./tool.ts";
import type { WritingDeps } from "./writing.ts";
import type { DeviceService } from "../../devices/devices.ts";

const log = logOf("mcp");
const ToolCall = z.looseObject({
  method: z.literal("tools/call"),
  params: z.looseObject({ name: z.string() }),
});

export type McpDeps =
  & Omit<ReadingDeps, "deviceOf" | "people">
  & Omit<WritingDeps, "deviceOf" | "people">
  & PeopleDeps
  & { readonly devices: Pick<DeviceService, "get" | "list">; readonly now: () => number };

/**
 * The Model Context Protocol at `/mcp`: Streamable HTTP without sessions, for the protocol of 2026-07-28 and the ones
 * before it. Each request gets a server of its own, with the tools of its key.
 */
export function createMcpRoutes(deps: McpDeps): OpenAPIHono<HttpEnv> {
  const routes = new OpenAPIHono<HttpEnv>();
  // Loaded when somebody asks first: it is large, and most gateways are never asked.
  const late = createLate(async () => {
    const [{ createMcpHandler, createMcpServerFor }, { readingTools }, { writingTools }] = await Promise.all([
      import("./server.ts"),
      import("./reading.ts"),
      import("./writing.ts"),
    ]);
    const shared = { ...deps, deviceOf: createDeviceOf(deps.devices), people: createPeople(deps) };
    const tools: readonly Tool[] = [...readingTools(shared), ...writingTools(shared)];
    return createMcpHandler(
      ({ authInfo }) => {
        const { caller, named } = authInfo?.extra as { readonly caller: Caller; readonly named?: string };
        // a call needs the tool that it names; to describe all of them costs more than most calls
        const needed = named === undefined ? tools : tools.filter(({ name }) => name === named);
        return createMcpServerFor(needed, caller, deps.now);
      },
      { onerror: (error) => log.debug("mcp.refused", { error: messageOf(error) }) },
    );
  });

  routes.all("/mcp", async (c) => {
    const { tenant, access } = c.var;
    const caller: Caller = { tenantId: tenant.id, access };
    const clientId = access.keyId ?? tenant.id;
    const authInfo = { token: "", clientId, scopes: [...access.scopes], extra: { caller } };
    const handler = await late.loaded();
    if (c.req.method !== "POST") return await handler.fetch(c.req.raw, { authInfo });
    const read = parsed(await c.req.text());
    if (!read.ok) return c.json(refused(-32700, "The body is not valid JSON"), 400);
    // A batch would be one request to the rate limit, and a hundred messages to people.
    if (Array.isArray(read.json)) {
      return c.json(refused(-32600, "Batches are not taken: send one message a request"), 400);
    }
    const { url, headers } = c.req.raw;
    const signal = AbortSignal.any([c.req.raw.signal, c.get("rights")]); // also ends what the key opened
    return await handler.fetch(new Request(url, { method: "POST", headers, signal }), {
      authInfo: { ...authInfo, extra: { caller, named: toolIn(read.json) } },
      parsedBody: read.json,
    });
  });
  return routes;
}

function parsed(text: string): { readonly ok: true; readonly json: unknown } | { readonly ok: false } {
  try {
    return { ok: true, json: JSON.parse(text) };
  } catch {
    return { ok: false };
  }
}

/** The tool that a request calls; undefined when it calls none. */
function toolIn(json: unknown): string | undefined {
  const call = ToolCall.safeParse(json);
  return call.success ? call.data.params.name : undefined;
}

function refused(code: number, message: string) {
  return { jsonrpc: "2.0" as const, id: null, error: { code, message } };
}
