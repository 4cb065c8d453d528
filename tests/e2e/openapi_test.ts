import { assert, assertEquals } from "@std/assert";
import { Validator } from "@seriousme/openapi-schema-validator";
import { type Gateway, startGateway } from "../../src/app/gateway.ts";
import { BODY_EXAMPLES } from "../../src/http/examples.ts";
import { type ApiDocument, operationsOf, resolved } from "../support/api_document.ts";
import { settingsOf } from "../support/settings.ts";

/** Pages and files, which are not for programs. */
const UNDOCUMENTED = /^get \/(openapi\.json$|docs(\/|$))/;

async function withDocument(test: (document: ApiDocument, gateway: Gateway) => Promise<void> | void) {
  const dir = await Deno.makeTempDir();
  const settings = settingsOf({ DATA_DIR: `${dir}/data`, HOST: "127.0.0.1", PORT: "0", API_KEY: "key" });
  const gateway = await startGateway(settings, { print: () => {} });
  try {
    await test(await (await fetch(`${gateway.url}/openapi.json`)).json(), gateway);
  } finally {
    await gateway.stop();
    await Deno.remove(dir, { recursive: true });
  }
}

Deno.test("API document is valid, as a validator that others wrote sees it", () =>
  withDocument(async (document) => {
    const { valid, errors } = await new Validator().validate({ ...structuredClone(document) });

    assert(valid, JSON.stringify(errors));
    assertEquals(document.openapi, "3.1.0");
  }));

Deno.test("API document has every route that the gateway answers to", () =>
  withDocument(async (document, gateway) => {
    const documented = new Set(operationsOf(document).map(({ method, path }) => `${method} ${path}`));

    const missing = (await gateway.routes())
      .map(({ method, path }) => `${method.toLowerCase()} ${path.replaceAll(/:(\w+)(\{[^}]*\})?/g, "{$1}")}`)
      .filter((route) => !documented.has(route) && !UNDOCUMENTED.test(route))
      .filter((route) => !/^\w+ \/(ui|pair|$)/.test(route)) // pages for people
      .filter((route) => !/^\w+ \/(graph|\{version\})(\/|$)/.test(route)); // Meta's own documents describe them

    assertEquals([...new Set(missing)], []);
    assert(documented.size > 100, `only ${documented.size} routes`);
  }));

Deno.test("API document says in words what each route does, and how it refuses", () =>
  withDocument((document) => {
    for (const { method, path, operation } of operationsOf(document)) {
      const name = `${method} ${path}`;
      assert((operation.summary ?? "").length > 5, `${name} has no summary`);
      assertEquals(operation.tags?.length, 1, name);
      const takesSomething = operation.requestBody !== undefined || (operation.security ?? []).length > 0;
      const refusals = Object.entries(operation.responses).filter(([status]) => /^4/.test(status));
      if (takesSomething) assert(refusals.length > 0, `${name} refuses nothing`);
      for (const [status, { content }] of refusals) {
        const schema = resolved(document, content?.["application/json"]?.schema);
        assert(schema?.properties?.success !== undefined, `${name} does not show the shape of its ${status}`);
      }
    }
  }));

Deno.test("API document shows an example of every body", () =>
  withDocument((document) => {
    for (const { method, path, operation } of operationsOf(document)) {
      for (const [type, content] of Object.entries(operation.requestBody?.content ?? {})) {
        assert(JSON.stringify(content).includes('"example'), `${method} ${path}: ${type} has no example`);
      }
    }
  }));

Deno.test("API document's examples have the fields that their schemas have", () =>
  withDocument((document) => {
    const operations = operationsOf(document);
    for (const [name, example] of Object.entries(BODY_EXAMPLES)) {
      const found = operations.find(({ method, path }) => `${method} ${path}` === name);
      assert(found !== undefined, `there is no ${name}`);
      const content = Object.values(found.operation.requestBody?.content ?? {});
      const schema = resolved(document, content.find((it) => it.example !== undefined)?.schema);
      const known = Object.keys(schema?.properties ?? {});
      for (const field of Object.keys(example)) assert(known.includes(field), `${name} knows no ${field}`);
      for (const field of schema?.required ?? []) assert(field in example, `${name} needs ${field}`);
    }
  }));

Deno.test("API document's examples name no address that exists and no number that somebody has", () =>
  withDocument((document) => {
    const text = JSON.stringify(document);
    const hosts = [...text.matchAll(/\b(?:https?|wss?):\/\/([^\s"\\/:`<{]+)/g)].map(([, host]) => host);
    const numbers = [...text.matchAll(/\b(?:62|0)8\d{7,12}\b/g)].map(([number]) => number);

    const real = hosts.filter((host) => !/(^|\.)example$|^127\.|^localhost$/.test(host)); // RFC 2606
    const taken = numbers.filter((number) => !/^(62|0)800000/.test(number));
    assert(hosts.length > 5 && numbers.length > 20);
    assertEquals([...new Set(real)], []);
    assertEquals([...new Set(taken)], []);
  }));
