import { OpenAPIHono } from "@hono/zod-openapi";
import type { SessionFor } from "../../devices/session_for.ts";
import { InvalidError } from "../../errors.ts";
import { userIdOf, wamidOf } from "../../formats/cloud_ids.ts";
import type { TenantId } from "../../ids.ts";
import type { OutgoingFiles, Upload } from "../../media/outgoing.ts";
import type { MessageActions } from "../../messages/actions.ts";
import type { SendMessage } from "../../messages/request.ts";
import type { Device } from "../../store/devices.ts";
import type { Inbox } from "../../store/inbox.ts";
import type { Templates } from "../../store/templates.ts";
import type { KeyAccess } from "../../tenants/keyring.ts";
import { readRecipient } from "../../whatsapp/jid.ts";
import { checkDeed, checkSend, type FenceDeps, mayIn } from "../chat_fence.ts";
import type { HttpEnv } from "../context.ts";
import { GraphError } from "../graph_errors.ts";
import { urlOwnerOf } from "../key_access.ts";
import { type BringFile, contentOf } from "./content.ts";
import { type Json, missing, objectOf, optionalText, textOf } from "./fields.ts";
import type { CloudFiles } from "./files.ts";
import type { Identity } from "./identity.ts";
import { templateContent } from "./template.ts";

/** Messages before the one that is read which are marked with it. */
const READ_WITH_IT = 50;

export interface CloudMessageDeps extends FenceDeps {
  readonly identity: Identity;
  readonly sendMessage: SendMessage;
  readonly messageActions: Pick<MessageActions, "react">;
  readonly sessionFor: SessionFor;
  readonly inbox: Pick<Inbox, "get" | "history" | "named">;
  readonly templates: Pick<Templates, "list">;
  readonly cloudFiles: CloudFiles;
  readonly files: Pick<OutgoingFiles, "receive" | "discardUpload">;
}

/**
 * `POST /{phone number id}/messages`: sends, reacts, marks as read. As at Meta the answer comes before the message is
 * sent; what becomes of it is told by statuses.
 */
export function createCloudMessageRoutes(deps: CloudMessageDeps): OpenAPIHono<HttpEnv> {
  const { identity, sendMessage, messageActions } = deps;
  const routes = new OpenAPIHono<HttpEnv>();

  routes.post("/:id/messages", async (c) => {
    const tenantId = c.get("tenant").id;
    const device = await identity.device(tenantId, c.req.param("id"));
    const body = await bodyOf(c.req.raw);
    if (body.messaging_product !== "whatsapp") {
      throw body.messaging_product === undefined
        ? missing("messaging_product")
        : new GraphError(100, "Param messaging_product must be one of {WHATSAPP}");
    }
    if (body.status !== undefined && body.status !== null) {
      await markRead(deps, device, body, c.get("access"));
      return c.json({ success: true });
    }
    const { input, to: given } = recipientOf(body);
    const to = await meantBy(given, device, deps);
    const type = optionalText(body, "type", "type") ?? "text";
    const answer = (id: string, jid: string) =>
      c.json({
        messaging_product: "whatsapp",
        contacts: [{ input, ...whoIs(jid) }],
        messages: [{ id: wamidOf(id), message_status: "accepted" }],
      });
    mustBeLinked(device);
    if (type === "reaction") {
      const reaction = objectOf(body, "reaction", ["message_id", "emoji"]);
      const messageId = plainId(textOf(reaction, "message_id", "reaction['message_id']"));
      const emoji = optionalText(reaction, "emoji", "reaction['emoji']") ?? "";
      await checkDeed(c.get("access"), { device, messageId, to }, deps);
      const done = await messageActions.react({ device, messageId, emoji, to });
      return answer(done.waMessageId, done.to);
    }
    const uploads: Upload[] = [];
    try {
      const bring = bringer(deps, tenantId, c.get("access"), uploads);
      const content = type === "template"
        ? await templateContent(body, await deps.templates.list(tenantId), bring)
        : await contentOf(type, body, bring);
      const quotedId = quotedIdOf(body);
      const callbackData = optionalText(body, "biz_opaque_callback_data", "biz_opaque_callback_data", 512);
      await checkSend(c.get("access"), { device, to, quotedId }, deps);
      const { message } = await sendMessage({
        tenantId,
        device,
        to,
        content,
        urlOwner: urlOwnerOf(tenantId, c.get("access")),
        wait: false,
        ...(quotedId !== undefined && { quotedId }),
        ...(callbackData !== undefined && { callbackData }),
      });
      return answer(message.waMessageId ?? message.id, message.to);
    } finally {
      for (const upload of uploads) await deps.files.discardUpload(upload);
    }
  });

  return routes;
}

/** JSON, whatever `Content-Type` says: clients send it without, too. */
async function bodyOf(request: Request): Promise<Json> {
  let body: unknown;
  try {
    body = JSON.parse(await request.text());
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new GraphError(100, "The body is not valid JSON");
  }
  if (typeof body !== "object" || body === null || Array.isArray(body)) {
    throw new GraphError(100, "The body must be a JSON object");
  }
  return body as Json;
}

