import { assertEquals } from "@std/assert";
import { DEFAULT_TENANT } from "../../../src/ids.ts";
import { type HistoryRequest, newHistoryRequest } from "../../../src/store/history_requests.ts";
import type { Store } from "../../../src/store/store.ts";
import { type Open, testing } from "./contract.ts";
import { aDevice, T0 } from "./samples.ts";

const CHAT = "628000000142@s.whatsapp.net";

export function historyRequestsContract(name: string, open: Open): void {
  const test = testing(`${name} history requests`, open);

  async function aStoredDevice({ devices }: Store): Promise<string> {
    const device = aDevice();
    await devices.create(device);
    return device.id;
  }

  const aRequest = (deviceId: string, change: Partial<HistoryRequest> = {}): HistoryRequest => ({
    ...newHistoryRequest(
      { tenantId: DEFAULT_TENANT, deviceId, chat: CHAT, chats: [CHAT], before: T0, count: null, since: 5 },
      T0,
    ),
    ...change,
  });

  test("gives back what was asked", async ({ historyRequests, ...store }) => {
    const request = aRequest(await aStoredDevice(store as Store));

    assertEquals(await historyRequests.create(request), request);

    assertEquals(await historyRequests.get(request.deviceId, request.id), request);
    assertEquals(await historyRequests.get("device_other", request.id), undefined);
  });

  test("takes the same question once while it is under way", async ({ historyRequests, ...store }) => {
    const deviceId = await aStoredDevice(store as Store);
    const first = await historyRequests.create(aRequest(deviceId));

    assertEquals((await historyRequests.create(aRequest(deviceId))).id, first.id);
    const other = await historyRequests.create(aRequest(deviceId, { since: 6 }));
    await historyRequests.update(first.id, { status: "done", finishedAt: T0 + 1 }, T0 + 1);
    const again = await historyRequests.create(aRequest(deviceId));

    assertEquals(new Set([first.id, other.id, again.id]).size, 3);
    assertEquals((await historyRequests.open(deviceId)).map(({ id }) => id), [other.id, again.id]);
    assertEquals((await historyRequests.list(deviceId, 2)).map(({ id }) => id), [again.id, other.id]);
  });

  test("notes how far a request has come, and finds it by what WhatsApp was asked", async ({ historyRequests, ...store }) => {
    const { id, deviceId } = await historyRequests.create(aRequest(await aStoredDevice(store as Store)));

    await historyRequests.update(id, { askedId: "3EB0ASK", anchor: "3EB0OLD", pages: 2 }, T0 + 9);

    const found = await historyRequests.byAskedId(deviceId, "3EB0ASK");
    assertEquals([found?.id, found?.anchor, found?.pages, found?.updatedAt], [id, "3EB0OLD", 2, T0 + 9]);
    await historyRequests.update(id, { askedId: null, error: "why" }, T0 + 10);
    assertEquals(await historyRequests.byAskedId(deviceId, "3EB0ASK"), undefined);
    assertEquals((await historyRequests.get(deviceId, id))?.error, "why");
  });

  test("is cancelled while it is under way or silent, and stays so", async ({ historyRequests, ...store }) => {
    const deviceId = await aStoredDevice(store as Store);
    const open = await historyRequests.create(aRequest(deviceId));
    const silent = await historyRequests.create(aRequest(deviceId, { since: 6 }));
    const done = await historyRequests.create(aRequest(deviceId, { since: 7 }));
    await historyRequests.update(open.id, { askedId: "3EB0ASK", pages: 1 }, T0 + 1);
    await historyRequests.update(silent.id, { status: "silent", finishedAt: T0 + 1 }, T0 + 1);
    await historyRequests.update(done.id, { status: "done", finishedAt: T0 + 1 }, T0 + 1);

    const cancel = (id: string, of = deviceId) => historyRequests.cancel(of, id, T0 + 2);
    assertEquals(await cancel(open.id, "device_other"), false);
    assertEquals(await Promise.all([open, silent, done].map(({ id }) => cancel(id))), [true, true, false]);
    await historyRequests.update(open.id, { status: "answering", finishedAt: null }, T0 + 3); // a late answer

    const found = await historyRequests.get(deviceId, open.id);
    assertEquals([found?.status, found?.finishedAt, found?.askedId, found?.pages], [
      "cancelled",
      T0 + 2,
      null,
      1,
    ]);
    assertEquals((await historyRequests.get(deviceId, done.id))?.status, "done");
    assertEquals([await cancel(open.id), (await historyRequests.open(deviceId)).length], [false, 0]);
  });

  test("goes with its device, and by its age", async ({ historyRequests, ...store }) => {
    const deviceId = await aStoredDevice(store as Store);
    const old = await historyRequests.create(aRequest(deviceId, { createdAt: 1 }));
    const young = await historyRequests.create(aRequest(deviceId, { since: 6 }));

    assertEquals(await historyRequests.prune(T0, 9), 1);
    assertEquals(await historyRequests.get(deviceId, old.id), undefined);
    await (store as Store).devices.remove(deviceId);

    assertEquals(await historyRequests.get(deviceId, young.id), undefined);
  });
}
