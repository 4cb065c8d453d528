import { HOUR_MS, MINUTE_MS } from "../spans.ts";
import { createHash, randomBytes } from "node:crypto";
import type { HitCounter } from "../async/hit_counter.ts";
import { NotFoundError } from "../errors.ts";
import { DEFAULT_TENANT, newId, type TenantId } from "../ids.ts";
import { logOf } from "../log.ts";
import type { SignIn, SignIns } from "../store/sign_ins.ts";
import type { Tenant, Tenants } from "../store/tenants.ts";
import { hashKey } from "./keys.ts";
import { isMasterKey, ownerOfKey } from "./known_keys.ts";
import { createSignInLimit } from "./sign_in_limit.ts";

const IDLE_MS = 12 * HOUR_MS;
const LONGEST_MS = 30 * 24 * HOUR_MS;
const NEW_TOKEN_MS = 24 * HOUR_MS;
/** Requests that were sent with the token before are still on their way. */
const FORMER_TOKEN_MS = MINUTE_MS;
const WRONG_KEYS_PER_ADDRESS = 5;
const WRONG_KEYS_IN_ALL = 200;
const log = logOf("sessions");

export interface SessionsDeps {
  readonly signIns: SignIns;
  readonly tenants: Pick<Tenants, "get" | "byKeyHash" | "keyHashOf">;
  readonly masterKey: string | undefined;
  /** `off`: everybody is the default tenant, without signing in. */
  readonly apiAuth: "on" | "off";
  /** Counts wrong keys, in windows of a minute; left out: here alone. */
  readonly misses?: HitCounter;
  readonly now: () => number;
}

/** Who looks at a page. */
export interface Visit {
  /** Null where nobody has to sign in. */
  readonly session: SignIn | null;
  /** Whose pages are shown. */
  readonly tenant: Tenant;
  /** Signed in with the master key: sees all tenants. */
  readonly isOperator: boolean;
  /** The operator looks at the pages of another tenant, as if signed in with its key. */
  readonly isStandIn: boolean;
  /** A new token for the cookie, once a day. */
  readonly newToken?: string;
}

/** Where a browser is. */
export interface Browser {
  readonly address: string | undefined;
  readonly userAgent: string;
}

export type SignInResult =
  | { readonly ok: true; readonly token: string; readonly session: SignIn }
  | { readonly ok: false; readonly reason: "unknown" | "suspended" }
  | { readonly ok: false; readonly reason: "wait"; readonly waitMs: number };

/**
 * Sessions of people in browsers: opened with an API key or the master key, told apart by a token in a cookie, kept as
 * hashes. A session ends after 12 hours without a page or after 30 days, when its key is replaced, and when its tenant
 * is suspended or removed.
 */
export interface Sessions {
  signIn(key: string, browser: Browser): Promise<SignInResult>;
  /** Who carries this token; undefined: nobody, or the session is over. */
  visitOf(token: string | undefined): Promise<Visit | undefined>;
  /** Opens a session out of the operator's that shows a tenant's pages; its token. @throws {NotFoundError} */
  standIn(visit: Visit, tenantId: TenantId): Promise<string>;
  /** Ends the session; back in the operator's that it was opened out of, that one's new token. */
  leave(visit: Visit): Promise<string | undefined>;
  /** The sessions that this visitor may end, the one seen last first. */
  list(visit: Visit): Promise<readonly SignIn[]>;
  /** @throws {NotFoundError} If the visitor has no such session. */
  end(visit: Visit, id: string): Promise<void>;
  /** Ends all but this one; how many. */
  endOthers(visit: Visit): Promise<number>;
}

