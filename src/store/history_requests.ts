import type { Jid } from "../events/person.ts";
import { type DeviceId, newId, type TenantId } from "../ids.ts";

/**
 * How a request stands. `asked`: nothing has come yet. `answering`: some has, and more is asked for. `done`: what was
 * asked for is there. `exhausted`: all that the phone has is there. `silent`: the phone did not answer in time.
 * `failed`: it was given up, and `error` says why. `cancelled`: somebody wanted no more.
 */
export type HistoryStatus = "asked" | "answering" | "done" | "exhausted" | "silent" | "failed" | "cancelled";

/** What is asked for. Times are epoch ms. */
export interface HistoryQuestion {
  /** Null: all conversations. */
  readonly chat: Jid | null;
  /** Older than this; null: older than what is known. */
  readonly before: number | null;
  /** So many messages of each conversation; null: as many as `since` takes. */
  readonly count: number | null;
  /** As far back as this; null: as `count` says. */
  readonly since: number | null;
}

/** How far a request has come. */
export interface HistoryProgress {
  readonly status: HistoryStatus;
  /** Which of `chats` is asked for. */
  readonly position: number;
  /** WhatsApp's id of the message before which the next page of that conversation ends; null: not begun. */
  readonly anchor: string | null;
  /** WhatsApp's id of the request that the phone has not answered yet; null: none. */
  readonly askedId: string | null;
  /** Messages of that conversation that have come. */
  readonly inChat: number;
  /** Answers of the phone, the messages in them, and those that were not known. */
  readonly pages: number;
  readonly messages: number;
  readonly added: number;
  /** Conversations of which all is there, and those that the phone did not answer for. */
  readonly exhausted: number;
  readonly unanswered: number;
  readonly error: string | null;
  readonly finishedAt: number | null;
}

/** One request to a phone for older messages. */
export interface HistoryRequest extends HistoryQuestion, HistoryProgress {
  /** `hist_…` */
  readonly id: string;
  readonly tenantId: TenantId;
  readonly deviceId: DeviceId;
  /** The conversations that are asked for, one after the other. */
  readonly chats: readonly Jid[];
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** A request of which nothing has come yet. `at`: epoch ms. */
export function newHistoryRequest(
  { tenantId, deviceId, chats, ...question }:
    & HistoryQuestion
    & Pick<HistoryRequest, "tenantId" | "deviceId" | "chats">,
  at: number,
): HistoryRequest {
  return {
    ...question,
    id: newId("hist"),
    tenantId,
    deviceId,
    chats,
    status: "asked",
    position: 0,
    anchor: null,
    askedId: null,
    inChat: 0,
    pages: 0,
    messages: 0,
    added: 0,
    exhausted: 0,
    unanswered: 0,
    error: null,
    createdAt: at,
    updatedAt: at,
    finishedAt: null,
  };
}

/** Requests to phones for older messages. */
export interface HistoryRequests {
  /** Stores a request, unless the same is being asked of the device already: gives the one that is there then. */
  create(request: HistoryRequest): Promise<HistoryRequest>;
  get(deviceId: DeviceId, id: string): Promise<HistoryRequest | undefined>;
  /** A device's, newest first. */
  list(deviceId: DeviceId, limit: number): Promise<readonly HistoryRequest[]>;
  /** Those of a device that are not finished, oldest first. */
  open(deviceId: DeviceId): Promise<readonly HistoryRequest[]>;
  /** The one that waits for the answer to this question of WhatsApp. */
  byAskedId(deviceId: DeviceId, askedId: string): Promise<HistoryRequest | undefined>;
  /** One that is cancelled stays as it is. */
  update(id: string, change: Partial<HistoryProgress>, now: number): Promise<void>;
  /** Ends a request that is under way, or that a late answer would take up again; tells whether it was one. */
  cancel(deviceId: DeviceId, id: string, now: number): Promise<boolean>;
  /** Removes at most `limit` that were made before `before`; returns how many. */
  prune(before: number, limit: number): Promise<number>;
}
