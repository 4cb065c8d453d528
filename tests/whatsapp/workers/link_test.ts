import { assert, assertEquals, assertInstanceOf, assertRejects } from "@std/assert";
import { NotFoundError, StoreUnavailableError } from "../../../src/errors.ts";
import { WhatsAppRefusal } from "../../../src/whatsapp/actions.ts";
import { createLink, type Link, MOST_BYTES, type Parcel } from "../../../src/whatsapp/workers/link.ts";

type Serve = (to: string, method: string, args: readonly unknown[]) => unknown;

/** Two ends that copy what they pass, as threads do. */
function ends(serve: Serve) {
  const parcels: Parcel[] = [];
  const copied = (to: () => Link) => (parcel: Parcel) => {
    const copy: Parcel = structuredClone(parcel);
    parcels.push(copy);
    setImmediate(() => to().take(copy));
  };
  const near: Link = createLink({ post: copied(() => far), serve: () => undefined });
  const far: Link = createLink({ post: copied(() => near), serve });
  return { near, far, parcels };
}

Deno.test("link asks and answers, and passes the calls of one turn together, in their order", async () => {
  const served: unknown[] = [];
  const { near, parcels } = ends((...call) => {
    served.push(call);
    return Promise.resolve(new Map([["answer", call[2][0]]]));
  });

  near.tell("store", "note", [1]);
  const answers = await Promise.all([
    near.ask("store", "get", [2]),
    near.ask("store", "get", [Uint8Array.of(3)]),
  ]);

  assertEquals(served, [["store", "note", [1]], ["store", "get", [2]], ["store", "get", [Uint8Array.of(3)]]]);
  assertEquals(answers, [new Map([["answer", 2]]), new Map([["answer", Uint8Array.of(3)]])]);
  assertEquals(parcels[0].length, 3);
});

Deno.test("link keeps what callers know errors by", async () => {
  const errors: Record<string, Error> = {
    gone: new NotFoundError("device", "device_1"),
    full: new StoreUnavailableError("Cannot write: the disk is full"),
    refused: new WhatsAppRefusal("WhatsApp refused it", 403),
    any: new SyntaxError("odd"),
  };
  const { near } = ends((_, method) => Promise.reject(errors[method]));
  const failure = (method: string): Promise<Error & Record<string, unknown>> =>
    near.ask("store", method, []).then(() => assert(false), (error) => error) as Promise<
      Error & Record<string, unknown>
    >;

  const [gone, full, refused, any] = [
    await failure("gone"),
    await failure("full"),
    await failure("refused"),
    await failure("any"),
  ];

  assertInstanceOf(gone, NotFoundError);
  assertEquals([gone.what, gone.id, gone.message, gone.name], [
    "device",
    "device_1",
    errors.gone.message,
    "NotFoundError",
  ]);
  assertInstanceOf(full, StoreUnavailableError);
  assertInstanceOf(refused, WhatsAppRefusal);
  assertEquals([refused.code, refused.message], [403, "WhatsApp refused it"]);
  assertEquals([any.constructor, any.message], [Error, "odd"]);
});

Deno.test("link refuses what is too large, and goes on", async () => {
  const { near } = ends(() => "served");

  const error = await assertRejects(
    () => near.ask("inbox", "journal", [{ payload: new Uint8Array(MOST_BYTES + 1) }]),
    RangeError,
  );

  assert(error.message.includes(String(MOST_BYTES)), error.message);
  assertEquals(await near.ask("inbox", "journal", [{ payload: new Uint8Array(8) }]), "served");
});

Deno.test("link fails alone what cannot be copied, a question as well as an answer", async () => {
  const { near } = ends((_, method) => method === "function" ? () => {} : "served");

  const answers = await Promise.allSettled([
    near.ask("a", "plain", []),
    near.ask("a", "plain", [() => {}]),
    near.ask("a", "function", []),
    near.ask("a", "plain", []),
  ]);

  assertEquals(answers.map(({ status }) => status), ["fulfilled", "rejected", "rejected", "fulfilled"]);
});

Deno.test("link fails what waits for a thread that is no more, and what is asked of it since", async () => {
  const { near } = ends(() => new Promise(() => {}));
  const waiting = near.ask("a", "never", []);

  near.close(new Error("it has ended"));

  await assertRejects(() => waiting, Error, "it has ended");
  await assertRejects(() => near.ask("a", "more", []), Error, "it has ended");
});

Deno.test("link knows when everything that was asked for is done", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const asked = Promise.withResolvers<void>();
  const { near, far } = ends(() => {
    asked.resolve();
    return promise;
  });
  void near.ask("a", "slow", []);
  await asked.promise;
  let isServed = false;
  const served = far.served().then(() => isServed = true);
  await Promise.resolve();

  const before = isServed;
  resolve();
  await served;

  assertEquals([before, isServed], [false, true]);
});
