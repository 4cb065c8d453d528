import type { z } from "zod";
import type { TenantId } from "../../ids.ts";
import type { KeyScope } from "../../store/api_keys.ts";
import type { KeyAccess } from "../../tenants/keyring.ts";

/** Who calls a tool. */
export interface Caller {
  readonly tenantId: TenantId;
  readonly access: KeyAccess;
}

/** Hints by which assistants decide what runs without asking a person. */
export interface ToolHints {
  readonly readOnlyHint: boolean;
  readonly destructiveHint: boolean;
  readonly idempotentHint: boolean;
  readonly openWorldHint: boolean;
}

/** What an assistant may call: `run` gets what `input` has checked, and answers with JSON. */
export interface Tool {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  /** A key without it neither sees nor calls the tool. */
  readonly scope: KeyScope;
  /** Takes no unknown field, so that a misspelt one is not dropped in silence. */
  readonly input: z.ZodObject;
  readonly hints: ToolHints;
  readonly run: (input: never, caller: Caller) => Promise<Readonly<Record<string, unknown>>>;
}

/** Looks, and does nothing. */
export const LOOKS: ToolHints = {
  readOnlyHint: true,
  destructiveHint: false,
  idempotentHint: true,
  openWorldHint: false,
};
/** Looks, and brings strangers' words. */
export const LOOKS_AT_STRANGERS: ToolHints = { ...LOOKS, openWorldHint: true };
/** Reaches a person, and cannot be taken back; the same call twice does it once. */
export const REACHES_PEOPLE: ToolHints = {
  readOnlyHint: false,
  destructiveHint: true,
  idempotentHint: true,
  openWorldHint: true,
};
/** Tells a person something that harms nobody. */
export const TELLS_PEOPLE: ToolHints = { ...REACHES_PEOPLE, destructiveHint: false };

/** Describes a tool; its input's type is known inside only. */
export function tool<S extends z.ZodObject>(
  described: Omit<Tool, "input" | "run"> & {
    readonly input: S;
    readonly run: (input: z.output<S>, caller: Caller) => Promise<Readonly<Record<string, unknown>>>;
  },
): Tool {
  return described as Tool; // `run` is only called with what `input` has checked
}
