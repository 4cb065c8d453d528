import { assertEquals } from "@std/assert";
import type { Lines } from "../../src/devices/devices.ts";
import { createRoutedLines } from "../../src/fleet/routed_lines.ts";
import type { DeviceId } from "../../src/ids.ts";

const ID = "dev_elsewhere" as DeviceId;

/** The lines of a gateway that asks the holder of a device, which answers so. */
const linesThatHear = (answer: unknown) =>
  createRoutedLines(
    {} as Lines,
    { whereIs: () => Promise.resolve("elsewhere"), bring: () => Promise.resolve(false) },
    () => Promise.resolve(answer),
  );

Deno.test("a holder's QR code comes as it gave it", async () => {
  const qr = { code: "2@code", expiresAt: 5, number: 2, total: 6 };

  assertEquals(await linesThatHear(qr).qr(ID), qr);
  assertEquals(await linesThatHear(qr).waitForQr(ID, 10), qr);
});

Deno.test("a holder of an older version does not tell which code it is: the first, of nobody knows how many", async () => {
  const old = { code: "2@code", expiresAt: 5 };

  assertEquals(await linesThatHear(old).qr(ID), { ...old, number: 1, total: null });
});

Deno.test("a holder that shows no code gives none", async () => {
  assertEquals(await linesThatHear(null).qr(ID), undefined);
  assertEquals(await linesThatHear(null).waitForQr(ID, 10), undefined);
});
