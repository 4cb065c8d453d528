// Preloaded by a gateway of the soak: ends its workers at random, in each way that a worker can end.

/** A worker lives at least so long, and at most that long. */
const LIVES_MS = { least: 8_000, most: 45_000 };

const ENDS: Readonly<Record<string, (worker: Worker) => void>> = {
  "worker terminated": (worker) => worker.terminate(),
  "worker failed": (worker) => {
    worker.dispatchEvent(new ErrorEvent("error", { message: "doomed by the soak", cancelable: true }));
  },
  // nothing gets to it any more, nor from it: to the main thread it hangs, and its sessions are still connected
  "worker gone silent": (worker) => {
    worker.onmessage = null;
    worker.postMessage = () => {};
  },
};

globalThis.Worker = class extends Worker {
  constructor(...args: ConstructorParameters<typeof Worker>) {
    super(...args);
    setTimeout(() => {
      const names = Object.keys(ENDS);
      const what = names[Math.floor(Math.random() * names.length)];
      console.log(`doomed: ${what}`);
      ENDS[what](this);
    }, LIVES_MS.least + Math.random() * (LIVES_MS.most - LIVES_MS.least));
  }
};
