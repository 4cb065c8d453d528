import { assertEquals, assertRejects } from "@std/assert";
import { templateContent, templateShown } from "../../../src/http/cloud/template.ts";
import { GraphError } from "../../../src/http/graph_errors.ts";
import type { Template } from "../../../src/store/templates.ts";

const TEMPLATE: Template = {
  id: "promo",
  tenantId: "tenant_a",
  name: "Promo",
  type: null,
  body: "{{a}}".repeat(1_000),
  variables: ["a"],
  qiscus: null,
  createdAt: 0,
  updatedAt: 0,
};

function filledWith(text: string) {
  const components = [{ type: "body", parameters: [{ type: "text", text }] }];
  const body = { template: { name: "promo", components } };
  return templateContent(body, [TEMPLATE], () => Promise.reject(new Error("no file is named")));
}

Deno.test("graph refuses parameters that make a template longer than a message may be", async () => {
  const fits = await filledWith("x".repeat(65));
  const error = await assertRejects(() => filledWith("x".repeat(66)), GraphError);

  assertEquals(fits, { kind: "text", text: "x".repeat(65_000) });
  assertEquals(error.code, 132005);
});

Deno.test("graph takes a template without variables from clients that send its parts without parameters", async () => {
  const plain = { ...TEMPLATE, body: "Toko buka", variables: [] };
  const components = [{ type: "header", parameters: [] }, { type: "body", parameters: [] }];
  const noFile = () => Promise.reject(new Error("no file is named"));

  const sent = await templateContent({ template: { name: "promo", components } }, [plain], noFile);
  const error = await assertRejects(
    () => templateContent({ template: { name: "promo", components } }, [TEMPLATE], noFile),
    GraphError,
  );

  assertEquals(sent, { kind: "text", text: "Toko buka" });
  assertEquals(error.code, 132000);
});

Deno.test("graph lists a template with as many places as it takes parameters", async () => {
  const twice = { ...TEMPLATE, body: "Halo {{nama}}, pesanan {{no}} siap. Terima kasih, {{ nama }}!" };
  const parameters = ["Budi", "7"].map((text) => ({ type: "text", text }));

  const { components } = templateShown(twice);
  const sent = await templateContent(
    { template: { name: "promo", components: [{ type: "body", parameters }] } },
    [twice],
    () => Promise.reject(new Error("no file is named")),
  );

  assertEquals(components, [{
    type: "BODY",
    text: "Halo {{1}}, pesanan {{2}} siap. Terima kasih, {{1}}!",
  }]);
  assertEquals(sent, { kind: "text", text: "Halo Budi, pesanan 7 siap. Terima kasih, Budi!" });
});
