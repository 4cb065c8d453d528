import type { TenantId } from "../ids.ts";

/** Somebody who signed in to the dashboard, in one browser. */
export interface SignIn {
  /** `ses_…` */
  readonly id: string;
  /** SHA-256 of the cookie's token, hex. */
  readonly tokenHash: string;
  /** The token before that one, which requests on their way may still carry. */
  readonly formerTokenHash: string | null;
  /** When the token was made, epoch ms. */
  readonly tokenAt: number;
  /** Whose pages are shown. */
  readonly tenantId: TenantId;
  /** Signed in with the master key. */
  readonly isOperator: boolean;
  /** The operator's session out of which this one was opened to see a tenant's pages. */
  readonly parentId: string | null;
  /** Tells the key that it was opened with from every other one, without telling the key or its hash. */
  readonly keyMark: string;
  readonly userAgent: string;
  readonly address: string | null;
  readonly createdAt: number;
  readonly seenAt: number;
}

/** Who is signed in to the dashboard. */
export interface SignIns {
  create(signIn: SignIn): Promise<void>;
  get(id: string): Promise<SignIn | undefined>;
  /** By the hash of its token, or of the token before. */
  byToken(tokenHash: string): Promise<SignIn | undefined>;
  update(
    id: string,
    change: Partial<Pick<SignIn, "seenAt" | "tokenHash" | "formerTokenHash" | "tokenAt">>,
  ): Promise<void>;
  /** Of the operator, or of one tenant, the one seen last first. */
  list(whose: { readonly tenantId: TenantId } | "operator"): Promise<readonly SignIn[]>;
  /** Ends it, and those that were opened out of it. */
  remove(id: string): Promise<boolean>;
  /** Ends those that were last seen, or opened, before; returns how many. */
  prune(before: { readonly seenAt: number; readonly createdAt: number }): Promise<number>;
}
