import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import type { DeviceService } from "../../devices/devices.ts";
import { qrImage } from "../../formats/qr_image.ts";
import { dataOf, jsonBody, refusals, TENANT_KEY } from "../answers.ts";
import type { HttpEnv } from "../context.ts";
import { body } from "../fields.ts";
import { secondsOf } from "../../spans.ts";
import { qrPng, qrSvg } from "../qr.ts";
import { DeviceId, StatusShape, Wait } from "../shapes/device.ts";

const WAIT_SECONDS = 20;
const HOW_TO_SCAN = "On the phone: WhatsApp, Settings, Linked devices, Link a device; then scan the code";
const HOW_TO_TYPE =
  "On the phone: WhatsApp, Settings, Linked devices, Link a device, Link with phone number " +
  "instead; then type the code";

const route = { tags: ["Devices"], security: TENANT_KEY };
const QrShape = z.object({
  device_id: z.string(),
  status: StatusShape,
  qr: z.string().openapi({ description: "The text that the code draws" }),
  qr_code: z.string().openapi({ description: "A data URL of a PNG" }),
  expires_at: z.int().openapi({ description: "By then WhatsApp shows the next one" }),
  number: z.int().openapi({ description: "Which of this pairing's codes it is, from 1", example: 2 }),
  total: z.int().nullable().openapi({
    description: "How many codes WhatsApp has given for this pairing; after the last it is over",
    example: 6,
  }),
  message: z.string(),
});

const qrs = (["get", "post"] as const).map((method) =>
  createRoute({
    ...route,
    method,
    path: "/devices/{id}/pairing/qr",
    summary: "Get the QR code that links the device with a phone; starts the device",
    request: { params: DeviceId, query: Wait },
    responses: { 200: dataOf("The code that can be scanned now", QrShape), ...refusals(404, 409, 429, 503) },
  })
);

const image = (ending: "png" | "svg", type: "image/png" | "image/svg+xml") =>
  createRoute({
    ...route,
    method: "get",
    path: `/devices/{id}/pairing/qr.${ending}`,
    summary: `Get the QR code as ${ending.toUpperCase()}`,
    request: { params: DeviceId, query: Wait },
    responses: {
      200: { description: "The code", content: { [type]: { schema: z.string() } } },
      ...refusals(404, 409, 429, 503),
    },
  });

const png = image("png", "image/png");
const svg = image("svg", "image/svg+xml");

const code = createRoute({
  ...route,
  method: "post",
  path: "/devices/{id}/pairing/code",
  summary: "Get a code to type into the phone instead of scanning a QR code",
  request: {
    params: DeviceId,
    body: jsonBody(body({
      phone_number: z.string().min(1).max(40).openapi({ example: "628000000142" }),
    })),
  },
  responses: {
    200: dataOf(
      "The code",
      z.object({
        device_id: z.string(),
        pairing_code: z.string().openapi({ example: "ABCD1234" }),
        phone_number: z.string(),
        expires_at: z.int(),
        message: z.string(),
      }),
    ),
    ...refusals(404, 409, 413, 415, 429, 502, 503),
  },
});

/** Routes that link a device with a phone. */
export function createPairingRoutes({ devices }: { readonly devices: DeviceService }): OpenAPIHono<HttpEnv> {
  const routes = new OpenAPIHono<HttpEnv>();
  const qrOf = (tenantId: string, id: string, seconds = WAIT_SECONDS) =>
    devices.qr(tenantId, id, seconds * 1_000);

  for (const qr of qrs) {
    routes.openapi(qr, async (c) => {
      const { wait } = c.req.valid("query");
      const { code, expiresAt, number, total, device } = await qrOf(
        c.get("tenant").id,
        c.req.valid("param").id,
        wait,
      );
      const data = {
        device_id: device.id,
        status: device.status,
        qr: code,
        qr_code: qrImage(code),
        expires_at: secondsOf(expiresAt),
        number,
        total,
        message: HOW_TO_SCAN,
      };
      return c.json({ success: true as const, data }, 200);
    });
  }

  routes.openapi(png, async (c) => {
    const qr = await qrOf(c.get("tenant").id, c.req.valid("param").id, c.req.valid("query").wait);
    return c.body(qrPng(qr.code), 200, { "Content-Type": "image/png" });
  });

  routes.openapi(svg, async (c) => {
    const qr = await qrOf(c.get("tenant").id, c.req.valid("param").id, c.req.valid("query").wait);
    return c.body(qrSvg(qr.code), 200, { "Content-Type": "image/svg+xml" });
  });

  routes.openapi(code, async (c) => {
    const { id } = c.req.valid("param");
    const { phone_number } = c.req.valid("json");
    const paired = await devices.pairingCode(c.get("tenant").id, id, phone_number);
    const data = {
      device_id: (await devices.get(c.get("tenant").id, id)).id,
      pairing_code: paired.code,
      phone_number: paired.phone,
      expires_at: secondsOf(paired.expiresAt),
      message: HOW_TO_TYPE,
    };
    return c.json({ success: true as const, data }, 200);
  });

  return routes;
}
