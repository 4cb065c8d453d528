import { InvalidError } from "../../errors.ts";
import { hexSignatureMatches } from "../../formats/signature.ts";
import type { Provider } from "../provider.ts";
import { readEnvelope, readSessionEnvelope } from "./envelope.ts";
import type { ExternalDevices } from "./line.ts";
import { UNIVERSAL_EVENTS } from "./parse.ts";

const PATH = "/api/whatsapp/webhook";
/** Base64 of a file is a third longer than the file; the rest of the report is small. */
const BESIDE_FILE_BYTES = 1_048_576;

export interface UniversalProviderDeps {
  readonly externalDevices: Pick<ExternalDevices, "read">;
  /** `WHATSAPP_WEBHOOK_SECRET`. */
  readonly secret: string | undefined;
  /** `WHATSAPP_WEBHOOK_RATE_LIMIT`, requests a minute of one address; undefined: any number. */
  readonly perMinute: number | undefined;
  /** `MAX_ATTACHMENT_SIZE`: reports of files carry their bytes. */
  readonly maxFileBytes: number;
  readonly now: () => number;
}

/** Other WhatsApp servers, such as those on whatsapp-web.js, and other gateways like this one. */
export function createUniversalProvider(deps: UniversalProviderDeps): Provider {
  const { externalDevices, secret, perMinute, maxFileBytes, now } = deps;
  return {
    source: "universal",
    title: "WhatsApp server",
    paths: [PATH, `${PATH}/{sessionId}`],
    doc: {
      summary: "Take a webhook of another WhatsApp server",
      description:
        "`{sessionId, event, data}`, or `dataType` for `event`; where the path names the session also " +
        "`{event, data}`, or a bare object that holds `qr`, `state`, `reason` or `message`. Its sessions become " +
        "devices of kind `external`.",
      example: { sessionId: "test-session", event: "qr", data: { qr: "sample" } },
    },
    proof: {
      secret,
      headers: ["X-Webhook-Signature", "X-Signature-256", "X-Hub-Signature-256"],
      required: true,
      isGenuine: (signature, body, key) => hexSignatureMatches(signature, body, key, { prefix: "sha256=" }),
    },
    words: {
      unsigned: "Missing webhook signature",
      signature: "Invalid webhook signature",
      tooMany: "Rate limit exceeded",
    },
    remedy: "set WHATSAPP_WEBHOOK_SECRET, or RECEIVERS_OPEN=true to accept anybody's",
    errorField: true,
    perMinute,
    maxBytes: Math.ceil(maxFileBytes * 4 / 3) + BESIDE_FILE_BYTES,
    about: (_path, session) => ({
      message: session === undefined
        ? "Universal webhook endpoint ready"
        : `Webhook endpoint ready for session ${session}`,
      timestamp: new Date(now()).toISOString(),
      supportedEvents: [...UNIVERSAL_EVENTS],
    }),
    async read({ json, session, passed }) {
      if (json === undefined) throw new InvalidError("body", "The body is not valid JSON");
      const read = session === undefined
        ? readEnvelope(json.value)
        : readSessionEnvelope(json.value, session);
      if (!read.ok) throw new InvalidError("body", read.error);
      const { sessionId, event } = read.envelope;
      const { reading, store } = await externalDevices.read(read.envelope, passed);
      return {
        what: event,
        answer: `Webhook event ${event} processed for session ${sessionId}`,
        facts: { session: sessionId, event },
        events: reading.kind === "event" ? 1 : 0,
        unread: reading.kind === "unread" ? [reading.why] : [],
        nothing: reading.kind === "nothing" ? [reading.why] : [],
        store,
      };
    },
  };
}
