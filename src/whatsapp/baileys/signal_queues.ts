import { AsyncLocalStorage } from "node:async_hooks";
import { SessionBuilder, SessionCipher } from "libsignal";
import { createInTurn, type InTurn } from "../../async/keyed_lock.ts";

type Work<T> = () => Promise<T>;

/** What libsignal's ciphers and builders have in common: the keys of one session of ours, and a contact's device. */
interface SignalWorker {
  readonly storage: object;
  readonly addr: { toString(): string };
}

interface Queueing extends SignalWorker {
  queueJob<T>(work: Work<T>): Promise<T>;
}

interface Building extends SignalWorker {
  initOutgoing(bundle: unknown): Promise<void>;
}

const CHANGED = "Cannot give Signal sessions queues of their own: libsignal works otherwise by now";

/** One queue for each contact's device, for each session: a session is known by its key storage. */
const queues = new WeakMap<object, InTurn>();
let installed = false;

function queueOf({ storage }: SignalWorker): InTurn {
  const known = queues.get(storage);
  if (known !== undefined) return known;
  const made = createInTurn();
  queues.set(storage, made);
  return made;
}

/**
 * Gives each session queues of its own. libsignal keeps one map of queues for the whole process, by the contact's
 * address alone: devices that hear the same person share a queue, and whoever finds it idle runs the work of all of
 * them in its own async context. Baileys' transactions live in that context, so such work would write its keys outside
 * of its transaction, before the message that they belong to. Once per process.
 * @see libsignal src/queue_job.js, src/session_cipher.js `queueJob`, src/session_builder.js `initOutgoing`
 */
export function separateSignalQueues(): void {
  if (installed) return;
  installed = true;
  const cipher: unknown = SessionCipher.prototype;
  const builder: unknown = SessionBuilder.prototype;
  if (!isQueueing(cipher) || !isBuilding(builder)) throw new TypeError(CHANGED);
  const { initOutgoing } = builder;

  cipher.queueJob = function (work) {
    return queueOf(this)(this.addr.toString(), work);
  };
  builder.initOutgoing = function (bundle) {
    // it enters the queue of the process by itself: only its storage can be kept in the caller's context
    const storage = inContext(this.storage);
    const own: Building = Object.assign(Object.create(Object.getPrototypeOf(this)), this, { storage });
    return queueOf(this)(this.addr.toString(), () => initOutgoing.call(own, bundle));
  };
}

/** The same storage, used from the async context of here and now, whoever calls it. */
function inContext(storage: object): object {
  const here = AsyncLocalStorage.snapshot();
  return new Proxy(storage, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== "function") return value;
      return (...args: unknown[]) => here(() => Reflect.apply(value, target, args));
    },
  });
}

function isQueueing(value: unknown): value is Queueing {
  return typeof value === "object" && value !== null && "queueJob" in value &&
    typeof value.queueJob === "function";
}

function isBuilding(value: unknown): value is Building {
  return typeof value === "object" && value !== null && "initOutgoing" in value &&
    typeof value.initOutgoing === "function";
}
