import type { TargetAuthor } from "../../events/content.ts";
import { present } from "../../events/present.ts";
import type { Loose } from "../loose.ts";
import { jidOf, personalJidOf, personOf } from "./address.ts";
import type { WebKey } from "./key.ts";

/** Whose the message is that another one changes or answers, from the fields that Kabar adds to such messages. */
export function targetIn({ targetAuthor, authorLid, targetFromMe }: Loose): TargetAuthor {
  const author = personalJidOf(targetAuthor);
  return present({
    author: author === undefined ? undefined : personOf(author, { lid: jidOf(authorLid) }),
    targetFromMe: typeof targetFromMe === "boolean" ? targetFromMe : undefined,
  });
}

/** The same from the message's key. */
export function targetOf({ author, fromMe, tellsOwner }: WebKey): TargetAuthor {
  return present({ author, targetFromMe: tellsOwner ? fromMe : undefined });
}
