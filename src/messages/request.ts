import type { ContactCard, MediaKind } from "../events/content.ts";
import type { TenantId } from "../ids.ts";
import type { FileRequest } from "../media/outgoing.ts";
import type { Device } from "../store/devices.ts";
import type { OutgoingMessage } from "../store/messages.ts";
import type { Outgoing } from "../whatsapp/outgoing.ts";
import type { NewCard } from "./contact_cards.ts";

/** A file that is still where it comes from. `any`: the kind that the file's type suggests. */
export interface RequestedFile {
  readonly kind: MediaKind | "any";
  readonly file: FileRequest;
}

/** The content of a message as a request gives it. */
export type NewContent = Outgoing<RequestedFile, NewCard>;

/** The same with contacts as they are sent. */
export type ComposedContent = Outgoing<RequestedFile, ContactCard>;

export interface SendRequest {
  readonly tenantId: TenantId;
  readonly device: Device;
  /** A phone number in any usual spelling, or a jid. */
  readonly to: string;
  readonly content: NewContent;
  /** Whose a URL in it is, for the guard; the tenant's when left out. */
  readonly urlOwner?: TenantId;
  /** The message that this one answers: WhatsApp's id, or our own of one that we sent. */
  readonly quotedId?: string;
  readonly mentions?: readonly string[];
  /** Comes back in each status of the message. */
  readonly callbackData?: string;
  readonly idempotencyKey?: string;
  /** When it is to leave, epoch ms; at once when left out. */
  readonly sendAt?: number;
  /** False: it is stored and sent as soon as the device is connected, and nobody waits for that. */
  readonly wait: boolean;
  /** With `wait: false`: it is refused all the same while the device is not connected. */
  readonly onlyConnected?: boolean;
}

export interface Sent {
  readonly message: OutgoingMessage;
  /** The request was made before under this idempotency key: this is what became of it. */
  readonly replayed: boolean;
  /** When it is to leave, epoch ms, where the device's pacing has it wait. */
  readonly leavesAt?: number;
  /** `to` as it was given, when the number that it was read as is a guess. */
  readonly normalizedFrom?: string;
}

/**
 * Sends one message through a device.
 * @throws {RefusedError | DeviceOfflineError} If it cannot be sent; nothing is stored, except when WhatsApp refused it.
 */
export type SendMessage = (request: SendRequest) => Promise<Sent>;
