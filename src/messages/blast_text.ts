import type { Content } from "../events/content.ts";
import type { QiscusTemplate, Template } from "../store/templates.ts";
import { fill, gapsIn, valueOf, type Variables } from "./template_text.ts";

/** What a blast says, and how it says it to one recipient. */
export interface BlastText {
  /** Variables that every recipient needs. */
  readonly needs: readonly string[];
  /** The message to one recipient; `payload` is what Qiscus is sent besides the address. */
  render(variables: Variables): { readonly content: Content; readonly payload: string | null };
}

/** A text of the sender's own, for either way. */
export function plainText(text: string, via: "qiscus" | "devices"): BlastText {
  return {
    needs: gapsIn(text),
    render(variables) {
      const words = fill(text, variables);
      return {
        content: { kind: "text", text: words },
        payload: via === "qiscus" ? JSON.stringify({ type: "text", text: { body: words } }) : null,
      };
    },
  };
}

/** A template through Qiscus: as the one that Qiscus knows, or as its text when Qiscus knows none. */
export function qiscusText(template: Template): BlastText {
  const { qiscus, body } = template;
  if (qiscus === null) return plainText(body, "qiscus");
  return {
    needs: [...new Set([...qiscus.header, ...qiscus.body, ...qiscus.button, ...gapsIn(body)])],
    render(variables) {
      const text = body === "" ? undefined : fill(body, variables);
      return {
        content: { kind: "template", name: template.name, ...(text === undefined ? {} : { text }) },
        payload: JSON.stringify({ type: "template", template: templateOf(qiscus, variables) }),
      };
    },
  };
}

/** @see WhatsApp Business Platform, On-Premises API, "Messages: template object" */
function templateOf(template: QiscusTemplate, variables: Variables) {
  const parameters = (names: readonly string[]) =>
    names.map((name) => ({ type: "text", text: valueOf(name, variables) ?? "" }));
  const part = (names: readonly string[], component: Readonly<Record<string, string>>) =>
    names.length === 0 ? [] : [{ ...component, parameters: parameters(names) }];
  return {
    ...(template.namespace === null ? {} : { namespace: template.namespace }),
    name: template.name,
    language: { policy: "deterministic", code: template.language },
    components: [
      ...part(template.header, { type: "header" }),
      ...part(template.body, { type: "body" }),
      ...part(template.button, { type: "button", sub_type: "url", index: "0" }),
    ],
  };
}
