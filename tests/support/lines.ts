// Lines that come and go as a test says, in the place of real sessions.
import { NotFoundError } from "../../src/errors.ts";
import type { Lines, Qr } from "../../src/devices/devices.ts";
import type { DeviceChange, Devices } from "../../src/store/devices.ts";

/** Does what is asked by writing it into the store, as the real ones do. */
export class FakeLines implements Lines {
  readonly calls: string[] = [];
  shown: Qr | undefined;
  readonly #devices: Devices;

  constructor(devices: Devices) {
    this.#devices = devices;
  }

  start(id: string): Promise<void> {
    return this.#do("start", id, { wanted: true, status: "connecting" });
  }

  stop(id: string): Promise<void> {
    return this.#do("stop", id, { wanted: false, status: "disconnected" });
  }

  restart(id: string): Promise<void> {
    return this.#do("restart", id, { wanted: true, status: "connecting" });
  }

  logout(id: string): Promise<void> {
    return this.#do("logout", id, { wanted: false, status: "needs_pairing", phoneNumber: null });
  }

  async remove(id: string): Promise<void> {
    this.calls.push(`remove ${id}`);
    if (!await this.#devices.remove(id)) throw new NotFoundError("device", id);
  }

  qr(): Promise<Qr | undefined> {
    return Promise.resolve(undefined);
  }

  waitForQr(): Promise<Qr | undefined> {
    return Promise.resolve(this.shown);
  }

  pairingCode(id: string, phone: string): Promise<string> {
    this.calls.push(`pairingCode ${id} ${phone}`);
    return Promise.resolve("ABCD1234");
  }

  async #do(verb: string, id: string, change: DeviceChange): Promise<void> {
    this.calls.push(`${verb} ${id}`);
    await this.#devices.update(id, change, 2);
  }
}
