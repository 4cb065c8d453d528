import type { Insertable, Selectable, Updateable } from "kysely";
import type { FailureReason, MessageChange, MessageStatus, OutgoingMessage, Receipt } from "../messages.ts";
import { fromJson, jsonOf, mentioned } from "./rows.ts";
import type { MessageRow } from "./tables.ts";
import { utcText } from "./times.ts";

export function toMessage(row: Selectable<MessageRow>): OutgoingMessage {
  return {
    id: row.job_id,
    tenantId: row.tenant_id,
    deviceId: row.device_id,
    channel: row.channel as OutgoingMessage["channel"],
    to: row.to_address,
    recipientPhone: row.recipient_phone,
    recipientName: row.recipient_name,
    templateId: row.template_id,
    templateName: row.template_name,
    blastId: row.blast_id,
    ...(row.list_row === null ? {} : { listRow: row.list_row }),
    content: fromJson(row.content),
    context: fromJson(row.context),
    status: row.status as MessageStatus,
    receipt: row.receipt as Receipt | null,
    waMessageId: row.message_id,
    error: row.error_message === null ? null : {
      code: row.error_code,
      message: row.error_message,
      ...(row.error_reason === null ? {} : { reason: row.error_reason as FailureReason }),
    },
    attempts: row.attempts,
    idempotencyKey: row.idempotency_key,
    fingerprint: row.fingerprint,
    senderPhone: row.sender_phone,
    sendAt: row.send_at,
    statusAt: row.status_at,
    sentAt: row.sent_at,
    deliveredAt: row.delivered_at,
    readAt: row.read_at,
    createdAt: row.created_ms,
    updatedAt: row.updated_ms,
  };
}

export function toRow(message: OutgoingMessage): Insertable<MessageRow> {
  return {
    job_id: message.id,
    channel: message.channel,
    recipient_email: null,
    recipient_phone: message.recipientPhone,
    recipient_name: message.recipientName,
    template_id: message.templateId,
    template_name: message.templateName,
    subject: null,
    status: message.status,
    error_message: message.error?.message ?? null,
    message_id: message.waMessageId,
    attempts: message.attempts,
    created_at: utcText(message.createdAt),
    updated_at: utcText(message.updatedAt),
    tenant_id: message.tenantId,
    device_id: message.deviceId,
    to_address: message.to,
    receipt: message.receipt,
    content: jsonOf(message.content),
    context: jsonOf(message.context),
    error_code: message.error?.code ?? null,
    error_reason: message.error?.reason ?? null,
    idempotency_key: message.idempotencyKey,
    fingerprint: message.fingerprint,
    sender_phone: message.senderPhone,
    blast_id: message.blastId,
    send_at: message.sendAt,
    status_at: message.statusAt,
    sent_at: message.sentAt,
    delivered_at: message.deliveredAt,
    read_at: message.readAt,
    created_ms: message.createdAt,
    updated_ms: message.updatedAt,
  };
}

export function changedColumns(change: MessageChange, now: number): Updateable<MessageRow> {
  const { error } = change;
  return mentioned<Updateable<MessageRow>>({
    status: change.status,
    receipt: change.receipt,
    message_id: change.waMessageId,
    error_message: error === undefined ? undefined : error?.message ?? null,
    error_code: error === undefined ? undefined : error?.code ?? null,
    error_reason: error === undefined ? undefined : error?.reason ?? null,
    attempts: change.attempts,
    status_at: change.statusAt,
    sent_at: change.sentAt,
    delivered_at: change.deliveredAt,
    read_at: change.readAt,
    send_at: change.sendAt,
    updated_at: utcText(now),
    updated_ms: now,
  });
}
