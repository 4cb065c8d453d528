import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import type { EventDraft } from "../../src/events/event.ts";
import type { DeviceId, TenantId } from "../../src/ids.ts";
import { aText } from "../support/events.ts";
import { API_KEY, setUpHttp, type TestHttp } from "../support/http.ts";
import { createManualClock } from "../support/manual_clock.ts";
import { until } from "../support/until.ts";

const TENANT = "tenant_default";

function aMessage(text: string, device: DeviceId = "device_1", tenantId: TenantId = TENANT): EventDraft {
  return { type: "message.received", tenantId, device: { id: device, alias: null }, data: aText(text) };
}

function aConnection(): EventDraft {
  return {
    type: "device.connected",
    tenantId: TENANT,
    device: { id: "device_1", alias: null },
    data: { phoneNumber: "628123", jid: "628123@s.whatsapp.net" },
  };
}

async function texts(http: TestHttp, ...words: readonly string[]): Promise<void> {
  for (const word of words) await http.publish(aMessage(word));
}

interface Pulled {
  readonly seq: number;
  readonly event: string;
  readonly data: { readonly text?: string };
}

async function pull(http: TestHttp, query = "") {
  const answer = await http.ask("GET", `/v1/events?${query}`);
  assertEquals(answer.status, 200, answer.text);
  const events = answer.at("data.events") as readonly Pulled[];
  return {
    texts: events.map(({ data }) => data.text),
    names: events.map(({ event }) => event),
    seqs: events.map(({ seq }) => seq),
    next: answer.at("data.next") as number,
    more: answer.at("data.more") as boolean,
    answer,
  };
}

Deno.test("events are pulled in the shape of webhooks, with their number", async () => {
  await using http = await setUpHttp();
  const event = await http.publish(aMessage("Halo"));

  const { answer } = await pull(http);

  const first = answer.at("data.events.0") as Record<string, unknown>;
  assertEquals(Object.keys(first), [
    "event",
    "event_id",
    "tenant_id",
    "device_id",
    "timestamp",
    "data",
    "seq",
  ]);
  assertEquals([first.event, first.event_id, first.seq], ["message.received", event.id, event.tenantSeq]);
  assertEquals(answer.at("data.events.0.data.text"), "Halo");
});

Deno.test("events are pulled in another format, named and chosen as in that format", async () => {
  await using http = await setUpHttp();
  const event = await http.publish(aMessage("Halo"));
  await http.publish(aConnection());

  const { answer, names } = await pull(http, "format=session&types=message");
  const unknown = await http.ask("GET", "/v1/events?format=session&types=message.received");
  const noFormat = await http.ask("GET", "/v1/events?format=xml");

  const first = answer.at("data.events.0") as Record<string, unknown>;
  assertEquals(names, ["message"]);
  assertEquals(Object.keys(first), ["sessionId", "event", "data", "seq", "event_id"]);
  assertEquals([first.event_id, first.seq], [event.id, event.tenantSeq]);
  assertEquals([unknown.status, noFormat.status], [400, 400]);
});

Deno.test("events are pulled from the oldest on, page by page", async () => {
  await using http = await setUpHttp();
  await texts(http, "a", "b", "c");

  const first = await pull(http, "limit=2");
  const second = await pull(http, `limit=2&after=${first.next}`);
  const third = await pull(http, `limit=2&after=${second.next}`);

  assertEquals([first.texts, first.more], [["a", "b"], true]);
  assertEquals([second.texts, second.more], [["c"], false]);
  assertEquals([third.texts, third.next], [[], second.next]);
});

Deno.test("events are pulled from now on after the latest", async () => {
  await using http = await setUpHttp();
  await texts(http, "old");

  const now = await pull(http, "after=latest");
  await texts(http, "new");
  const later = await pull(http, `after=${now.next}`);

  assertEquals([now.texts, later.texts], [[], ["new"]]);
});

Deno.test("events are pulled by type, and the cursor passes the others", async () => {
  await using http = await setUpHttp();
  await texts(http, "a");
  const connected = await http.publish(aConnection());
  await texts(http, "b");

  const devices = await pull(http, "types=device.*");
  const both = await pull(http, "types=device.connected, message.received");

  assertEquals([devices.names, devices.seqs], [["device.connected"], [connected.tenantSeq]]);
  assertEquals(devices.next, connected.tenantSeq + 1);
  assertEquals(both.names.length, 3);
});

