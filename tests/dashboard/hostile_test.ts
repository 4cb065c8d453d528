import { assert, assertEquals, assertMatch, assertNotMatch } from "@std/assert";
import { KEY, runGateway } from "../support/gateway.ts";
import { until } from "../support/until.ts";
import { aVisitor, signedIn } from "../support/ui.ts";

const STRANGER = "6281100009001";
/** Markup, and attributes that htmx would follow; a name of a file has to stay one. */
const HOSTILE = `"><img src=x onerror=alert(1)><b hx-get="/ui/hit" hx-trigger="load">Zeta</b>`;

/** Elements without an end. */
const VOID = /^(?:area|base|br|col|embed|hr|img|input|link|meta|source|track|wbr)$/;

/** What of a stranger's text is markup on a page, or text outside a box in which `hx-` attributes mean nothing. */
function leaksIn(html: string): readonly string[] {
  const leaks = html.match(/<img src=x|<b hx-|\shx-get="|onerror=alert\(1\)>/g) ?? [];
  const stack: { readonly name: string; readonly isBoxed: boolean }[] = [];
  const unboxed: string[] = [];
  for (const [token, end, name, attributes] of html.matchAll(/<(\/?)([a-z][\w-]*)([^>]*)>|[^<]+/g)) {
    if (name === undefined) {
      const isBoxed = stack.some(({ name, isBoxed }) => isBoxed || name === "title");
      if (/&lt;b hx-get/.test(token) && !isBoxed) {
        unboxed.push(`${stack.at(-1)?.name}: ${token.slice(0, 80)}`);
      }
    } else if (end === "/") {
      const at = stack.findLastIndex((open) => open.name === name);
      if (at >= 0) stack.length = at;
    } else if (!VOID.test(name) && !attributes.endsWith("/")) {
      stack.push({ name, isBoxed: /\bhx-ignore\b/.test(attributes) });
    }
  }
  return [...leaks, ...unboxed];
}

Deno.test("a page's leaks are found: markup, and text outside a box", () => {
  assertEquals(leaksIn('<p><bdi hx-ignore="true">&lt;b hx-get=1</bdi> x</p>'), []);
  assertEquals(leaksIn("<p>&lt;b hx-get=1</p>").length, 1);
  assertEquals(leaksIn('<p hx-ignore><b hx-get="/x">x</b></p>').length, 1);
});

Deno.test("dashboard keeps a browser's hostile name, where sessions are listed, a text", async () => {
  await using gateway = await runGateway();
  const visitor = aVisitor(gateway);
  await visitor.post("/ui/sign-in", { key: KEY }, {
    "Sec-Fetch-Site": "same-origin",
    "User-Agent": HOSTILE,
  });

  const { html } = await visitor.get("/ui/settings");

  assertMatch(html, /&lt;img src=x/);
  assertEquals(leaksIn(html), []);
});

Deno.test("dashboard keeps strangers' names, files, polls, contacts and places texts, on every page that shows them", async () => {
  await using gateway = await runGateway({ whatsapp: true });
  const { id, phone } = await gateway.pair();
  const stranger = gateway.simulator.contact(STRANGER, HOSTILE);
  await stranger.sendText(phone, HOSTILE);
  await stranger.sendMedia(phone, "document", new TextEncoder().encode("<script>alert(1)</script>"), {
    mimetype: "text/html",
    fileName: `${HOSTILE}.html`,
    caption: HOSTILE,
  });
  await stranger.send(phone, {
    pollCreationMessage: {
      name: HOSTILE,
      options: [{ optionName: HOSTILE }, { optionName: "x" }],
      selectableOptionsCount: 1,
    },
  });
  await stranger.send(phone, {
    contactMessage: { displayName: HOSTILE, vcard: `BEGIN:VCARD\nVERSION:3.0\nFN:${HOSTILE}\nEND:VCARD` },
  });
  await stranger.send(phone, {
    locationMessage: { degreesLatitude: 1, degreesLongitude: 2, name: HOSTILE, address: HOSTILE },
  });
  const visitor = await signedIn(gateway);
  const events = await until(async () => {
    const { body } = await gateway.api("GET", "/v1/events?types=message.received");
    return body.data.events.length >= 5 ? body.data.events : undefined;
  }, "all messages");
  const chat = `/ui/chats?device=${id}&chat=${STRANGER}`;
  const messages = [...(await visitor.get(chat)).html.matchAll(/id="message-([^"]+)"/g)].map(([, one]) =>
    one
  );
  assertEquals(messages.length, 5);

  const paths = [
    "/ui",
    "/ui/events",
    `/ui/find?q=${STRANGER}`,
    `${chat}&q=Zeta`,
    ...messages.flatMap((one) => [`${chat}&message=${one}`, `${chat}&message=${one}&reply=${one}`]),
    ...events.map(({ event_id }: { event_id: string }) => `/ui/events/${event_id}`),
  ];
  let shown = 0;
  for (const path of paths) {
    for (const lang of ["en", "id"]) {
      const { html, status } = await visitor.get(`${path}${path.includes("?") ? "&" : "?"}lang=${lang}`);
      assertEquals(status, 200, path);
      assertEquals(leaksIn(html), [], path);
      if (/&lt;b hx-get/.test(html)) shown++;
    }
  }
  assert(shown > 20, `only ${shown} pages showed a stranger's text`);
});

Deno.test("dashboard keeps the cells, headers and name of a hostile list texts, and writes no formula of them", async () => {
  await using gateway = await runGateway({
    whatsapp: true,
    settings: { BLAST_MIN_GAP_SECONDS: "0", BLAST_MAX_GAP_SECONDS: "0" },
  });
  const { id } = await gateway.pair();
  gateway.simulator.contact(STRANGER, "x");
  const visitor = await signedIn(gateway);
  const cell = `"${HOSTILE.replaceAll('"', '""')}"`;
  const list = `phone,name,${cell}\n` +
    `${cell},=cmd|' /C calc'!A0,1\n+${STRANGER},"x;=1+1",2\n+${STRANGER},+1+1,2\n,@SUM(A1),2\n`;

  const { location } = await visitor.send("/ui/blasts/drafts", {
    file: new File([list], `${HOSTILE}.csv`, { type: "text/csv" }),
    list: "",
    text: `Halo {{name}} ${HOSTILE}`,
    devices: id,
  });
  const check = await visitor.get(location ?? "");
  assertMatch(check.html, /&lt;b hx-get/);
  assertEquals(leaksIn(check.html), []);
  const problems = await visitor.get(`${location}/problems.csv`);
  const { location: blast } = await visitor.post(`${location}/send`, { must: "1" });
  assertEquals(leaksIn((await visitor.get(blast ?? "")).html), []);
  const results = await visitor.get(`${blast}/results.csv`);

  for (const { html, headers } of [problems, results]) {
    assertMatch(headers.get("Content-Disposition") ?? "", /^attachment; filename="[\w.-]+"/);
    // no cell begins as a formula, whether commas or semicolons part them
    assertNotMatch(html, /(?:^|[,;\n]"?)[=@+\-](?=[^,\n])/);
  }
  assertMatch(results.html, /"x;'=1\+1"/);
  assertMatch(problems.html, /'=cmd/);
});
