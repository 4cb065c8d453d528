import type { Operation, RequestBody } from "./document.ts";

/**
 * The request as one would type it, with `$B` for the gateway's address and `$KEY` for the key.
 * A body that is a form is shown field by field; `@name` stands for a file.
 */
export function curlOf(
  { method, path, parameters, keyHeader }: Operation,
  body: RequestBody | undefined,
): string {
  const query = parameters
    .filter((parameter) => parameter.in === "query" && parameter.required)
    .map(({ name, example, schema }) => `${name}=${example ?? schema?.example ?? "…"}`);
  const address = `$B${path}${query.length === 0 ? "" : `?${query.join("&")}`}`;
  const lines = [`curl ${method === "get" ? "" : `-X ${method.toUpperCase()} `}"${address}"`];
  if (keyHeader !== undefined) lines.push(`-H "${keyHeader}: ${valueOf(keyHeader)}"`);
  if (body !== undefined) {
    if (body.type.startsWith("multipart/")) {
      for (const [name, value] of Object.entries(body.example ?? {})) {
        lines.push(`-F ${quoted(`${name}=${value}`)}`);
      }
    } else {
      lines.push(`-H "Content-Type: ${body.type}"`, `-d ${quoted(JSON.stringify(body.example))}`);
    }
  }
  return lines.join(" \\\n  ");
}

function valueOf(keyHeader: string): string {
  if (keyHeader === "Authorization") return "Bearer $KEY";
  return keyHeader === "X-Master-Key" ? "$MASTER_KEY" : "$KEY";
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