Deno.test("events are pulled by device, also by its alias", async () => {
  await using http = await setUpHttp();
  await http.addDevice("device_1");
  await http.addDevice("device_2", { alias: "shop" });
  await http.publish(aMessage("one", "device_1"));
  await http.publish(aMessage("two", "device_2"));

  const byId = await pull(http, "devices=device_1");
  const byAlias = await pull(http, "devices=shop");
  const both = await pull(http, "devices=shop,device_1");

  assertEquals([byId.texts, byAlias.texts, both.texts], [["one"], ["two"], ["one", "two"]]);
});

Deno.test("events of another tenant are not seen", async () => {
  await using http = await setUpHttp();
  await texts(http, "ours");
  const { key, id } = await http.anotherTenant();
  await http.publish(aMessage("theirs", "device_9", id));

  const answer = await http.ask("GET", "/v1/events", { key });

  assertEquals(answer.at("data.events.0.data.text"), "theirs");
  assertEquals(answer.at("data.events.1"), undefined);
});

for (
  const [query, status, words] of [
    ["after=-1", 400, "`after` must be"],
    ["after=first", 400, "`after` must be"],
    ["after=99", 400, "the newest event is 1"],
    ["limit=0", 400, "`limit`"],
    ["limit=501", 400, "from 1 to 500"],
    ["wait=61", 400, "from 0 to 60"],
    ["types=message.recieved", 400, "message.received"],
    ["types=", 400, "nothing"],
    ["since=5", 400, "did you mean `after`?"],
    ["devices=device_x", 404, "device_x"],
  ] as const
) {
  Deno.test(`events are not pulled by ${query}`, async () => {
    await using http = await setUpHttp();
    await texts(http, "a");

    const answer = await http.ask("GET", `/v1/events?${query}`);

    assertEquals(answer.status, status, answer.text);
    assertStringIncludes(String(answer.at("error.message")), words);
  });
}

Deno.test("events that are not kept any more are 410, with where to go on", async () => {
  let now = 1_000;
  await using http = await setUpHttp({ now: () => now });
  await texts(http, "a", "b");
  now = 2_000;
  await texts(http, "c");
  await http.store.events.prune(1_500, 10);

  const tooOld = await http.ask("GET", "/v1/events?after=1");
  const justKept = await pull(http, "after=2");
  const fromOldest = await pull(http);

  assertEquals([tooOld.status, tooOld.at("error.code")], [410, "CURSOR_TOO_OLD"]);
  assertEquals(tooOld.at("error.details"), { oldest: 3, newest: 3 });
  assertEquals([justKept.texts, fromOldest.texts], [["c"], ["c"]]);
});

Deno.test("events that are all gone leave a cursor to go on from", async () => {
  let now = 1_000;
  await using http = await setUpHttp({ now: () => now });
  await texts(http, "a", "b");
  now = 2_000;
  await http.store.events.prune(1_500, 10);

  const tooOld = await http.ask("GET", "/v1/events?after=1");
  const empty = await pull(http, "after=2");
  await texts(http, "c");
  const next = await pull(http, `after=${empty.next}`);

  assertEquals(tooOld.status, 410);
  assertEquals([empty.texts, next.texts], [[], ["c"]]);
});

Deno.test("events wake who waits for them", async () => {
  await using http = await setUpHttp({ clock: createManualClock() }); // the wait does not end by itself
  const waiting = pull(http, "wait=30");
  await until(() => http.listening(TENANT) === 1, "it waits");

  await texts(http, "a");
  const pulled = await waiting;

  assertEquals(pulled.texts, ["a"]);
  assertEquals(http.listening(TENANT), 0);
});

Deno.test("events that are not wanted do not end a wait", async () => {
  await using http = await setUpHttp();
  const waiting = pull(http, "wait=30&types=device.connected");
  await until(() => http.listening(TENANT) === 1, "it holds");

  await texts(http, "a", "b");
  await http.publish(aConnection());
  const pulled = await waiting;

  assertEquals([pulled.names, pulled.seqs], [["device.connected"], [3]]);
});

Deno.test("events are waited for no longer than asked", async () => {
  await using http = await setUpHttp();

  const pulled = await pull(http, "wait=1");

  assertEquals([pulled.texts, pulled.more], [[], false]);
  assertEquals(http.listening(TENANT), 0);
});

Deno.test("events are not waited for when the gateway stops", async () => {
  await using http = await setUpHttp();
  const waiting = pull(http, "wait=60");
  await until(() => http.listening(TENANT) === 1, "it holds");

  http.stopping.abort();
  const pulled = await waiting;

  assertEquals(pulled.texts, []);
});

