import type { Content } from "../events/content.ts";
import { MOST_TEXT } from "../messages/text_limit.ts";
import type { QiscusTemplate, Template } from "../store/templates.ts";
import { fill, gapsIn, TextTooLongError, valueOf, variableName, type Variables } from "./template_text.ts";

/** What a blast says, and how it says it to one recipient. */
export interface BlastText {
  /** Variables that every recipient needs. */
  readonly needs: readonly string[];
  /** Of these, the ones that must not be empty. */
  readonly filled: readonly string[];
  /**
   * The message to one recipient; `payload` is what Qiscus is sent besides the address.
   * @throws {TextTooLongError} If it is longer than a message may be.
   */
  render(variables: Variables): { readonly content: Content; readonly payload: string | null };
}

/** A text of the sender's own, for either way. */
export function plainText(text: string, via: "qiscus" | "devices"): BlastText {
  return {
    needs: gapsIn(text),
    filled: [],
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
  const parameters = [...qiscus.header, ...qiscus.body, ...qiscus.button].map(variableName);
  return {
    needs: [...new Set([...parameters, ...gapsIn(body)])],
    filled: [...new Set(parameters)],
    render(variables) {
      const text = body === "" ? undefined : fill(body, variables);
      return {
        content: { kind: "template", name: template.name, ...(text === undefined ? {} : { text }) },
        payload: JSON.stringify({ type: "template", template: templateOf(qiscus, variables) }),
      };
    },
  };
}

/**
 * WhatsApp refuses line breaks, tabs and more than four blanks in a row in a parameter: runs of white space become one.
 * @throws {TextTooLongError} If all of them are longer than a message may be.
 * @see WhatsApp Business Platform, On-Premises API, "Messages: template object"; error 132018
 */
function templateOf(template: QiscusTemplate, variables: Variables) {
  let length = 0;
  const parameters = (names: readonly string[]) =>
    names.map((name) => {
      const text = (valueOf(variableName(name), variables) ?? "").trim().replace(/\s+/g, " ");
      length += text.length;
      if (length > MOST_TEXT) {
        throw new TextTooLongError("Cannot fill the template: its parameters are too long");
      }
      return { type: "text", text };
    });
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
