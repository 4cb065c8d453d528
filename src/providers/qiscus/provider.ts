import type { DraftDevice, EventDraft } from "../../events/event.ts";
import type { Person } from "../../events/person.ts";
import { hexSignatureMatches } from "../../formats/signature.ts";
import { DEFAULT_TENANT } from "../../ids.ts";
import type { Publish } from "../../publish.ts";
import type { SessionDraft } from "../../whatsapp/session.ts";
import { parsed } from "../kept_body.ts";
import type { Provider } from "../provider.ts";
import { deletionDraft, type QiscusReport, readQiscus } from "./parse.ts";
import type { QiscusStatuses } from "./statuses.ts";

const PATH = "/webhooks/qiscus";
const MAX_BODY_BYTES = 5 * 1_048_576;
/** How many of the statuses of a request the log names. */
const NAMED = 5;

export interface QiscusProviderDeps {
  readonly statuses: Pick<QiscusStatuses, "take">;
  readonly publish: Publish;
  /** The line that events of Qiscus are about. */
  readonly device: () => Promise<DraftDevice>;
  /** Who wrote a message that came in through Qiscus, by its id; undefined when it is not known. */
  readonly authorOf: (messageId: string) => Promise<Person | undefined>;
  /** Whether Qiscus is configured, so that it posts here. */
  readonly configured: boolean;
  /** `QISCUS_WEBHOOK_SECRET`. */
  readonly secret: string | undefined;
  readonly allowedIps: readonly string[] | undefined;
  /** `QISCUS_RATE_LIMIT`, requests a minute of one address; undefined: any number. */
  readonly perMinute: number | undefined;
  readonly now: () => number;
}

/** Qiscus, and what speaks as WhatsApp's own API does. */
export function createQiscusProvider(deps: QiscusProviderDeps): Provider {
  const { secret, allowedIps, perMinute, now } = deps;

  async function deletionsOf({ deletions }: QiscusReport) {
    const drafts: SessionDraft[] = [];
    const unread: string[] = [];
    for (const deletion of deletions) {
      const from = deletion.from ?? await deps.authorOf(deletion.messageId);
      if (from === undefined) unread.push("a deletion of a message that is not known");
      else drafts.push(deletionDraft({ ...deletion, from }));
    }
    return { drafts, unread };
  }

  return {
    source: "qiscus",
    title: "Qiscus",
    paths: [PATH],
    doc: {
      summary: "Take a webhook of Qiscus",
      description:
        "Takes `{type, payload}` as well as `{statuses}` and `{messages, contacts}`. What cannot be read is kept " +
        "in the system log and answered with 200 all the same, so that Qiscus does not send it again.",
      example: {
        type: "message_status",
        payload: { message_id: "wamid.1", status: "sent", timestamp: "2026-01-31T08:30:00Z" },
      },
    },
    proof: {
      secret,
      headers: ["X-Qiscus-Signature"],
      required: false,
      isGenuine: isSigned,
      allowedIps,
      unsignedByNature: deps.configured,
    },
    words: {
      unsigned: "Missing webhook signature",
      signature: "Invalid signature",
      tooMany: "Too many webhook requests",
    },
    remedy: secret === undefined
      ? "set QISCUS_WEBHOOK_SECRET or QISCUS_ALLOWED_IPS, or RECEIVERS_OPEN=true to accept anybody's"
      : "sign the body in X-Qiscus-Signature, or set QISCUS_ALLOWED_IPS or RECEIVERS_OPEN=true",
    errorField: false,
    perMinute,
    maxBytes: MAX_BODY_BYTES,
    about: (path) => ({ message: "Qiscus webhook endpoint is ready", method: "POST", endpoint: path }),
    async read({ raw, json, passed = [] }) {
      const answer = "Webhook received";
      if (json === undefined) {
        const unread = ["it is not JSON"];
        const store = () => Promise.resolve();
        return {
          what: "not JSON",
          answer,
          facts: { bytes: raw.length },
          events: 0,
          unread,
          nothing: [],
          store,
        };
      }
      const report = readQiscus(json.value, now());
      const { statuses } = report;
      const deletions = await deletionsOf(report);
      const drafts = [...report.drafts, ...deletions.drafts];
      return {
        what: statuses.length === 1 && drafts.length === 0
          ? `${report.kind} ${statuses[0].status}`
          : report.kind,
        answer,
        facts: {
          statuses: statuses.slice(0, NAMED).map(({ waMessageId, status }) => ({ id: waMessageId, status })),
          statusCount: statuses.length,
          messageCount: drafts.length,
        },
        events: drafts.length + statuses.length,
        unread: [...report.unread, ...deletions.unread],
        nothing: report.nothing,
        async store() {
          const device = { ...await deps.device(), ...(passed.length > 0 && { passed }) };
          await Promise.all([
            ...drafts.map((draft) =>
              deps.publish({ ...draft, tenantId: DEFAULT_TENANT, device } as EventDraft)
            ),
            statuses.length > 0 ? deps.statuses.take(statuses) : undefined,
          ]);
        },
      };
    },
  };
}

/** Qiscus signs what it has serialised; a proxy may have written the same JSON in another way. */
function isSigned(signature: string, raw: Uint8Array, secret: string): boolean {
  if (hexSignatureMatches(signature, raw, secret)) return true;
  const json = parsed(raw);
  return json !== undefined && hexSignatureMatches(signature, JSON.stringify(json.value) ?? "", secret);
}
