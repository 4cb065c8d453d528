import { assert, assertEquals, assertRejects } from "@std/assert";
import { logAsWorker, spawnSessionWorker } from "../../../src/app/spawn_session_worker.ts";
import { systemClock } from "../../../src/async/clock.ts";
import type { SessionsDeps } from "../../../src/whatsapp/baileys/session.ts";
import { newWaMessageId } from "../../../src/whatsapp/message_id.ts";
import { NOT_CONNECTED } from "../../../src/whatsapp/send_errors.ts";
import type { Session } from "../../../src/whatsapp/session.ts";
import type { Thread } from "../../../src/whatsapp/workers/worker_host.ts";
import { createWorkerSessions } from "../../../src/whatsapp/workers/worker_sessions.ts";
import { keptStore } from "../../support/kept_store.ts";
import { logOf } from "../../../src/log.ts";
import { aNumber, Reports, withWorld } from "../../support/sessions.ts";
import { until } from "../../support/until.ts";

/** Workers that were started, newest last. */
let threads: Thread[] = [];

/** @param beatMs A worker that is busy, or still loads its program on a busy machine, is not to be taken for dead. */
const inWorkers =
  (most: number, beatMs = 5_000) => ({ credentials, inbox, history, settings, log }: SessionsDeps) => {
    threads = [];
    return createWorkerSessions({
      most,
      spawn() {
        const thread = spawnSessionWorker();
        threads.push(thread);
        return thread;
      },
      start: { settings, level: "warning" },
      credentials,
      inbox,
      history,
      log,
      logged: logAsWorker,
      clock: systemClock,
      beatMs,
    });
  };

const text = (session: Session, to: string) => (body: string) =>
  session.send(
    { waMessageId: newWaMessageId(), to: `${to}@s.whatsapp.net`, content: { kind: "text", text: body } },
    { timeoutMs: 60_000 },
  );

withWorld("sessions in workers receive, send, ask and log out as any others", async ({ simulator, link }) => {
  const anna = simulator.contact(aNumber(), "Anna");
  const { session, reports, phone } = await link();

  await anna.sendText(phone, "kabar?");
  const { content, from } = await reports.data("message.received");
  const outcome = await text(session, anna.number)("baik");
  const found = await session.onWhatsApp([anna.number, "6281100009999"]);
  const refusal = await session.rejectCall("nobody").catch((error) => error);
  await session.logout();
  await reports.until(() => reports.ends.some(({ reason }) => reason === "logout"), "logout");

  assertEquals([content, from.pushName], [{ kind: "text", text: "kabar?" }, "Anna"]);
  assertEquals(outcome.ok, true);
  assertEquals(anna.inbox.map(({ message }) => message.extendedTextMessage?.text ?? message.conversation), [
    "baik",
  ]);
  assertEquals([...found.values()].map((jid) => jid !== null), [true, false]);
  assertEquals([refusal.name, refusal.code], ["WhatsAppRefusal", 404]);
  assertEquals(threads.length, 1);
}, { makeSessions: inWorkers(2) });

withWorld("worker that is killed amid messages is missed, and nothing is lost", async (world) => {
  const { simulator, sessions, inbox } = world;
  const anna = simulator.contact(aNumber(), "Anna");
  const { session, reports, phone } = await world.link();
  for (let n = 0; n < 10; n++) await anna.sendText(phone, `before ${n}`);
  await reports.data("message.received", 10);

  threads[0].terminate(); // from outside: nobody tells of it
  for (let n = 0; n < 10; n++) await anna.sendText(phone, `after ${n}`);
  const unsent = await text(session, anna.number)("on its way");
  await reports.logged("ended connection_lost");
  const again = new Reports();
  await sessions.open("device_1", again);
  await again.logged("connected");
  const texts = () =>
    new Set(
      [...reports.of("message.received"), ...again.of("message.received")].map(({ data: { content } }) =>
        content.kind === "text" ? content.text : ""
      ),
    );
  await until(() => texts().size === 20, "all texts");

  assertEquals([reports.ends.at(-1)?.reason, reports.ends.at(-1)?.final], ["connection_lost", false]);
  assertEquals(unsent, NOT_CONNECTED);
  await until(() => inbox.rows.size === 20, "every text to be kept"); // it may be told before
  assert(threads.length > 1);
}, { makeSessions: inWorkers(1, 600) });

withWorld("session whose worker dies does not disturb those of another", async (world) => {
  const anna = world.simulator.contact(aNumber(), "Anna");
  const linked = [];
  for (let n = 0; n < 6; n++) linked.push(await world.link(`device_${n}`));
  assertEquals(threads.length, 2); // five to the first
  const last = linked[5];

  threads[0].onerror?.(new ErrorEvent("error", { message: "something broke", cancelable: true }));
  await linked[0].reports.logged("ended connection_lost");
  await anna.sendText(last.phone, "still there?");
  await last.reports.data("message.received");

  assertEquals(last.reports.ends, []);
  assert(linked.slice(0, 5).every(({ reports }) => reports.ends.at(-1)?.reason === "connection_lost"));
}, { makeSessions: inWorkers(2) });

/** Sessions in a thread that is none of ours. */
function inThread(thread: Thread) {
  const { credentials, inbox, history } = keptStore();
  const spawned: Thread[] = [];
  const sessions = createWorkerSessions({
    most: 1,
    spawn() {
      spawned.push(thread);
      return thread;
    },
    start: { settings: {}, level: "warning" },
    credentials,
    inbox,
    history,
    log: logOf("whatsapp"),
    logged: logAsWorker,
    clock: systemClock,
    beatMs: 5,
  });
  return { sessions, spawned };
}

Deno.test("worker that hangs and never answers is given up, and another one is started", async () => {
  // far longer than it is waited for, and not for ever: a thread that is ended before its loop begins may still run it
  const hanging =
    "data:text/javascript,onmessage = () => { const end = performance.now() %2B 10000; while (performance.now() < end); }";
  const { sessions, spawned } = inThread(new Worker(hanging, { type: "module" }));

  const first = await assertRejects(() => sessions.open("device_1", new Reports()), Error);
  await assertRejects(() => sessions.open("device_1", new Reports()), Error);

  assert(first.message.includes("connects again"), first.message);
  assertEquals(spawned.length, 2);
});

Deno.test("worker that floods memory is replaced", async () => {
  let terminated = 0;
  const thread: Thread = {
    postMessage: () => {},
    terminate: () => terminated++,
    onmessage: null,
    onerror: null,
  };
  const { sessions } = inThread(thread);
  const opening = assertRejects(() => sessions.open("device_1", new Reports()), Error);

  const beat = { is: "tell", to: "worker", method: "beat", args: [2 ** 31] };
  thread.onmessage?.(new MessageEvent("message", { data: [beat] }));
  await opening;

  assertEquals(terminated, 1);
});
