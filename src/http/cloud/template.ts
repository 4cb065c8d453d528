import { fill, GAP, gapsIn, named, TextTooLongError, variableName } from "../../blasts/template_text.ts";
import { MOST_TEXT } from "../../messages/text_limit.ts";
import type { NewContent } from "../../messages/request.ts";
import type { Template } from "../../store/templates.ts";
import { GraphError } from "../graph_errors.ts";
import { type BringFile, namedFileOf } from "./content.ts";
import { type Json, objectOf, optionalText, someOf, textOf } from "./fields.ts";

/** The kinds of header that are files. */
const FILES = ["image", "video", "document"] as const;

/**
 * A template of ours, filled with a request's parameters: by name, or in the order of the variables.
 * @throws {GraphError} 132001 if there is no such template, 132000 if the number of parameters is another, 132005 if it
 * gets too long.
 */
export async function templateContent(
  body: Json,
  templates: readonly Template[],
  bring: BringFile,
): Promise<NewContent> {
  const asked = objectOf(body, "template", ["name", "language", "components", "namespace"]);
  const name = textOf(asked, "name", "template['name']");
  const template = templates.find((one) => one.id === name || one.name === name);
  if (template === undefined || template.body === "") {
    throw new GraphError(132001, `There is no template named "${name.slice(0, 60)}"`);
  }
  const components = someOf(asked, "components", "template['components']");
  const text = filled(template, components);
  const file = headerFile(components);
  if (file === undefined) return { kind: "text", text };
  const fileName = optionalText(file.object, "filename", "filename");
  return {
    kind: file.kind,
    file: await bring(namedFileOf(file.object, file.kind), file.kind),
    caption: text,
    ...(fileName !== undefined && { fileName }),
  };
}

function filled(template: Template, components: readonly Json[]): string {
  try {
    return fill(template.body, named(valuesOf(template, components)));
  } catch (error) {
    if (!(error instanceof TextTooLongError)) throw error;
    throw new GraphError(132005, `body: with its parameters it is longer than ${MOST_TEXT} characters`);
  }
}

function valuesOf(template: Template, components: readonly Json[]): Readonly<Record<string, string>> {
  const wanted = gapsIn(template.body);
  const given = components.filter(({ type }) => String(type).toLowerCase() === "body")
    .flatMap((component) => someOf(component, "parameters"));
  if (given.length !== wanted.length) {
    throw new GraphError(
      132000,
      `body: number of parameters (${given.length}) does not match the expected number of params (${wanted.length})`,
    );
  }
  return Object.fromEntries(given.map((parameter, index) => {
    const name = optionalText(parameter, "parameter_name", "parameter_name") ?? wanted[index]!;
    return [name, valueOf(parameter)];
  }));
}

function valueOf(parameter: Json): string {
  switch (parameter.type) {
    case "currency":
      return textOf(objectOf(parameter, "currency"), "fallback_value", "currency['fallback_value']");
    case "date_time":
      return textOf(objectOf(parameter, "date_time"), "fallback_value", "date_time['fallback_value']");
    default:
      return textOf(parameter, "text", "parameters['text']");
  }
}

function headerFile(
  components: readonly Json[],
): { readonly kind: typeof FILES[number]; readonly object: Json } | undefined {
  const header = components.find(({ type }) => String(type).toLowerCase() === "header");
  if (header === undefined) return undefined;
  for (const parameter of someOf(header, "parameters")) {
    const kind = FILES.find((one) => one === parameter.type);
    if (kind !== undefined) return { kind, object: objectOf(parameter, kind) };
  }
  return undefined;
}

/** A template as Graph lists it, with the places of its variables: one that comes twice has one place and one value. */
export function templateShown({ id, name, body, qiscus }: Template) {
  const gaps = gapsIn(body);
  const placeOf = (gap: string) => gaps.indexOf(variableName(gap)) + 1;
  const text = body.replace(GAP, (_, gap: string) => `{{${placeOf(gap)}}}`);
  return {
    id,
    name,
    language: qiscus?.language ?? "id",
    status: "APPROVED",
    category: "UTILITY",
    components: [{ type: "BODY", text }],
  };
}