Deno.test("events are waited for by at most 100 requests of a tenant", async () => {
  await using http = await setUpHttp();
  const waiting = Array.from({ length: 100 }, () => pull(http, "wait=60"));
  await until(() => http.listening(TENANT) === 100, "it holds");

  const oneMore = await http.ask("GET", "/v1/events?wait=60");
  const atOnce = await http.ask("GET", "/v1/events");
  http.stopping.abort();
  await Promise.all(waiting);

  assertEquals([oneMore.status, oneMore.at("error.code"), atOnce.status], [429, "RATE_LIMIT_EXCEEDED", 200]);
});

Deno.test("events of a device are listed newest first", async () => {
  let now = 1_703_145_600_500;
  await using http = await setUpHttp({ now: () => now });
  await http.addDevice("device_1");
  await http.publish(aMessage("first"));
  now += 1_000;
  await http.publish(aConnection());
  await http.publish(aMessage("second"));
  await http.publish(aMessage("elsewhere", "device_2"));

  const listed = async (query: string) => {
    const answer = await http.ask("GET", `/v1/devices/device_1/events?${query}`);
    const events = answer.at("data.events") as readonly Pulled[];
    assertEquals(answer.at("data.count"), events.length);
    return events.map(({ event, data }) => data.text ?? event);
  };

  assertEquals(await listed(""), ["second", "device.connected", "first"]);
  assertEquals(await listed("limit=1"), ["second"]);
  assertEquals(await listed("type=device.connected"), ["device.connected"]);
  assertEquals(await listed("since=1703145600"), ["second", "device.connected"]);
  assertEquals(await listed("since=1703145601"), []);
});

Deno.test("events of another tenant's device are 404", async () => {
  await using http = await setUpHttp();
  await http.addDevice("device_1");
  const { key } = await http.anotherTenant();

  const answer = await http.ask("GET", "/v1/devices/device_1/events", { key });

  assertEquals([answer.status, answer.at("error.code")], [404, "NOT_FOUND"]);
});

for (const path of ["/v1/events?wait=60", "/v1/events/stream"]) {
  Deno.test(`events are not waited for by HEAD ${path}`, async () => {
    await using http = await setUpHttp();

    const answer = await http.ask("HEAD", path);

    assertEquals([answer.status, answer.text, http.listening(TENANT)], [200, "", 0]);
  });
}

/** Reads a stream frame by frame. */
async function openStream(http: TestHttp, query = "", headers: Record<string, string> = {}) {
  const response = await http.app.request(`/v1/events/stream?${query}`, {
    headers: { Authorization: `Bearer ${API_KEY}`, ...headers },
  });
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  const frame = async (): Promise<string | undefined> => {
    while (!text.includes("\n\n")) {
      const { done, value } = await reader.read();
      if (done) return undefined;
      text += value;
    }
    const end = text.indexOf("\n\n");
    const read = text.slice(0, end);
    text = text.slice(end + 2);
    return read;
  };
  return { response, frame, close: () => reader.cancel() };
}

Deno.test("stream sends events as they happen", async () => {
  await using http = await setUpHttp();
  await texts(http, "before");
  const stream = await openStream(http);

  const start = await stream.frame();
  await texts(http, "after");
  const frame = await stream.frame();
  await stream.close();

  assertEquals(stream.response.headers.get("Content-Type"), "text/event-stream; charset=utf-8");
  assertEquals(start, "retry: 3000");
  const [id, event, data] = frame!.split("\n");
  assertEquals([id, event], ["id: 2", "event: message.received"]);
  const { data: message, seq } = JSON.parse(data.slice("data: ".length));
  assertEquals([message.text, seq], ["after", 2]);
  await until(() => http.listening(TENANT) === 0, "it holds");
});

Deno.test("stream goes on after the last event that was seen", async () => {
  await using http = await setUpHttp();
  await texts(http, "a", "b", "c");

  const stream = await openStream(http, "after=0", { "Last-Event-ID": "1" });
  await stream.frame();
  const frames = [await stream.frame(), await stream.frame()];
  await stream.close();

  assertEquals(frames.map((frame) => frame?.split("\n")[0]), ["id: 2", "id: 3"]);
});

Deno.test("stream shows that it is there, and moves the cursor past what was not wanted", async () => {
  await using http = await setUpHttp({ heartbeatMs: 50 });
  await texts(http, "a", "b");

  const stream = await openStream(http, "after=0&types=device.*");
  await stream.frame();
  const beat = await stream.frame();
  await stream.close();

  assertEquals(beat, ": still here\nid: 2");
});

