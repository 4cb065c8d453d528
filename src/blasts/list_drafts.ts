import { NotFoundError } from "../errors.ts";
import { newId, type TenantId } from "../ids.ts";
import type { SendingWindow } from "../store/blasts.ts";
import type { ShortLived } from "../store/short_lived.ts";
import type { Table } from "./csv.ts";

const KIND = "blast_draft";
const KEPT_MS = 24 * 3_600_000;
const MOST_OF_TENANT = 5;

/** A blast that was written but not sent. */
export interface BlastDraft {
  readonly id: string;
  readonly tenantId: TenantId;
  readonly fileName: string;
  readonly table: Table;
  /** Of its own, or the template's as it was. */
  readonly text: string;
  readonly templateId: string | null;
  readonly deviceIds: readonly string[];
  /** When it is to begin, epoch ms; null: at once. */
  readonly scheduledAt: number | null;
  /** The hours in which it may send; null: all. */
  readonly window: SendingWindow | null;
  readonly createdAt: number;
}

/** Drafts are kept for a day, five of a tenant. */
export interface BlastDrafts {
  keep(draft: Omit<BlastDraft, "id" | "createdAt">): Promise<BlastDraft>;
  /** @throws {NotFoundError} If there is none, or it is another tenant's. */
  get(tenantId: TenantId, id: string): Promise<BlastDraft>;
  /** Keeps a draft as it is now, as long as it was to be kept. */
  change(draft: BlastDraft): Promise<void>;
}

export function createBlastDrafts({ shortLived, now }: {
  readonly shortLived: Pick<ShortLived, "put" | "get" | "trim">;
  readonly now: () => number;
}): BlastDrafts {
  async function put(draft: BlastDraft): Promise<void> {
    const { id, tenantId, createdAt, ...rest } = draft;
    const expiresAt = createdAt + KEPT_MS;
    await shortLived.put({
      kind: KIND,
      id,
      tenantId,
      about: "",
      body: JSON.stringify(rest),
      createdAt,
      expiresAt,
    });
  }

  return {
    async keep(wanted) {
      const draft = { ...wanted, id: newId("blast"), createdAt: now() };
      await put(draft);
      await shortLived.trim(KIND, draft.tenantId, MOST_OF_TENANT);
      return draft;
    },
    async get(tenantId, id) {
      const thing = await shortLived.get(KIND, id, now());
      if (thing?.tenantId !== tenantId) throw new NotFoundError("blast", id);
      const body = JSON.parse(thing.body) as Omit<BlastDraft, "id" | "tenantId" | "createdAt">;
      return { ...body, id, tenantId, createdAt: thing.createdAt };
    },
    change: put,
  };
}
