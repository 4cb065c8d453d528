import { nextTurn } from "../async/next_turn.ts";
import type { AddressBook } from "../devices/address_book.ts";
import { InvalidError } from "../errors.ts";
import { present } from "../events/present.ts";
import { type DeviceId, type MessageId, newId, type TenantId } from "../ids.ts";
import type {
  Blast,
  BlastAnswer,
  BlastMessage,
  BlastRequest,
  Blasts,
  NormalizedRecipient,
  Pace,
} from "../store/blasts.ts";
import { isLid, readPhoneNumber, readRecipient as readAddress } from "../whatsapp/jid.ts";
import { type AcceptedBlast, createAcceptOnce } from "./requests.ts";
import type { BlastText } from "./text.ts";
import { JsonFields } from "../json/fields.ts";
import { RequestDigest } from "../json/digest.ts";
import { Spool } from "../media/spool.ts";
import type { Recipient } from "./recipient.ts";
import { RefusedRows } from "./refused_rows.ts";
import { MOST_TEXT } from "../messages/text_limit.ts";
import { TextTooLongError, valueOf, type Variables } from "./template_text.ts";

/** Recipients that are stored in one transaction: some milliseconds of everybody's time. */
const CHUNK = 128;
/** Recipients that are counted, and messages that are made, before others have their turn. */
const GATHERED_AT_ONCE = 1_000;
const MADE_AT_ONCE = 32;
/** As many duplicates and messages are named in the answer. */
const NAMED_DUPLICATES = 100;
const NAMED_GUESSES = 100;
const NAMED_MESSAGES = 10_000;

/** All that a blast is, but its recipients. */
export interface BlastPlan {
  readonly via: Blast["via"];
  readonly deviceIds: readonly DeviceId[];
  readonly template:
    | { readonly id: string; readonly name: string; readonly qiscusEnabled: boolean }
    | null;
  readonly text: BlastText;
  /** Variables that recipients have in common. */
  readonly globals: Variables;
  readonly pace: Pace;
  /** When it begins, epoch ms; null: at once. */
  readonly scheduledAt: number | null;
}

export interface NewBlast {
  readonly tenantId: TenantId;
  readonly body: ReadableStream<Uint8Array>;
  /** The same request under the same key is met once. */
  readonly idempotencyKey?: string;
  /** Makes the plan of the fields besides `recipients`; what it throws is thrown on. */
  readonly plan: (fields: Readonly<Record<string, unknown>>) => Promise<BlastPlan>;
}

/** The body is larger than a blast may be. */
export class BlastTooLargeError extends Error {
  override readonly name = "BlastTooLargeError";
  constructor(readonly maxBytes: number) {
    super(`Cannot take the blast: its body is larger than ${maxBytes} bytes`);
  }
}

export interface BlastIntakeDeps {
  readonly blasts: Pick<Blasts, "create" | "add" | "accept" | "byIdempotencyKey" | "discard">;
  /** Knows both addresses of a recipient. */
  readonly addresses: Pick<AddressBook, "person">;
  /** What a leading 0 of a phone number stands for: digits. */
  readonly countryCode: string;
  /** Other gateways take blasts in, too. */
  readonly isShared?: boolean;
  /** Where large bodies lie while they are read. */
  readonly folder?: string;
  readonly maxBytes: number;
  readonly now: () => number;
}

/**
 * Takes a blast in: all of it or nothing. Its recipients go through in small portions, however many they are.
 * @throws {JsonFieldsError | BlastTooLargeError | InvalidError} If it cannot be taken.
 * @throws {RefusedError} If its idempotency key was used for another one.
 * @throws {BusyError} If another gateway is taking it in under that key.
 */
export type AcceptBlast = (request: NewBlast) => Promise<AcceptedBlast>;