Deno.test("stream reads no more of the log than its client takes", async () => {
  await using http = await setUpHttp();
  for (let i = 0; i < 350; i++) await http.publish(aMessage(`${i}`));
  let listed = 0;
  const list = http.store.events.list;
  Object.assign(http.store.events, {
    list: (filter: Parameters<typeof list>[0]) => (listed++, list(filter)),
  });

  const readAll = async () => {
    const other = await openStream(http, "after=0");
    for (let i = 0; i <= 350; i++) await other.frame();
    await other.close();
  };
  await readAll();
  const pages = listed;

  const stream = await openStream(http, "after=0");
  await readAll(); // another one has read it all meanwhile
  const listedUnread = listed - 2 * pages;
  for (let i = 0; i <= 350; i++) await stream.frame();
  await stream.close();

  assert(listedUnread <= 2, `${listedUnread} pages were read for a client that took nothing`);
  assert(pages >= 4 && listed >= 3 * pages, `${listed}`);
});

Deno.test("stream ends when its tenant is suspended", async () => {
  await using http = await setUpHttp();
  const { id, key } = await http.anotherTenant();
  const stream = await openStream(http, "", { Authorization: `Bearer ${key}` });
  await stream.frame();
  await until(() => http.listening(id) === 1, "it holds");

  await http.tenancy.suspend(id);
  await http.publish(aMessage("secret", "device_1", id));
  const frame = await stream.frame();

  assertEquals([frame, http.listening(id)], [undefined, 0]);
});

Deno.test("stream ends when the gateway stops", async () => {
  await using http = await setUpHttp();
  const stream = await openStream(http);
  await stream.frame();
  await until(() => http.listening(TENANT) === 1, "it holds");

  http.stopping.abort();
  const frame = await stream.frame();

  assertEquals([frame, http.listening(TENANT)], [undefined, 0]);
});

for (
  const [what, query, headers, status] of [
    ["a wrong Last-Event-ID", "", { "Last-Event-ID": "abc" }, 400],
    ["an event that never was", "", { "Last-Event-ID": "77" }, 400],
    ["an unknown type", "types=x", {}, 400],
    ["an unknown device", "devices=x", {}, 404],
  ] as const
) {
  Deno.test(`stream is refused for ${what}`, async () => {
    await using http = await setUpHttp();

    const answer = await http.ask("GET", `/v1/events/stream?${query}`, { headers });

    assertEquals(answer.status, status, answer.text);
    assertEquals(http.listening(TENANT), 0);
  });
}

for (const [what, path] of [["a long poll", "/v1/events?wait=60"], ["a stream", "/v1/events/stream"]]) {
  Deno.test(`events are not waited for any longer when the client of ${what} goes away`, async () => {
    await using http = await setUpHttp();
    const serving = new AbortController();
    const server = Deno.serve(
      { port: 0, signal: serving.signal, onListen: () => {} },
      (request, info) => http.app.fetch(request, { remoteAddr: { hostname: "127.0.0.1" }, info }),
    );
    const client = new AbortController();
    const asking = fetch(`http://127.0.0.1:${server.addr.port}${path}`, {
      headers: { Authorization: `Bearer ${API_KEY}` },
      signal: client.signal,
    }).then((response) => response.text());
    await until(() => http.listening(TENANT) === 1, "it holds");

    client.abort();
    await assertRejects(() => asking);
    await until(() => http.listening(TENANT) === 0, "it holds");

    serving.abort();
    await server.finished;
  });
}

Deno.test("stream and poll of a rotated key end and tell nothing of what comes after", async () => {
  await using http = await setUpHttp();
  const { id, key } = await http.anotherTenant();
  const stream = await http.app.request("/v1/events/stream", { headers: { "X-API-Key": key } });
  const poll = await http.app.request("/v1/events?after=latest&wait=30", { headers: { "X-API-Key": key } });
  await until(() => http.listening(id) === 2, "it holds");

  const renewed = await http.tenancy.rotateKey(id);
  await http.publish(aMessage("secret", "device_1", id));

  assertEquals((await stream.text()).includes("secret"), false);
  assertEquals((await poll.json()).data.events, []);
  assertEquals(http.listening(id), 0);
  const again = await http.ask("GET", "/v1/events", { key: renewed });
  assertEquals(again.at("data.events.0.data.text"), "secret");
});

Deno.test("stream of a removed tenant ends", async () => {
  await using http = await setUpHttp();
  const { id, key } = await http.anotherTenant();
  const stream = await http.app.request("/v1/events/stream", { headers: { "X-API-Key": key } });
  await until(() => http.listening(id) === 1, "it holds");

  await http.tenancy.remove(id);

  await stream.text();
  assertEquals(http.listening(id), 0);
});