/** `to` wins where both are there, as at Meta. */
function recipientOf(body: Json): { readonly input: string; readonly to: string } {
  const to = optionalText(body, "to", "to");
  if (to !== undefined && to !== "") {
    const isGroup = body.recipient_type === "group" && !to.includes("@");
    return { input: to, to: isGroup ? `${to}@g.us` : to };
  }
  const recipient = optionalText(body, "recipient", "recipient");
  const hidden = /^ZZ\.(\d+)$/.exec(recipient ?? "")?.[1];
  if (recipient === undefined || recipient === "") throw missing("to");
  if (hidden === undefined) {
    throw new GraphError(131026, `Param recipient "${recipient.slice(0, 60)}" is nobody known here`);
  }
  return { input: recipient, to: `${hidden}@lid` };
}

/**
 * Digits with the country code, as webhooks give them as `from`, can look like a national number, too: who wrote to the
 * device under them is meant, so that everybody can be answered.
 */
async function meantBy(to: string, device: Device, deps: CloudMessageDeps): Promise<string> {
  if (!/^[1-9]\d{6,14}$/.test(to) || hasOneReading(to, deps.countryCode)) return to;
  const own = `${to}@s.whatsapp.net`;
  const { jid } = await deps.addresses.chat(device.id, own);
  const [known] = await deps.inbox.history(device.id, jid, { limit: 1 });
  return known === undefined ? to : own;
}

function hasOneReading(to: string, countryCode: string): boolean {
  try {
    return readRecipient(to, { countryCode }).normalizedFrom === undefined;
  } catch (error) {
    if (error instanceof InvalidError) return false;
    throw error;
  }
}

function whoIs(jid: string) {
  const digits = /^\d+/.exec(jid)?.[0] ?? jid;
  if (jid.endsWith("@lid")) return { user_id: userIdOf({ pn: null, lid: jid }) };
  return { wa_id: jid.endsWith("@g.us") ? jid : digits };
}

function quotedIdOf(body: Json): string | undefined {
  if (body.context === undefined || body.context === null) return undefined;
  const context = objectOf(body, "context");
  const id = optionalText(context, "message_id", "context['message_id']");
  return id === undefined || id === "" ? undefined : plainId(id);
}

/** A message's id without the prefix that ours have here. */
function plainId(id: string): string {
  return id.replace(/^wamid\./, "").replace(/\.[erd]\d+$/, "");
}

/** A device that is only reconnecting takes messages and sends them later; one that is logged out never will. */
function mustBeLinked({ status, kind, wanted, label }: Device): void {
  if (
    kind !== "whatsapp" ||
    (status !== "needs_pairing" && status !== "pairing" && (status !== "failed" || wanted))
  ) {
    return;
  }
  throw new GraphError(131016, `The number "${label}" is not linked (${status}): link it again`, 503);
}

async function markRead(
  deps: CloudMessageDeps,
  device: Device,
  body: Json,
  access: KeyAccess,
): Promise<void> {
  if (body.status !== "read") throw new GraphError(100, 'Param status must be "read"');
  const id = plainId(textOf(body, "message_id", "message_id"));
  const known = await deps.inbox.get(device.id, id);
  if (known === undefined) {
    throw new GraphError(131009, `Param message_id "${id.slice(0, 60)}" is no message known here`);
  }
  await checkDeed(access, { device, messageId: id }, deps);
  const session = deps.sessionFor(device);
  const before = { sentAt: known.sentAt, messageId: known.messageId };
  const older = await deps.inbox.history(device.id, known.chat, { limit: READ_WITH_IT, before });
  const ids = [id, ...older.filter(({ fromMe }) => !fromMe).map(({ messageId }) => messageId)];
  await session.markRead(ids, known.chat);
  if (body.typing_indicator !== undefined && body.typing_indicator !== null) {
    await session.setTyping(known.chat, "composing");
  }
}

/** Brings files by address, or copies of those that lie here already and that the key may read. */
function bringer(
  { cloudFiles, files, addresses }: CloudMessageDeps,
  tenantId: TenantId,
  access: KeyAccess,
  uploads: Upload[],
): BringFile {
  return async (file, where) => {
    if ("link" in file) {
      if (!URL.canParse(file.link)) throw new GraphError(100, `Param ${where}['link'] is not a valid URI.`);
      return { from: "url", url: file.link, field: `${where}['link']` };
    }
    const { bytes, sizeBytes, mimeType, fileName } = await cloudFiles.get(
      tenantId,
      file.id,
      (where) => mayIn(access, "read", { ...where, addresses }),
    );
    const body = bytes.body({ start: 0, end: sizeBytes - 1 });
    const upload = await files.receive(body, { mimeType, ...(fileName !== undefined && { fileName }) });
    uploads.push(upload);
    return { from: "upload", upload, mimeType };
  };
}
