import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { proto } from "@whiskeysockets/baileys";
import { Lru } from "../../async/lru.ts";
import type { Aliases } from "../../recording/aliases.ts";
import { pollCreationOf } from "./normalise/content.ts";
import { unwrap } from "./normalise/unwrap.ts";
import { redactMessage, redactObject, redactText } from "./redact_message.ts";
import { seal, type Sealed, sealedIn, unseal } from "./sealed.ts";

/** Messages that others may be sealed with. */
const REMEMBERED = 1_000;

/** A message with a secret, as it came. */
interface Target {
  readonly secret: Uint8Array;
  /** Both addresses of its author, as far as its stanza tells them. */
  readonly authors: readonly string[];
  readonly options: readonly string[];
}

/**
 * Seals what is encrypted inside of recorded messages (votes, reactions, comments, edits) once more. Its keys are made
 * of addresses and of another message's secret, which are others in a record; nobody could open it there.
 */
export function createResealing(aliases: Aliases) {
  const targets = new Lru<string, Target>(REMEMBERED);

  /** What an opened part says in a record; undefined when it cannot be told there. */
  function redacted({ purpose }: Sealed, plain: Uint8Array, { options }: Target): Uint8Array | undefined {
    switch (purpose) {
      case "Poll Vote": {
        const names = new Map(options.map((name) => [hashOf(name), redactText("optionName", name, aliases)]));
        const { selectedOptions } = proto.Message.PollVoteMessage.decode(plain);
        const hashes = selectedOptions.map((hash) => {
          const name = names.get(Buffer.from(hash).toString("hex"));
          return name === undefined ? aliases.bytes(hash) : Buffer.from(hashOf(name), "hex");
        });
        return proto.Message.PollVoteMessage.encode({ selectedOptions: hashes }).finish();
      }
      case "Event Response":
        return plain; // whether somebody comes, and with how many
      case "Enc Reaction": {
        const { ReactionMessage } = proto.Message;
        const object = ReactionMessage.toObject(ReactionMessage.decode(plain), { longs: String });
        return ReactionMessage.encode(ReactionMessage.fromObject(redactObject(object, aliases))).finish();
      }
      case "Poll Add Option":
        return undefined;
      default:
        return redactMessage(plain, aliases).bytes;
    }
  }

  /** The sealed part as it is to stand in the record; undefined when nobody can open it. */
  function sealedAgain(sealed: Sealed, senders: readonly string[]) {
    const id = sealed.target?.id ?? "";
    const target = targets.get(id);
    if (target === undefined) return undefined;
    for (const by of target.authors) {
      for (const from of senders) {
        const plain = unseal(sealed, target.secret, { id, by, from });
        const told = plain && redacted(sealed, plain, target);
        if (told === undefined) continue;
        const pair = { id, by: aliases.jid(by), from: aliases.jid(from) };
        return seal(sealed.purpose, told, aliases.bytes(target.secret), pair);
      }
    }
    return undefined;
  }

  return {
    /**
     * A redacted message with its sealed part sealed again; takes note of the secret that others are sealed with.
     * @param original The message before it was redacted, without padding.
     * @param addresses Both addresses of its author, as far as they are known.
     */
    reseal(id: string, original: Uint8Array, redacted: Uint8Array, addresses: readonly string[]): Uint8Array {
      const before = proto.Message.decode(original);
      const { message, messageContextInfo } = unwrap(before);
      const secret = messageContextInfo?.messageSecret;
      if (secret) {
        const options = pollCreationOf(message)?.options?.map(({ optionName }) => optionName ?? "") ?? [];
        targets.set(id, { secret, authors: addresses, options });
      }
      const sealed = sealedIn({ key: {}, message: before });
      const again = sealed && sealedAgain(sealed, addresses);
      if (again === undefined) return redacted;
      const after = proto.Message.decode(redacted);
      const { message: inner } = unwrap(after);
      Object.assign(
        inner.pollUpdateMessage?.vote ?? inner.encEventResponseMessage ?? inner.encReactionMessage ??
          inner.encCommentMessage ?? inner.secretEncryptedMessage ?? {},
        again,
      );
      return proto.Message.encode(after).finish();
    },
  };
}

function hashOf(name: string): string {
  return createHash("sha256").update(name).digest("hex");
}
