import { z } from "zod";
import { type ClientSettings, createGatewayClient } from "./gateway_client.ts";
import { UsageError } from "./verb.ts";

const EXIT_FAILED = 1;

type Print = (line: string) => void;

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

/**
 * Asks a running gateway about WEBHOOK_URL. Returns the exit code: 0 when it is set.
 * @throws {GatewayError} If it cannot be reached, or refuses.
 */
export async function webhookStatus(settings: ClientSettings, print: Print): Promise<number> {
  const { data } = statusAnswer.parse(await createGatewayClient(settings).ask("/api/webhook/status"));
  print(data.enabled ? `WEBHOOK_URL is ${data.webhookUrl}` : "WEBHOOK_URL is not set");
  return data.enabled ? 0 : EXIT_FAILED;
}

/**
 * Lets a running gateway send a test event to WEBHOOK_URL. Returns the exit code: 0 when it was delivered.
 * @throws {UsageError} If the data is no JSON object.
 * @throws {GatewayError} If the gateway cannot be reached, or refuses.
 */
export async function webhookTest(
  { event, json }: { readonly event: string; readonly json: string },
  settings: ClientSettings,
  print: Print,
): Promise<number> {
  const data = parsedObject(json);
  if (data === undefined) throw new UsageError(`The data takes a JSON object, but it is ${json}`);
  const { result } = testAnswer.parse(
    await createGatewayClient(settings).ask("/api/webhook/test", { eventType: event, data }),
  );
  print(
    result.success
      ? `"${event}" was delivered: HTTP ${result.status}, attempt ${result.attempt}`
      : `"${event}" was not delivered: ${result.error}`,
  );
  return result.success ? 0 : EXIT_FAILED;
}

function parsedObject(json: string): Record<string, unknown> | undefined {
  try {
    return z.record(z.string(), z.unknown()).safeParse(JSON.parse(json)).data;
  } catch {
    return undefined; // not JSON: the caller says so
  }
}