export function createSessions(deps: SessionsDeps): Sessions {
  const { signIns, tenants, masterKey, apiAuth, now } = deps;
  const limit = createSignInLimit({
    perAddress: WRONG_KEYS_PER_ADDRESS,
    inAll: WRONG_KEYS_IN_ALL,
    misses: deps.misses,
    now,
  });

  async function open(facts: Pick<SignIn, "tenantId" | "isOperator" | "parentId" | "keyMark">, browser: {
    readonly userAgent: string;
    readonly address: string | null;
  }): Promise<{ readonly token: string; readonly session: SignIn }> {
    const token = newToken();
    const at = now();
    const session: SignIn = {
      ...facts,
      id: newId("ses"),
      tokenHash: hashKey(token),
      formerTokenHash: null,
      tokenAt: at,
      userAgent: browser.userAgent.slice(0, 300),
      address: browser.address,
      createdAt: at,
      seenAt: at,
    };
    await signIns.prune({ seenAt: at - IDLE_MS, createdAt: at - LONGEST_MS });
    await signIns.create(session);
    const { id, tenantId, isOperator, parentId } = session;
    log.info("session.opened", { session: id, tenantId, operator: isOperator, parent: parentId });
    return { token, session };
  }

  async function keyMarkOf({ isOperator, tenantId }: SignIn): Promise<string | undefined> {
    const hash = isOperator ? masterKey && hashKey(masterKey) : await tenants.keyHashOf(tenantId);
    return hash === undefined ? undefined : markOf(hash);
  }

  async function turn(session: SignIn, at: number): Promise<string> {
    const token = newToken();
    const formerTokenHash = session.tokenHash;
    await signIns.update(session.id, { tokenHash: hashKey(token), formerTokenHash, tokenAt: at, seenAt: at });
    return token;
  }

  const mine = (visit: Visit) => signIns.list(visit.isOperator ? "operator" : { tenantId: visit.tenant.id });

  return {
    async signIn(key, { address = "unknown", userAgent }) {
      const waitMs = limit.waitMs(address);
      if (waitMs > 0) return { ok: false, reason: "wait", waitMs };
      const browser = { userAgent, address };
      if (masterKey !== undefined && isMasterKey(key, masterKey)) {
        const keyMark = markOf(hashKey(masterKey));
        const facts = { tenantId: DEFAULT_TENANT, isOperator: true, parentId: null, keyMark };
        return { ok: true, ...await open(facts, browser) };
      }
      const tenant = key === "" ? undefined : await ownerOfKey(key, tenants);
      if (tenant === undefined) {
        limit.missed(address);
        log.warn("session.refused", { address });
        return { ok: false, reason: "unknown" };
      }
      if (tenant.status === "suspended") return { ok: false, reason: "suspended" };
      const facts = {
        tenantId: tenant.id,
        isOperator: false,
        parentId: null,
        keyMark: markOf(hashKey(key)),
      };
      return { ok: true, ...await open(facts, browser) };
    },

    async visitOf(token) {
      if (apiAuth === "off") {
        const tenant = await tenants.get(DEFAULT_TENANT);
        return tenant && { session: null, tenant, isOperator: false, isStandIn: false };
      }
      if (token === undefined || token.length > 100) return undefined;
      const hash = hashKey(token);
      const session = await signIns.byToken(hash);
      if (session === undefined) return undefined;
      const at = now();
      const isFormer = session.tokenHash !== hash;
      if (isFormer && at - session.tokenAt > FORMER_TOKEN_MS) return undefined;
      const tenant = await tenants.get(session.tenantId);
      const isOver = at - session.seenAt > IDLE_MS || at - session.createdAt > LONGEST_MS ||
        await keyMarkOf(session) !== session.keyMark ||
        tenant === undefined || (tenant.status === "suspended" && !session.isOperator);
      if (isOver) {
        await signIns.remove(session.id);
        return undefined;
      }
      const { isOperator, parentId } = session;
      const visit = { session, tenant, isOperator, isStandIn: parentId !== null };
      if (!isFormer && at - session.tokenAt > NEW_TOKEN_MS) {
        return { ...visit, newToken: await turn(session, at) };
      }
      if (at - session.seenAt > MINUTE_MS) await signIns.update(session.id, { seenAt: at });
      return visit;
    },

    async standIn({ session, isOperator }, tenantId) {
      if (session === null || !isOperator) throw new NotFoundError("tenant", tenantId);
      if (await tenants.get(tenantId) === undefined) throw new NotFoundError("tenant", tenantId);
      const { keyMark, userAgent, address } = session;
      const parentId = session.parentId ?? session.id;
      const opened = await open({ tenantId, isOperator: true, parentId, keyMark }, { userAgent, address });
      return opened.token;
    },

    async leave({ session }) {
      if (session === null) return undefined;
      await signIns.remove(session.id);
      log.info("session.ended", { session: session.id });
      const parent = session.parentId === null ? undefined : await signIns.get(session.parentId);
      return parent && await turn(parent, now());
    },

    list: mine,

    async end(visit, id) {
      const found = (await mine(visit)).find((session) => session.id === id);
      if (found === undefined) throw new NotFoundError("session", id);
      await signIns.remove(id);
      log.info("session.ended", { session: id, by: visit.session?.id });
    },

    async endOthers(visit) {
      const kept = new Set([visit.session?.id, visit.session?.parentId]);
      const others = (await mine(visit)).filter(({ id }) => !kept.has(id));
      for (const { id } of others) await signIns.remove(id);
      if (others.length > 0) {
        log.info("session.others_ended", { count: others.length, by: visit.session?.id });
      }
      return others.length;
    },
  };
}

/** 256 bits of chance. */
function newToken(): string {
  return randomBytes(32).toString("base64url");
}

/** Tells a key from all others, but opens nothing. */
function markOf(keyHash: string): string {
  return createHash("sha256").update(`mark:${keyHash}`).digest("hex").slice(0, 32);
}