export function createAcceptBlast(deps: BlastIntakeDeps): AcceptBlast {
  const { blasts, now } = deps;
  const once = createAcceptOnce(blasts, deps.isShared ? { now } : undefined);

  /** Reads the body to its end; gives the fields besides the recipients. */
  async function gather(body: ReadableStream<Uint8Array>, spool: Spool, digest?: RequestDigest) {
    const fields: Record<string, unknown> = {};
    const reader = new JsonFields("recipients");
    let recipients = 0;
    for await (const chunk of body) {
      for (const part of reader.push(chunk)) {
        if (part.what === "item") {
          recipients++;
          digest?.item(part.value);
          if (recipients % GATHERED_AT_ONCE === 0) await nextTurn();
          continue;
        }
        Object.defineProperty(fields, part.name, {
          value: part.value,
          enumerable: true,
          configurable: true,
        });
      }
      await spool.write(chunk);
      if (spool.bytes > deps.maxBytes) throw new BlastTooLargeError(deps.maxBytes);
    }
    reader.end();
    if (recipients === 0) {
      const message = "Field `recipients` is required: it takes at least one recipient";
      throw new InvalidError("recipients", message, { kind: "recipients_none" });
    }
    return fields;
  }

  async function store(
    spool: Spool,
    plan: BlastPlan,
    tenantId: TenantId,
    request?: BlastRequest,
  ): Promise<AcceptedBlast> {
    const { readRecipient } = await import("./recipient.ts"); // with zod, which a start need not wait for
    const at = now();
    const blast = newBlast(plan, tenantId, at);
    await blasts.create(blast, request);
    try {
      const messageIds: MessageId[] = [];
      const duplicates: string[] = [];
      const counts = { total: 0, duplicates: 0 };
      const normalized: NormalizedRecipient[] = [];
      const refused = new RefusedRows();
      const make = (item: unknown, index: number) => {
        try {
          const { message, normalizedFrom: from } = messageTo(readRecipient(item, index), index, plan, blast);
          if (from !== undefined && normalized.length < NAMED_GUESSES) {
            normalized.push({ index, from, to: message.message.to });
          }
          return message;
        } catch (error) {
          refused.add(error);
        }
      };
      for await (const chunk of chunksOf(spool, make)) {
        if (refused.any) continue; // what is stored is discarded: only the other rows' mistakes are looked for
        const addressed = await Promise.all(chunk.map((one) => byNumber(one, plan.deviceIds)));
        const stored = await blasts.add(addressed);
        counts.total += stored.size;
        counts.duplicates += chunk.length - stored.size;
        for (const { message } of addressed) {
          if (!stored.has(message.id)) {
            if (duplicates.length < NAMED_DUPLICATES) duplicates.push(message.recipientPhone ?? message.to);
          } else if (messageIds.length < NAMED_MESSAGES) messageIds.push(message.id);
        }
      }
      refused.refuse();
      const answer: BlastAnswer = {
        messageIds,
        duplicates,
        qiscusEnabled: plan.template?.qiscusEnabled ?? false,
        ...(normalized.length > 0 && { normalized }),
      };
      const begins = isLater(blast)
        ? { status: "scheduled" as const, startedAt: null }
        : { status: "running" as const, startedAt: at };
      const accepted = await blasts.accept(blast.id, { ...begins, ...counts }, answer, now());
      return { blast: accepted ?? blast, ...answer, replayed: false };
    } catch (error) {
      await blasts.discard(blast.id);
      throw error;
    }
  }

  /** The message to the number of a LID that one of the devices knows: one person is written to once. */
  async function byNumber(one: BlastMessage, deviceIds: readonly DeviceId[]): Promise<BlastMessage> {
    const { to } = one.message;
    if (!isLid(to)) return one;
    for (const deviceId of deviceIds) {
      const { pn } = await deps.addresses.person(deviceId, to);
      if (pn !== null) return { ...one, message: { ...one.message, to: pn } };
    }
    return one;
  }

  function addressOf(phone: string, index: number, via: BlastPlan["via"]) {
    const options = { countryCode: deps.countryCode, field: `recipients[${index}].phone` };
    if (via === "devices") {
      const { jid, normalizedFrom } = readAddress(phone, options);
      return { to: jid, normalizedFrom };
    }
    const { phone: to, normalizedFrom } = readPhoneNumber(phone, options);
    return { to, normalizedFrom };
  }

  function messageTo(recipient: Recipient, index: number, plan: BlastPlan, blast: Blast) {
    const { name, phone, email } = recipient;
    const { to, normalizedFrom } = addressOf(phone, index, plan.via);
    const variables: Variables = {
      ...plan.globals,
      ...recipient.variables,
      ...present({ name, email, phone }),
    };
    checkVariables(plan.text, variables, index);
    const { content, payload } = rendered(plan.text, variables, index);
    const message: BlastMessage = {
      payload,
      message: {
        id: newId("msg"),
        tenantId: blast.tenantId,
        deviceId: null,
        channel: plan.via === "qiscus" ? "qiscus" : "whatsapp",
        to,
        recipientPhone: phone,
        recipientName: name ?? null,
        templateId: plan.template?.id ?? null,
        templateName: plan.template?.name ?? null,
        blastId: blast.id,
        listRow: recipient.row ?? index + 1,
        content,
        context: {},
        status: "queued",
        receipt: null,
        waMessageId: null,
        error: null,
        attempts: 0,
        idempotencyKey: null,
        fingerprint: null,
        senderPhone: null,
        sendAt: null,
        statusAt: null,
        sentAt: null,
        deliveredAt: null,
        readAt: null,
        createdAt: blast.createdAt,
        updatedAt: blast.createdAt,
      },
    };
    return { message, normalizedFrom };
  }

  return async ({ tenantId, body, idempotencyKey, plan }) => {
    const spool = new Spool(deps.folder);
    try {
      if (idempotencyKey === undefined) {
        return await store(spool, await plan(await gather(body, spool)), tenantId);
      }
      const digest = new RequestDigest();
      const fields = await gather(body, spool, digest);
      const request = { idempotencyKey, digest: digest.end(fields) };
      return await once(
        tenantId,
        request,
        async () => await store(spool, await plan(fields), tenantId, request),
      );
    } finally {
      await spool.dispose();
    }
  };
}

