import type { Clock } from "../../async/clock.ts";
import type { WASocket } from "@whiskeysockets/baileys";
import { messageOf } from "../../errors.ts";
import { PairingRefusedError } from "../pairing_refused.ts";
import { type BinaryNode, childOf } from "./stanza.ts";

const ANSWERED = "CB:iq,,link_code_companion_reg";
const REFUSED = "CB:iq,type:error";

/**
 * Asks for an 8-character code to type into the phone, and waits until WhatsApp has taken the request: Baileys returns
 * the code before it knows.
 * @param phone Digits, with the country code.
 * @throws {PairingRefusedError}
 */
export async function requestPairingCode(
  socket: WASocket,
  phone: string,
  timeoutMs: number,
  clock: Pick<Clock, "after">,
): Promise<string> {
  const { ws } = socket;
  let stop = () => {};
  const answered = new Promise<void>((resolve, reject) => {
    const refused = (stanza: BinaryNode) => {
      const { code, text } = childOf(stanza, "error")?.attrs ?? {};
      reject(
        new PairingRefusedError(`WhatsApp refused a pairing code for ${phone}: ${text ?? "error"} (${code})`),
      );
    };
    const silent = () =>
      reject(new PairingRefusedError(`WhatsApp gave no pairing code within ${timeoutMs / 1000} s`));
    const timer = clock.after(timeoutMs, silent);
    const lost = () =>
      reject(new PairingRefusedError("The connection was lost while asking for a pairing code"));
    ws.on(ANSWERED, resolve);
    ws.on(REFUSED, refused);
    ws.on("close", lost);
    stop = () => {
      timer.cancel();
      ws.off(ANSWERED, resolve);
      ws.off(REFUSED, refused);
      ws.off("close", lost);
    };
  });
  try {
    const [code] = await Promise.all([socket.requestPairingCode(phone), answered]);
    return code;
  } catch (error) {
    if (error instanceof PairingRefusedError) throw error;
    throw new PairingRefusedError(`Cannot get a pairing code for ${phone}: ${messageOf(error)}`);
  } finally {
    stop();
  }
}
