import { assertEquals, assertRejects } from "@std/assert";
import { ConflictError } from "../../../src/errors.ts";
import type { Template } from "../../../src/store/templates.ts";
import { NOW } from "../../support/messaging.ts";
import { type Open, testing } from "./contract.ts";

const TEMPLATE: Template = {
  id: "hello",
  tenantId: "tenant_default",
  name: "Hello",
  type: null,
  body: "Halo {{name}}",
  variables: ["name"],
  qiscus: { namespace: null, name: "hello_v1", language: "id", header: [], body: ["name"], button: [] },
  createdAt: NOW,
  updatedAt: NOW,
};

export function templatesContract(name: string, open: Open): void {
  const test = testing(`${name} templates`, open);

  test("come back as they were stored", async ({ templates }) => {
    await templates.create(TEMPLATE);

    assertEquals(await templates.get("tenant_default", "hello"), TEMPLATE);
    assertEquals(await templates.list("tenant_default"), [TEMPLATE]);
    assertEquals(await templates.get("tenant_other", "hello"), undefined);
  });

  test("refuse an id that is taken", async ({ templates }) => {
    await templates.create(TEMPLATE);

    await assertRejects(() => templates.create(TEMPLATE), ConflictError, "already exists");
  });

  test("change only what is mentioned", async ({ templates }) => {
    await templates.create(TEMPLATE);

    const changed = await templates.update("tenant_default", "hello", { qiscus: null }, NOW + 1);

    assertEquals(changed, { ...TEMPLATE, qiscus: null, updatedAt: NOW + 1 });
  });

  test("are gone when they are removed", async ({ templates }) => {
    await templates.create(TEMPLATE);

    const results = [
      await templates.remove("tenant_default", "hello"),
      await templates.remove("tenant_default", "hello"),
    ];

    assertEquals([...results, await templates.get("tenant_default", "hello")], [true, false, undefined]);
  });
}