async function* chunksOf(
  spool: Spool,
  make: (item: unknown, index: number) => BlastMessage | undefined,
): AsyncGenerator<readonly BlastMessage[]> {
  const reader = new JsonFields("recipients");
  let index = 0;
  let chunk: BlastMessage[] = [];
  for await (const bytes of spool.read()) {
    for (const part of reader.push(bytes)) {
      if (part.what !== "item") continue;
      if (index % MADE_AT_ONCE === 0) await nextTurn();
      const message = make(part.value, index++);
      if (message !== undefined) chunk.push(message);
      if (chunk.length < CHUNK) continue;
      yield chunk;
      chunk = [];
    }
  }
  if (chunk.length > 0) yield chunk;
}

/**
 * @throws {InvalidError} Naming the variables that the recipient lacks, or has empty where WhatsApp takes no empty one.
 */
function checkVariables({ needs, filled }: BlastText, variables: Variables, index: number): void {
  const missing = needs.filter((each) => valueOf(each, variables) === undefined);
  const empty = filled.filter((each) => valueOf(each, variables)?.trim() === "");
  if (missing.length + empty.length === 0) return;
  const named = (names: readonly string[]) =>
    `${names.length === 1 ? "variable" : "variables"} ${names.map((each) => `\`${each}\``).join(", ")}`;
  const lacks = missing.length === 0
    ? `has nothing in ${named(empty)}, which WhatsApp does not take in a template`
    : `lacks ${named(missing)}`;
  throw new InvalidError(
    `recipients[${index}].variables`,
    `Recipient ${
      index + 1
    } of the list ${lacks}: give it in \`variables\`, or for all in \`globalVariables\``,
    { kind: "recipient_lacks", row: index + 1, names: missing.length === 0 ? empty : missing },
  );
}

/** @throws {InvalidError} If the text is longer than a message may be, with what the recipient has. */
function rendered(text: BlastText, variables: Variables, index: number): ReturnType<BlastText["render"]> {
  try {
    return text.render(variables);
  } catch (error) {
    if (!(error instanceof TextTooLongError)) throw error;
    const message =
      `Recipient ${index + 1} of the list has so much in \`variables\` that the text is longer than ` +
      `${MOST_TEXT} characters`;
    const why = { kind: "recipient_text_long", row: index + 1, most: MOST_TEXT } as const;
    throw new InvalidError(`recipients[${index}].variables`, message, why);
  }
}

/** Whether a blast was told to begin after it was made. */
export function isLater({ scheduledAt, createdAt }: Blast): boolean {
  return scheduledAt !== null && scheduledAt > createdAt;
}

function newBlast(plan: BlastPlan, tenantId: TenantId, at: number): Blast {
  return {
    id: newId("blast"),
    tenantId,
    status: "accepting",
    reason: null,
    via: plan.via,
    deviceIds: plan.deviceIds,
    stopped: {},
    templateId: plan.template?.id ?? null,
    templateName: plan.template?.name ?? null,
    pace: plan.pace,
    total: 0,
    duplicates: 0,
    createdAt: at,
    scheduledAt: plan.scheduledAt,
    startedAt: null,
    finishedAt: null,
    updatedAt: at,
  };
}
