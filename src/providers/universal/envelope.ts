import { id, isRecord, type Loose, record, text } from "../loose.ts";

/** What another WhatsApp server posted: what happened on which of its sessions. */
export interface Envelope {
  readonly sessionId: string;
  readonly event: string;
  readonly data: Loose;
}

export type ReadEnvelope =
  | { readonly ok: true; readonly envelope: Envelope }
  | { readonly ok: false; readonly error: string };

/** Keys that tell what a bare object is about, the first that matches. */
const BARE: readonly (readonly [string, string])[] = [
  ["qr", "qr"],
  ["state", "change_state"],
  ["reason", "disconnected"],
  ["message", "message"],
];

const LONGEST_NAME = 128;

/**
 * Reads `{sessionId, event, data}`, or the same with `dataType` for `event` as stock servers post it.
 * @see chrishubert/whatsapp-api, `triggerWebhook`
 */
export function readEnvelope(body: unknown): ReadEnvelope {
  const { sessionId, event, dataType, data } = record(body);
  const session = id(sessionId);
  const name = id(event ?? dataType);
  if (!fits(session) || !fits(name)) {
    return { ok: false, error: "Invalid webhook payload. Required: sessionId, event" };
  }
  return { ok: true, envelope: { sessionId: session, event: canonical(name), data: record(data) } };
}

/**
 * Reads what came for the session that the path names: `{sessionId, event, data}`, `{event, data}`, the same with
 * `dataType`, or a bare object that its keys tell apart. The path wins over the body's session.
 */
export function readSessionEnvelope(body: unknown, sessionInPath: string): ReadEnvelope {
  const session = id(sessionInPath);
  if (!fits(session)) return { ok: false, error: "Invalid session id" };
  if (!isRecord(body)) return { ok: false, error: "Unknown payload format" };
  const given = body.event ?? body.dataType;
  if (given === undefined) {
    const bare = BARE.find(([key]) => Object.hasOwn(body, key));
    if (bare === undefined) return { ok: false, error: "Unknown payload format" };
    return { ok: true, envelope: { sessionId: session, event: bare[1], data: body } };
  }
  const name = id(given);
  if (!fits(name)) return { ok: false, error: "Invalid webhook payload" };
  const data = record(body.data);
  if (name === "qr" && text(data.qr) === undefined) {
    return { ok: false, error: "Invalid webhook payload: qr takes data.qr, a text" };
  }
  return { ok: true, envelope: { sessionId: session, event: canonical(name), data } };
}

function fits(name: string | undefined): name is string {
  return name !== undefined && name.length <= LONGEST_NAME;
}

/** Stock servers report a failed login under the name `status`. */
function canonical(event: string): string {
  return event === "status" ? "auth_failure" : event;
}
