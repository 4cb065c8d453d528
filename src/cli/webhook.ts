import { z } from "zod";
import type { Settings } from "../config.ts";
import { messageOf } from "../errors.ts";

const EXIT_FAILED = 1;
const EXIT_USAGE = 2;

const USAGE = "Usage: kabar webhook status | kabar webhook test [event] [json]";

const statusAnswer = z.object({
  data: z.object({ enabled: z.boolean(), webhookUrl: z.string().optional() }),
});
const testAnswer = z.object({
  result: z.object({
    success: z.boolean(),
    status: z.number().optional(),
    attempt: z.number().optional(),
    error: z.string().optional(),
  }),
});
const refusal = z.object({ message: z.string() });

/** Asks a running gateway about WEBHOOK_URL, or sends a test event there. Returns the exit code. */
export async function webhook(
  args: readonly string[],
  settings: Settings,
  print: (line: string) => void,
): Promise<number> {
  const [action = "status", event = "test", json = "{}"] = args;
  const base = settings.APP_URL ?? `http://127.0.0.1:${settings.PORT}`;
  const ask = async (path: string, body?: unknown): Promise<unknown> => {
    const response = await fetch(new URL(path, base), {
      method: body === undefined ? "GET" : "POST",
      headers: {
        "content-type": "application/json",
        ...(settings.API_KEY === undefined ? {} : { "x-api-key": settings.API_KEY }),
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const answer: unknown = await response.json();
    if (response.ok) return answer;
    const known = refusal.safeParse(answer);
    throw new Error(`${response.status}: ${known.success ? known.data.message : "no reason given"}`);
  };
  try {
    if (action === "status") {
      const { data } = statusAnswer.parse(await ask("/api/webhook/status"));
      print(data.enabled ? `WEBHOOK_URL is ${data.webhookUrl}` : "WEBHOOK_URL is not set");
      return data.enabled ? 0 : EXIT_FAILED;
    }
    if (action === "test") {
      const data = parsedObject(json);
      if (data === undefined) {
        print(`The data takes a JSON object, but it is ${json}`);
        return EXIT_USAGE;
      }
      const { result } = testAnswer.parse(await ask("/api/webhook/test", { eventType: event, data }));
      print(
        result.success
          ? `"${event}" was delivered: HTTP ${result.status}, attempt ${result.attempt}`
          : `"${event}" was not delivered: ${result.error}`,
      );
      return result.success ? 0 : EXIT_FAILED;
    }
    print(USAGE);
    return EXIT_USAGE;
  } catch (error) {
    print(`Cannot ask ${base}: ${messageOf(error)}`);
    return EXIT_FAILED;
  }
}

function parsedObject(json: string): Record<string, unknown> | undefined {
  try {
    return z.record(z.string(), z.unknown()).safeParse(JSON.parse(json)).data;
  } catch {
    return undefined; // not JSON: the caller says so
  }
}
