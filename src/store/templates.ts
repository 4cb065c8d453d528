import type { TenantId } from "../ids.ts";

/** The same template as Qiscus knows it: which variables fill which of its parts, in order. */
export interface QiscusTemplate {
  readonly namespace: string | null;
  readonly name: string;
  /** WhatsApp's code of the language, such as `id`. */
  readonly language: string;
  readonly header: readonly string[];
  readonly body: readonly string[];
  readonly button: readonly string[];
}

/** A message with gaps that variables fill. Its id is unique within the tenant. */
export interface Template {
  readonly id: string;
  readonly tenantId: TenantId;
  readonly name: string;
  /** What it is for, in the owner's word, such as `reminder`. */
  readonly type: string | null;
  /** Its text, with `{{name}}` for each variable; empty when only Qiscus knows it. */
  readonly body: string;
  /** Every variable that it takes. */
  readonly variables: readonly string[];
  /** Null: it cannot go out through Qiscus. */
  readonly qiscus: QiscusTemplate | null;
  readonly createdAt: number;
  readonly updatedAt: number;
}

export type TemplateChange = Partial<Omit<Template, "id" | "tenantId" | "createdAt" | "updatedAt">>;

export interface Templates {
  /** @throws {ConflictError} If the tenant has one with this id. */
  create(template: Template): Promise<void>;
  get(tenantId: TenantId, id: string): Promise<Template | undefined>;
  /** In the order of their ids. */
  list(tenantId: TenantId): Promise<readonly Template[]>;
  update(tenantId: TenantId, id: string, change: TemplateChange, now: number): Promise<Template | undefined>;
  remove(tenantId: TenantId, id: string): Promise<boolean>;
}
