// App state: the chat settings (archived, muted, read, names) that the devices of a phone share, as encrypted patches.
import { Buffer } from "node:buffer";
import { randomBytes } from "node:crypto";
import {
  decodePatches,
  decodeSyncdMutations,
  encodeSyncdPatch,
  newLTHashState,
  proto,
} from "@whiskeysockets/baileys";
import { remember } from "../wire/recent.ts";

/** A setting that a client changed: what it is about, such as `["archive", "4917…@lid"]`, and its new value. */
export interface SettingChange {
  readonly index: readonly string[];
  readonly value: proto.ISyncActionValue;
}

/** A setting as the owner changes it on the phone. */
export interface SettingMade extends SettingChange {
  /** Default 2. */
  readonly apiVersion?: number;
  /** Takes the setting away. */
  readonly isRemoved?: boolean;
}

export class AppState {
  readonly keyId = Buffer.from([0, 0, 0, 0, 0, 1]);
  readonly key = randomBytes(32);
  /** What clients changed, oldest first. */
  readonly changes: SettingChange[] = [];
  readonly #patches = new Map<string, Buffer[]>();

  version(collection: string): number {
    return this.#patches.get(collection)?.length ?? 0;
  }

  /** The patches that a client with this version lacks. */
  since(collection: string, version: number): readonly Buffer[] {
    return this.#patches.get(collection)?.slice(version) ?? [];
  }

  /**
   * Takes a patch that a client made on top of `version`.
   * @returns Whether it fits: another client may have been faster.
   */
  push(collection: string, version: number, encoded: Uint8Array): boolean {
    const patches = this.#patches.get(collection) ?? [];
    if (patches.length !== version) return false;
    const patch = proto.SyncdPatch.decode(encoded);
    patch.version = { version: version + 1 };
    patches.push(Buffer.from(proto.SyncdPatch.encode(patch).finish()));
    this.#patches.set(collection, patches);
    return true;
  }

  /** Changes a setting on the phone: makes the patch that linked devices fetch. */
  async put(
    collection: string,
    { index, value, apiVersion = 2, isRemoved = false }: SettingMade,
  ): Promise<void> {
    const patches = this.since(collection, 0).map((patch) => proto.SyncdPatch.decode(patch));
    const getKey = () => Promise.resolve({ keyData: this.key });
    const name = collection as Parameters<typeof decodePatches>[0]; // any name works the same way
    const { state } = await decodePatches(
      name,
      patches,
      newLTHashState(),
      getKey,
      {},
      undefined,
      undefined,
      false,
    );
    const { SET, REMOVE } = proto.SyncdMutation.SyncdOperation;
    const change = {
      type: name,
      index: [...index],
      syncAction: { timestamp: Date.now(), ...value },
      apiVersion,
      operation: isRemoved ? REMOVE : SET,
    };
    const { patch } = await encodeSyncdPatch(change, this.keyId.toString("base64"), state, getKey);
    this.push(collection, this.version(collection), proto.SyncdPatch.encode(patch).finish());
  }

  /** Decrypts what a patch changes, and adds it to `changes`. */
  async read(encoded: Uint8Array): Promise<void> {
    const { mutations } = proto.SyncdPatch.decode(encoded);
    const getKey = () => Promise.resolve({ keyData: this.key });
    await decodeSyncdMutations(mutations, newLTHashState(), getKey, ({ syncAction, index }) => {
      remember(this.changes, { index: index.map(String), value: syncAction.value ?? {} });
    }, true);
  }
}
