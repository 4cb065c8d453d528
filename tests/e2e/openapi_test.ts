import { assert, assertEquals } from "@std/assert";
import { Validator } from "@seriousme/openapi-schema-validator";
import { type Gateway, startGateway } from "../../src/app/gateway.ts";
import { BODY_EXAMPLES, FORM_EXAMPLES } from "../../src/http/examples.ts";
import { type ApiDocument, operationsOf, resolved } from "../support/api_document.ts";
import { settingsOf } from "../support/settings.ts";

/** Pages and files, which are not for programs. */
const UNDOCUMENTED = /^get \/(openapi\.json$|docs(\/|$))/;

async function withDocument(test: (document: ApiDocument, gateway: Gateway) => Promise<void> | void) {
  const dir = await Deno.makeTempDir();
  const settings = settingsOf({
    DATA_DIR: `${dir}/data`,
    HOST: "127.0.0.1",
    PORT: "0",
    API_KEY: "key",
    MASTER_KEY: "master",
    WHATSAPP_WS_URL: "ws://127.0.0.1:9",
    WHATSAPP_ROOT_KEY: "00".repeat(32),
  });
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

Deno.test("API document shows a whole example of every body", () =>
  withDocument((document) => {
    for (const { method, path, operation } of operationsOf(document)) {
      for (const [type, { example }] of Object.entries(operation.requestBody?.content ?? {})) {
        assert(example !== undefined, `${method} ${path}: ${type} has no example`);
        assert(!JSON.stringify(example).includes("…"), `${method} ${path}: ${JSON.stringify(example)}`);
      }
    }
    const names = operationsOf(document).map(({ method, path }) => `${method} ${path}`);
    const unused = Object.keys({ ...BODY_EXAMPLES, ...FORM_EXAMPLES }).filter((name) =>
      !names.includes(name)
    );
    assertEquals(unused, []);
  }));

/** What a request is answered with whose body cannot be what the operation takes. */
const NOT_TAKEN = [400, 413, 415, 422];

Deno.test("API document's examples are taken as they stand: copied commands do what their operation is for", () =>
  withDocument(async (document, gateway) => {
    const send = (method: string, path: string, type: string, body: BodyInit) =>
      fetch(gateway.url + path, {
        method: method.toUpperCase(),
        headers: {
          "x-api-key": "key",
          "x-master-key": "master",
          ...(type === "" ? {} : { "content-type": type }),
        },
        body,
      });
    // what examples name; it is linked with no phone, so nothing is sent
    await send("post", "/v1/devices", "application/json", '{"label":"Shop","alias":"shop"}');
    const made = await send(
      "post",
      "/v1/webhooks",
      "application/json",
      '{"url":"https://shop.example","events":["*"]}',
    );
    const webhook: string = (await made.json()).data.webhook_id;
    const refused: string[] = [];
    for (const { method, path, operation } of operationsOf(document)) {
      const id = path.startsWith("/v1/webhooks/") ? webhook : "shop";
      const to = path.replaceAll("{id}", id).replaceAll(/\{\w+\}/g, "628000000142");
      for (const [type, { example }] of Object.entries(operation.requestBody?.content ?? {})) {
        const answer = type.startsWith("multipart/")
          ? await send(method, to, "", formOf(example))
          : await send(method, to, type, JSON.stringify(example));
        const text = await answer.text();
        if (NOT_TAKEN.includes(answer.status)) refused.push(`${method} ${path} as ${type}: ${text}`);
      }
    }

    assertEquals(refused, []);
  }));

/** A form as curl sends it: `@name` is a file. */
function formOf(fields: unknown): FormData {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields as Readonly<Record<string, string>>)) {
    form.append(name, value.startsWith("@") ? new File(["a file"], value.slice(1)) : value);
  }
  return form;
}

Deno.test("API document's examples schedule nothing and change no way to WhatsApp unless that is asked for", () =>
  withDocument((document) => {
    const surprising = operationsOf(document).filter(({ operation }) =>
      Object.values(operation.requestBody?.content ?? {}).some(({ example }) =>
        /"(send_?at|scheduledAt|proxy)"/i.test(JSON.stringify(example))
      )
    ).map(({ method, path }) => `${method} ${path}`);

    assertEquals(surprising, []);
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
