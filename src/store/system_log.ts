export type LogLevel = "debug" | "info" | "warn" | "error";

/** A line of the operators' log: the table `system_logs`. Never holds secrets or message text. */
export interface SystemLogLine {
  readonly id: number;
  readonly level: LogLevel;
  readonly message: string;
  readonly metadata: Readonly<Record<string, unknown>> | null;
  readonly createdAt: number;
}

export interface SystemLog {
  /** Queues a line for the next commit; resolves when it is durable. */
  write(line: Omit<SystemLogLine, "id">): Promise<void>;
  /** Newest first. */
  list(
    filter: { readonly level?: LogLevel },
    page: { readonly limit: number; readonly offset?: number },
  ): Promise<readonly SystemLogLine[]>;
  prune(before: number, limit: number): Promise<number>;
}
