import { assert, assertEquals, assertNotMatch, assertStringIncludes } from "@std/assert";
import { invalidSays, refusalSays } from "../../src/dashboard/words/refusals.ts";
import { readRecipient as readBlastRecipient } from "../../src/blasts/recipient.ts";
import { RefusedRows } from "../../src/blasts/refused_rows.ts";
import { DeviceOfflineError } from "../../src/devices/offline.ts";
import { BusyError, ConflictError, InvalidError, RefusedError } from "../../src/errors.ts";
import { checkLeaving } from "../../src/messages/leaving.ts";
import { parseProxy } from "../../src/net/proxy.ts";
import { DAY_MS } from "../../src/spans.ts";
import { NOW } from "../support/messaging.ts";
import { validateTopics } from "../../src/events/topics.ts";
import { formatOf } from "../../src/formats/mod.ts";
import { createGuard } from "../../src/net/guard.ts";
import { checkHeaders } from "../../src/webhooks/request_headers.ts";
import { parseRetry } from "../../src/webhooks/retry.ts";
import { checkSecret } from "../../src/webhooks/secrets.ts";
import { readPhoneNumber, readRecipient } from "../../src/whatsapp/jid.ts";
import { runGateway } from "../support/gateway.ts";
import { signedIn } from "../support/ui.ts";

const guard = createGuard({ allowPrivate: [], ownHosts: () => ["kabar.example:80"] });
const webhookUrl = (url: string) => () => guard.checkUrl(url, "tenant_other");
const header = (...entries: readonly (readonly [string, string])[]) => () =>
  checkHeaders(Object.fromEntries(entries), {});

/** What forms refuse, each with what its sentence has to name. */
const REFUSED: readonly (readonly [() => unknown, RegExp])[] = [
  [() => readPhoneNumber("12ab"), /"12ab".*nomor telepon/],
  [() => readPhoneNumber("628123456789.5"), /desimal/],
  [() => readPhoneNumber("0812345678 / 0812345679"), /beberapa nomor/],
  [() => readPhoneNumber("+62 81"), /4 angka/],
  [() => readPhoneNumber("81234567890"), /\+81234567890 atau \+6281234567890/],
  [() => readRecipient("x@y"), /"x@y".*jid/],
  [webhookUrl("hooks"), /tidak bisa dibaca/],
  [webhookUrl("ftp://x.example"), /bukan ftp:/],
  [webhookUrl("https://a:b@x.example"), /kata sandi/],
  [webhookUrl("http://127.0.0.1/x"), /127\.0\.0\.1.*jaringan internal/],
  [webhookUrl("http://kabar.example/x"), /kabar\.example.*gateway ini sendiri/],
  [header(["a b", "x"]), /"a b" bukan nama header/],
  [header(["X-A", "1"], ["x-a", "2"]), /dua kali/],
  [header(["X-A", "é"]), /ASCII/],
  [header(["Host", "x"]), /"Host" tidak bisa diatur/],
  [() => checkSecret("whsec_!"), /Base64/],
  [() => parseRetry([-1]), /detik di atas 0/],
  [() => parseRetry([9, 1]), /lebih singkat/],
  [() => validateTopics(formatOf("device"), []), /satu peristiwa/],
  [() => validateTopics(formatOf("device"), ["nope"]), /"nope"/],
  [() => parseProxy("ftp://x"), /Proxy tidak bisa dibaca/],
  [() => parseProxy(`http://${"a".repeat(256)}@x`), /255 byte/],
  [() => parseProxy("http://%zz@x"), /%40/],
  [() => checkLeaving({ field: "send_at", at: NOW - 3_600_000, got: "then" }, NOW), /belum lewat/],
  [() => checkLeaving({ field: "send_at", at: NOW + 400 * DAY_MS, got: "then" }, NOW), /setahun/],
  [() => readBlastRecipient({ phone: "0812", name: 7 }, 2), /Penerima ke-3: name/],
  [() => refusedRows(2), /2 penerima/],
  [() => refusedRows(1), /Penerima ke-1: phone/],
];

