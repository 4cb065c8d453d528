import { initials } from "../frame.tsx";
import { Icon } from "./icon.tsx";

/** Whose conversation it is, at a glance: the first letters of a name, or a sign where there is none. */
export function Face({ chat, name }: { readonly chat: string; readonly name: string }) {
  return (
    <span class="face round" aria-hidden="true" hx-ignore>
      {chat.endsWith("@g.us")
        ? <Icon name="users" />
        : /\p{L}/u.test(name)
        ? initials(name)
        : <Icon name="circle-user-round" />}
    </span>
  );
}
