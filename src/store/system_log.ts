import type { TenantId } from "../ids.ts";

export type LogLevel = "debug" | "info" | "warn" | "error";

/**
 * A line of the operators' log: the table `system_logs`. Never holds secrets; message
 * text only in the body of a webhook that nobody understood.
 */
export interface SystemLogLine {
  readonly id: number;
  readonly level: LogLevel;
  readonly message: string;
  readonly metadata: Readonly<Record<string, unknown>> | null;
  readonly createdAt: number;
  /** Whose doings it is about, who may read it too; left out: the gateway's own. It stays when the tenant goes. */
  readonly tenantId?: TenantId;
}

export interface SystemLog {
  /** Queues a line for the next commit; resolves when it is durable. */
  write(line: Omit<SystemLogLine, "id">): Promise<void>;
  get(id: number): Promise<SystemLogLine | undefined>;
  /** Writes other facts to a line that is there. */
  amend(id: number, metadata: NonNullable<SystemLogLine["metadata"]>): Promise<void>;
  /**
   * Newest first. `before`: only lines with a smaller id. `text`: only lines that have it in their message or facts,
   * among the newest 10,000 of these.
   */
  list(
    filter: { readonly level?: LogLevel; readonly text?: string; readonly tenantId?: TenantId },
    page: { readonly limit: number; readonly offset?: number; readonly before?: number },
  ): Promise<readonly SystemLogLine[]>;
  prune(before: number, limit: number): Promise<number>;
}