function refusedRows(count: number): void {
  const rows = new RefusedRows();
  for (let n = 0; n < count; n++) rows.add(thrown(() => readBlastRecipient(null, n)));
  rows.refuse();
}

function thrown(act: () => unknown): InvalidError {
  try {
    act();
  } catch (error) {
    if (error instanceof InvalidError) return error;
    throw error;
  }
  throw new Error(`It was taken: ${act}`);
}

Deno.test("refused values are named in the reader's language, with what was given", () => {
  for (const [act, expected] of REFUSED) {
    const error = thrown(act);
    const says = invalidSays(error, "id");

    assert(error.why !== undefined, `${error.message} has no kind`);
    assert(expected.test(says), `${says} does not say ${expected}`);
    assertEquals(invalidSays(error, "en"), error.message);
  }
});

Deno.test("refusals without words of their own keep the gateway's, marked as what they are", () => {
  const unknown = new InvalidError("x", "Field `x` is odd");

  assertEquals(invalidSays(unknown, "id"), "Isian ini tidak bisa dipakai: Field `x` is odd");
  assertEquals(refusalSays(new RefusedError("NO_QR", "No QR"), "id"), "Tidak ada kode QR sekarang.");
  assertEquals(
    refusalSays(new DeviceOfflineError("d", "pairing"), "id"),
    "Perangkat ini menunggu ponsel menautkannya.",
  );
  assertEquals(refusalSays(new BusyError("Busy", 5), "id"), "Sedang terlalu sibuk. Coba lagi dalam 5 detik.");
  assertStringIncludes(refusalSays(new ConflictError("Cannot pause"), "id") ?? "", "sudah berubah");
  assertEquals(refusalSays(new Error("odd"), "id"), undefined);
  assertEquals(refusalSays(new Error("odd"), "en"), "odd");
});

Deno.test("dashboard's forms in Indonesian say in Indonesian what is wrong", async () => {
  await using gateway = await runGateway({ whatsapp: true });
  const { id } = await gateway.pair();
  const waiting = await gateway.device({ alias: "gudang" });
  const visitor = await signedIn(gateway);
  visitor.cookies.set("kabar_lang", "id");
  await visitor.get("/ui/devices");

  const webhook = await visitor.post("/ui/webhooks", {
    url: "ftp://x.example",
    format: "device",
    types: "message.received",
  });
  const code = await visitor.post(`/ui/devices/${waiting}/code`, { phone: "12<b>ab" });
  const chat = await visitor.get(`/ui/chats?device=${id}&chat=12ab`);
  const { location } = await visitor.post("/ui/blasts/drafts", {
    list: "phone\n12ab\n",
    text: "Halo",
    devices: [id],
  });
  const check = await visitor.get(location ?? "");
  const csv = await visitor.get(`${location}/problems.csv`);

  const blast = { list: "phone\n+628000000142\n", text: "Halo", devices: [id] };
  const far = await visitor.post("/ui/blasts/drafts", { ...blast, at: "2126-01-01T08:00" });
  const draft = (await visitor.post("/ui/blasts/drafts", { ...blast, at: "" })).location;
  const sent = (await visitor.post(`${draft}/send`, { must: "1" })).location;
  await visitor.post(`${sent}/cancel`, { must: "batalkan" });
  const conflict = await visitor.post(`${sent}/resume`, {});

  assertEquals([far.status, conflict.status], [422, 409]);
  assertStringIncludes(far.html, "Paling jauh setahun lagi.");
  assertStringIncludes(conflict.html, "Keadaannya sudah berubah");
  assertEquals([webhook.status, code.status, chat.status, check.status], [422, 422, 422, 200]);
  assertStringIncludes(webhook.html, "URL harus diawali http:// atau https://, bukan ftp:");
  assertStringIncludes(code.html, "&quot;12&lt;b&gt;ab&quot; bukan nomor telepon");
  assertStringIncludes(chat.html, "&quot;12ab&quot; bukan nomor telepon");
  for (const { html } of [check, csv]) assertStringIncludes(html, "bukan nomor telepon");
  for (const { html } of [webhook, code, chat, check, csv]) {
    assertNotMatch(html, /it takes a phone|Cannot use|must start with/);
  }
});
